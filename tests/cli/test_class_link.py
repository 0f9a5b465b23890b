"""`survey-engine class-link`: makes, repeats and withdraws the link of a teacher's page."""

from __future__ import annotations

import pytest

from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.signing import Signatures
from survey_engine.storage.database import Database
from survey_engine.storage.group_totals import map_groups
from survey_engine.storage.identity import Seat
from tests.command import Desk


@pytest.fixture
def school(desk: Desk) -> Desk:
    identity = Database(desk.settings.identity_url, "identity")
    seats = [Seat("example", "north", details={"labels": {"class": label}}) for label in ["3A"] * 10 + ["3B"] * 9 + ["3C"] * 2]
    give_links(identity, desk.contact_keys, seats)
    identity.close()
    return desk


def test_the_same_command_shows_the_same_link(school: Desk) -> None:
    first, again = (school.run("class-link", "example", "north", "--label", "class=3A") for _ in range(2))
    assert first.exit_code == 0, first.output
    assert first.stdout == again.stdout and first.stdout.startswith("https://survey.example.org/class/")
    token = first.stdout.splitlines()[0].rpartition("/")[2]
    link = Signatures(school.settings.secret_keys, 1).read_class_link(token)
    assert link == ("example", "north", "class", "3A")


def test_groups_that_are_too_small_or_unknown_get_no_link(school: Desk) -> None:
    for label, said in {
        "class=3C": "Too few persons",
        "class=3B": "Too few persons",
        "class=3Z": "Too few persons",
        "team=3A": "It has: class.",
        "class": "class=3B",
        "=3A": "class=3B",
    }.items():
        done = school.run("class-link", "example", "north", "--label", label)
        assert done.exit_code != 0 and said in done.output, label
    assert "There is no institution west" in school.run("class-link", "example", "west").output


def test_the_open_link_is_shown_on_a_page_of_its_own(school: Desk) -> None:
    listed, opened = school.run("class-link", "example", "north"), school.run("class-link", "example", "north", "--open")
    assert "--open" in listed.stderr and "they can answer again" in opened.stderr
    assert listed.stdout != opened.stdout and opened.stdout.startswith("https://survey.example.org/class/")
    both = school.run("class-link", "example", "north", "--open", "--label", "class=3A")
    assert both.exit_code == 2 and "no label" in both.output


def test_a_withdrawn_link_is_gone_and_counted_no_more(school: Desk) -> None:
    school.run("class-link", "example", "north")
    assert "Withdrawn" in school.run("class-link", "example", "north", "--withdraw").output
    assert school.run("class-link", "example", "north", "--withdraw").exit_code == 1
    identity = Database(school.settings.identity_url, "identity")
    assert map_groups(identity) == {}
    identity.close()


def test_maintain_counts_the_groups(school: Desk) -> None:
    school.run("class-link", "example", "north")
    assert "1 groups were counted." in school.run("maintain").output
