"""The service of participation: begin, save, conflicts, complete, and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from survey_engine.engine.decisions import PagePost
from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Respondent
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.participation import Participation, SaveResult
from survey_engine.fieldwork.participation_errors import (
    ClosedError,
    EarlyError,
    NotOfferedError,
    UnknownResponseError,
    WithdrawnError,
)
from survey_engine.fieldwork.signing import Ticket, make_withdrawn_name
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.registry import Registry, VersionUnavailableError
from survey_engine.publication.versions import publish
from survey_engine.settings import ROOT
from survey_engine.storage.answers import find_response
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import erase_by_pseudonym, set_names
from tests.databases import open_sqlite
from tests.writing import JOB_PAGES, change_head, write

FILES = {"main.yaml": JOB_PAGES, "north.yaml": "institution: north\nname: North\n"}
SEAT = "pseudonym of a seat"
TEXTS = ROOT / "translations"


class House:
    """The service on two stores with one published questionnaire."""

    def __init__(self, folder: Path, answers: Database, identity: Database) -> None:
        self.folder, self.answers, self.identity = folder, answers, identity
        self.publish()

    def publish(self, **head: str) -> None:
        write(self.folder, {"questionnaire.yaml": change_head({"questionnaire": "x", **head}), **FILES})
        publish(self.folder / "q" / "x", TEXTS, self.answers)
        self.service = self.open()

    def open(self) -> Participation:
        """The service of another process on the same stores."""
        registry = Registry(self.answers)
        registry.refresh()
        return Participation(
            registry=registry,
            answers=self.answers,
            identity=self.identity,
            pseudonym_key="p" * 32,
            contact_keys=ContactKeys(["k" * 32]),
            erasures=self.folder / "erasures.csv",
            abandoned_hours=24,
        )

    @property
    def current(self) -> Questionnaire:
        found = self.service.registry.find("x")
        assert found
        return found

    def begin(self) -> Response:
        return self.service.begin(self.current, Respondent("north", "en"), SEAT)[1]

    def stored(self, response: Response) -> Response:
        return self.service.resume("x", response.id)[1]

    def save(self, response: Response, page: str, form: dict[str, str], writer: str = "tab", **facts: Any) -> SaveResult:
        """Post a page by its code; `facts` are fields of the PagePost."""
        post = PagePost(MultiDict(form), writer, 0, **facts)
        slug = next(slug for slug, (_, placed) in self.current.placed_pages.items() if placed.code == page)
        return self.service.save("x", Ticket(response.id, slug, 0, writer, ""), lambda _: post)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with closing(open_sqlite(tmp_path / "answers.db")) as answers, closing(open_sqlite(tmp_path / "identity.db")) as identity:
        yield House(tmp_path, answers, identity)


def test_a_seat_resumes_its_response(house: House) -> None:
    first = house.begin()
    house.save(first, "job", {"has_job": "yes"})
    again = house.begin()
    slug = house.service.find_next_page(house.current, again)
    assert again.id == first.id and again.answers() == {"job": {"has_job": "yes"}}
    assert slug and house.current.placed_pages[slug][1].code == "hours"


def test_what_is_saved_is_stored_for_every_other_process(house: House) -> None:
    response = house.begin()
    saved = house.save(response, "job", {"has_job": "yes"})
    assert saved.decision and saved.decision.outcome == "next"
    assert house.open().resume("x", response.id)[1]._replace(saved=None) == saved.response


def test_a_page_that_another_tab_stored_meanwhile_is_stale_and_kept_out(house: House) -> None:
    response = house.begin()
    house.save(response, "job", {"has_job": "yes"})
    saved = house.save(response, "job", {"has_job": "no"}, "other tab")
    assert saved.decision and saved.decision.outcome == "stale"
    assert house.stored(response).answers() == {"job": {"has_job": "yes"}}


def test_the_last_page_completes_the_response_which_then_stays_as_it_is(house: House) -> None:
    response = house.begin()
    saved = house.save(response, "job", {"has_job": "no"})
    assert saved.decision and saved.decision.outcome == "complete"
    late = house.save(response, "job", {"has_job": "yes"})
    stored = house.stored(response)
    assert late.decision is None and stored.completed and stored.answers() == {"job": {"has_job": "no"}}
    assert house.service.find_next_page(house.current, stored) is None


def test_a_withdrawn_response_is_neither_shown_nor_saved(house: House) -> None:
    response = house.begin()
    set_names(house.answers, [make_withdrawn_name("p" * 32, SEAT)], withdrawn=True)
    with pytest.raises(WithdrawnError):
        house.service.resume("x", response.id)
    with pytest.raises(WithdrawnError):
        house.save(response, "job", {"has_job": "yes"})


def test_an_erased_response_is_unknown_and_not_begun_by_what_is_still_sent(house: House) -> None:
    response = house.begin()
    house.save(response, "job", {"has_job": "yes"})
    erase_by_pseudonym(house.answers, "x", SEAT, str)
    with pytest.raises(UnknownResponseError):
        house.save(response, "hours", {"hours": "3"})
    assert find_response(house.answers, "x", SEAT) is None


def test_a_response_is_not_found_under_another_questionnaire(house: House) -> None:
    response = house.begin()
    with pytest.raises(UnknownResponseError):
        house.service.resume("y", response.id)
    with pytest.raises(UnknownResponseError):
        house.service.save("y", Ticket(response.id, "job", 0, "tab", ""), lambda _: pytest.fail("read"))


def test_a_response_keeps_its_version_and_a_process_fetches_one_it_lacks(house: House) -> None:
    response = house.begin()
    house.publish(title="Another title")
    saved = house.save(response, "job", {"has_job": "yes"})
    assert saved.questionnaire.version == response.version != house.current.version


def test_a_response_whose_version_is_not_stored_decides_nothing(house: House) -> None:
    response = house.begin()
    with house.answers.write() as connection:
        connection.exec_driver_sql("UPDATE response SET version = 'gone'")
    with pytest.raises(VersionUnavailableError):
        house.service.resume("x", response.id)
    with pytest.raises(VersionUnavailableError):
        house.save(response, "job", {"has_job": "yes"})


def test_a_form_of_another_version_is_outdated_and_not_stored(house: House) -> None:
    response = house.begin()
    saved = house.save(response, "job", {"has_job": "yes"}, form_version="1-deadbeef")
    assert saved.outdated and house.stored(response).pages == {}


def test_a_language_that_is_not_offered_stores_nothing(house: House) -> None:
    response = house.begin()
    with pytest.raises(NotOfferedError):
        house.save(response, "job", {"has_job": "yes"}, language="nl")
    assert house.stored(response).pages == {}


@pytest.mark.parametrize(("dates", "error"), [({"opens": "2999-01-01"}, EarlyError), ({"closes": "2001-01-01"}, ClosedError)])
def test_nothing_is_saved_before_the_first_day_and_after_the_last(
    house: House, dates: dict[str, str], error: type[Exception]
) -> None:
    response = house.begin()
    house.publish(**dates)
    with pytest.raises(error):
        house.save(response, "job", {"has_job": "yes"})
    assert house.stored(response).pages == {}
