"""`survey-engine retention`: a closed questionnaire loses what it no longer needs, others keep all, and a certificate says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from survey_engine.fieldwork.invitations.links import find_by_link, give_links
from survey_engine.settings import SettingsError, read_settings
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat
from tests.cli.test_erase import SECRET, answer, make_desk
from tests.cli.test_maintain import close
from tests.command import Desk

DETAILS = {"name": ["Sanne de Wit"], "email": ["student-40231@example.org"]}
ROWS = {
    "details": ("identity", "SELECT count(*) FROM seat WHERE details IS NOT NULL AND questionnaire = 'example'"),
    "addresses": ("identity", "SELECT count(*) FROM seat_address"),
    "seats": ("identity", "SELECT count(*) FROM seat WHERE questionnaire = 'example'"),
    "pseudonyms": ("answers", "SELECT count(*) FROM response WHERE pseudonym IS NOT NULL"),
    "pages": ("answers", "SELECT count(*) FROM page"),
    "others": ("identity", "SELECT count(*) FROM seat WHERE questionnaire = 'other' AND details IS NOT NULL"),
}


@pytest.fixture
def desk(tmp_path, monkeypatch, database_url, identity_url) -> Desk:
    return make_desk(tmp_path, monkeypatch, database_url, identity_url)


@pytest.fixture
def both(desk: Desk) -> Iterator[tuple[Database, Database]]:
    """Both stores, with a response by a personal link, and a person of another questionnaire."""
    with (
        closing(Database(desk.settings.database_url, "answers")) as answers,
        closing(Database(desk.settings.identity_url, "identity")) as identity,
    ):
        for code in ("example", "other"):
            seat = Seat(code, "north", details=DETAILS, login_hash=f"1{code}", address_hashes=(f"2{code}",))
            (token,) = give_links(identity, desk.contact_keys, [seat])
            if code == "example":
                answer(desk, (answers, identity), find_by_link(identity, token))
        yield answers, identity


def count(both: tuple[Database, Database]) -> dict[str, int]:
    found = {}
    for name, (store, statement) in ROWS.items():
        with both[store == "identity"].read() as connection:
            found[name] = connection.exec_driver_sql(statement).scalar_one()
    return found


ALL = {"details": 1, "addresses": 2, "seats": 1, "pseudonyms": 1, "pages": 1, "others": 1}
AFTER = {
    "contacts": {"details": 0, "addresses": 1},
    "links": {"details": 0, "addresses": 1, "seats": 0, "pseudonyms": 0},
    "answers": {"pseudonyms": 0, "pages": 0},
}


@pytest.mark.parametrize("kind", AFTER)
def test_a_closed_questionnaire_loses_this_kind_and_nothing_else(desk, both, kind):
    assert count(both) == ALL
    close(desk)
    result = desk.run("retention", "example", "--delete", kind, "--yes")

    assert result.exit_code == 0 and f"example: {kind} of 1 deleted on" in result.output
    assert count(both) == ALL | AFTER[kind]
    (certificate,) = map(json.loads, (desk.folder / "data" / "deletions.jsonl").read_text().splitlines())
    assert (certificate["questionnaire"], certificate["kind"], certificate["count"]) == ("example", kind, 1)
    assert certificate["closed"] < certificate["deleted"] and "backups" in certificate["remains"]


@pytest.mark.parametrize(
    ("kind", "effect"),
    [
        ("contacts", "excluded persons count in `roster response` again"),
        ("links", "Nobody can join the responses"),
        ("answers", ""),
    ],
)
def test_what_a_deletion_changes_is_asked_told_and_certified(desk, both, kind, effect):
    close(desk)
    assert effect in desk.run("retention", "example", "--delete", kind).output
    assert effect in desk.run("retention", "example", "--delete", kind, "--yes").output
    (certificate,) = map(json.loads, (desk.folder / "data" / "deletions.jsonl").read_text().splitlines())
    assert effect in certificate["effect"] and bool(effect) == bool(certificate["effect"])


@pytest.mark.parametrize("kind", AFTER)
def test_an_open_questionnaire_keeps_everything(desk, both, kind):
    result = desk.run("retention", "example", "--delete", kind, "--yes")

    assert result.exit_code == 1 and "never closes: set `closes` in its file" in result.output
    assert count(both) == ALL and not (desk.folder / "data" / "deletions.jsonl").exists()


def test_without_a_certificate_nothing_is_deleted(desk, both):
    close(desk)
    (desk.folder / "data" / "deletions.jsonl").mkdir()
    assert desk.run("retention", "example", "--delete", "answers", "--yes").exit_code != 0
    assert count(both) == ALL


def test_the_bytes_of_deleted_data_are_in_no_file(desk, both):
    close(desk)
    for kind in AFTER:
        desk.run("retention", "example", "--delete", kind, "--yes")
    if both[0].is_sqlite:
        assert SECRET.encode() not in b"".join(path.read_bytes() for path in (desk.folder / "data").glob("*.db*"))
    assert desk.run("retention").stdout.splitlines() == [
        "other            contacts           1  no closing date    kept until `--delete`",
        "other            links              1  no closing date    kept until `--delete`",
    ]


def test_the_job_deletes_only_the_kinds_whose_days_are_over(desk, both):
    close(desk)
    assert "0 kinds of data" in desk.run("maintain").output
    desk.set(SURVEY_KEEP_DAYS="contacts=90, links=36500")
    assert "deleted after 2020-05-0" in desk.run("retention").output

    assert "1 kinds of data" in desk.run("maintain").output
    assert count(both) == ALL | AFTER["contacts"]
    assert "0 kinds of data" in desk.run("maintain").output


def test_a_link_works_without_contacts_and_not_without_its_seat(desk, both):
    (token,) = give_links(both[1], desk.contact_keys, [Seat("example", "north", details=DETAILS)])
    close(desk)
    desk.run("retention", "example", "--delete", "contacts", "--yes")
    assert find_by_link(both[1], token)
    desk.run("retention", "example", "--delete", "links", "--yes")
    assert find_by_link(both[1], token) is None


@pytest.mark.parametrize("days", ["90", "contacts=soon", "names=90", "contacts"])
def test_days_that_cannot_be_read_are_refused_with_an_example(tmp_path, days):
    with pytest.raises(SettingsError, match="contacts=90,links=365,answers=1095"):
        read_settings({"SURVEY_KEEP_DAYS": days}, tmp_path)
