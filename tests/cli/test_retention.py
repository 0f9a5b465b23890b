"""`survey-engine retention`: a closed questionnaire loses what it no longer needs, others keep all, and a certificate says so."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from survey_engine.cli.maintain import open_installation
from survey_engine.fieldwork.invitations.links import find_by_link, give_links
from survey_engine.operations.retention import DELETIONS, delete_due
from survey_engine.publication.versions import publish
from survey_engine.settings import SettingsError, read_settings
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat
from survey_engine.storage.lms import bind_seat, put_report
from tests.cli.test_backup import move_to_empty_stores, name_copies
from tests.cli.test_erase import SECRET, answer, make_desk
from tests.cli.test_maintain import close
from tests.command import Desk
from tests.databases import ON_BOTH

DETAILS = {"name": ["Sanne de Wit"], "email": ["student-40231@example.org"]}
ROWS = {
    "details": ("identity", "SELECT count(*) FROM seat WHERE details IS NOT NULL AND questionnaire = 'example'"),
    "addresses": ("identity", "SELECT count(*) FROM seat_address"),
    "seats": ("identity", "SELECT count(*) FROM seat WHERE questionnaire = 'example'"),
    "pseudonyms": ("answers", "SELECT count(*) FROM response WHERE pseudonym IS NOT NULL"),
    "pages": ("answers", "SELECT count(*) FROM page"),
    "others": ("identity", "SELECT count(*) FROM seat WHERE questionnaire = 'other' AND details IS NOT NULL"),
    "reports": ("identity", "SELECT count(*) FROM lms_report"),
    "launched": ("identity", "SELECT count(*) FROM lms_seat"),
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
            report = {"questionnaire": code, "subject": "student-40231", "seat": 1}
            put_report(identity, f"3{code}", desk.contact_keys.encrypt(json.dumps(report), 512))
            assert bind_seat(identity, f"4{code}", code, "p")
            if code == "example":
                answer(desk, (answers, identity), find_by_link(identity, token))
                set_started(answers, "2020-01-15 12:00:00")
        yield answers, identity


def set_started(answers: Database, time: str) -> None:
    with answers.write() as connection:
        connection.execute(text("UPDATE response SET started_at = :time"), {"time": datetime.fromisoformat(time)})


def list_certificates(desk: Desk) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (desk.folder / "data" / "deletions.jsonl").read_text().splitlines()]


def count(both: tuple[Database, Database]) -> dict[str, int]:
    found = {}
    for name, (store, statement) in ROWS.items():
        with both[store == "identity"].read() as connection:
            found[name] = connection.exec_driver_sql(statement).scalar_one()
    return found


ALL = {"details": 1, "addresses": 2, "seats": 1, "pseudonyms": 1, "pages": 1, "others": 1, "reports": 2, "launched": 2}
AFTER = {
    "contacts": {"details": 0, "addresses": 1, "reports": 1},
    "links": {"details": 0, "addresses": 1, "seats": 0, "pseudonyms": 0, "reports": 1, "launched": 1},
    "answers": {"pseudonyms": 0, "pages": 0},
}


@ON_BOTH
@pytest.mark.parametrize("kind", AFTER)
def test_a_closed_questionnaire_loses_this_kind_and_nothing_else(desk, both, kind):
    assert count(both) == ALL
    close(desk)
    result = desk.run("retention", "example", "--delete", kind, "--yes")

    assert result.exit_code == 0 and f"example: {kind} of 1 deleted on" in result.output
    assert count(both) == ALL | AFTER[kind]
    begun, certificate = list_certificates(desk)
    assert [begun["state"], certificate["state"]] == ["begun", "done"] and begun["count"] == 1
    assert (certificate["questionnaire"], certificate["kind"], certificate["count"]) == ("example", kind, 1)
    assert certificate["closed"] < certificate["deleted"] and "backups" in certificate["remains"]


@pytest.mark.parametrize(
    ("kind", "effect"),
    [
        ("contacts", "excluded persons count in `roster response` again"),
        ("links", "The responses can no longer be joined"),
        ("answers", ""),
    ],
)
def test_what_a_deletion_changes_is_asked_told_and_certified(desk, both, kind, effect):
    close(desk)
    assert effect in desk.run("retention", "example", "--delete", kind).output
    assert effect in desk.run("retention", "example", "--delete", kind, "--yes").output
    *_, certificate = map(json.loads, (desk.folder / "data" / "deletions.jsonl").read_text().splitlines())
    assert effect in certificate["effect"] and bool(effect) == bool(certificate["effect"])


@ON_BOTH
@pytest.mark.parametrize(("kind", "is_named"), [("contacts", False), ("links", True), ("answers", True)])
def test_the_certificate_names_what_keeps_withdrawn_links_closed(desk, both, kind, is_named):
    close(desk)
    with both[0].write() as connection:
        connection.execute(text("INSERT INTO withdrawn_response (name) VALUES ('0123456789abcdef')"))
    assert desk.run("retention", "example", "--delete", kind, "--yes").exit_code == 0
    assert ("hashes of withdrawn and replaced links" in list_certificates(desk)[-1]["remains"]) is is_named


@pytest.mark.parametrize("kind", AFTER)
def test_an_open_questionnaire_keeps_everything(desk, both, kind):
    result = desk.run("retention", "example", "--delete", kind, "--yes")

    assert result.exit_code == 1 and "never closes: set `closes` in its file" in result.output
    assert count(both) == ALL and not (desk.folder / "data" / "deletions.jsonl").exists()


@pytest.mark.parametrize("kind", AFTER)
def test_answers_after_the_closing_keep_everything(desk, both, kind):
    """The date of closing is wrong, such as 2020 for 2030."""
    close(desk)
    set_started(both[0], "2020-02-05 12:00:00")
    desk.set(SURVEY_KEEP_DAYS="contacts=1,links=1,answers=1")
    result = desk.run("retention", "example", "--delete", kind, "--yes")

    assert result.exit_code == 1 and "was answered on 2020-02-05. Correct `closes`." in result.output
    assert "0 kinds of data" in desk.run("maintain").output
    assert count(both) == ALL


@ON_BOTH
def test_the_days_begin_when_a_version_with_another_closing_is_served(desk, both):
    close(desk)
    store_version(both[0], desk)
    desk.set(SURVEY_KEEP_DAYS="contacts=90,links=90,answers=90")
    assert "0 kinds of data" in desk.run("maintain").output
    assert count(both) == ALL


def store_version(answers: Database, desk: Desk) -> None:
    publish(desk.settings.questionnaires / "example", None, answers)


def test_an_interrupted_deletion_has_left_its_certificate(desk, both, monkeypatch):
    close(desk)
    monkeypatch.setitem(DELETIONS, "answers", lambda *stores: sys.exit(9))
    desk.run("retention", "example", "--delete", "answers", "--yes")
    assert [(one["state"], one["count"]) for one in list_certificates(desk)] == [("begun", 1)]


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
        "other            contacts           1  no closing date         kept until `--delete`",
        "other            links              1  no closing date         kept until `--delete`",
    ]


def test_the_job_deletes_only_the_kinds_whose_days_are_over(desk, both):
    close(desk)
    assert "0 kinds of data" in desk.run("maintain").output
    desk.set(SURVEY_KEEP_DAYS="contacts=90, links=36500")
    assert "deleted after 2020-05-0" in desk.run("retention").output

    assert "1 kinds of data" in desk.run("maintain").output
    assert count(both) == ALL | AFTER["contacts"]
    assert "0 kinds of data" in desk.run("maintain").output


@ON_BOTH
def test_answers_wait_for_addresses_of_a_panel_and_stop_nothing_else(desk, both):
    close(desk)
    with both[0].write() as connection:
        connection.exec_driver_sql("INSERT INTO panel_waiting (name, panel, token, signup) VALUES ('a', 'example/panel', 'b', 1)")
    desk.set(SURVEY_KEEP_DAYS="contacts=90,answers=90")
    with open_installation(desk.settings) as installation:
        told = delete_due(installation)
    assert told.startswith("1 kinds of data") and "1 addresses wait for their panel" in told
    assert count(both) == ALL | AFTER["contacts"]


@ON_BOTH
@pytest.mark.parametrize("kind", ["contacts", "links", "answers"])
def test_a_deletion_that_a_restore_has_undone_is_reported(desk, both, kind, request):
    close(desk)
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    assert desk.run("retention", "example", "--delete", kind, "--yes").exit_code == 0
    remedy = f"survey-engine retention example --delete {kind}"
    assert remedy not in desk.run("doctor").output + desk.run("retention").output
    move_to_empty_stores(desk, request)
    assert remedy in desk.run("restore", *name_copies(desk)).output
    assert remedy in desk.run("doctor").output and remedy in desk.run("retention").output
    assert desk.run("retention", "example", "--delete", kind, "--yes").exit_code == 0
    assert remedy not in desk.run("doctor").output + desk.run("retention").output


@pytest.mark.parametrize(
    ("minutes", "end"), [(0, "2026-11-30 at 00:00"), (60, "2026-11-30 at 01:00"), (2880, "2026-12-02 at 00:00")]
)
def test_the_closing_is_the_end_of_the_grace_period(desk, both, minutes, end):
    desk.set(SURVEY_GRACE_MINUTES=minutes)
    path = desk.folder / "q" / "example" / "questionnaire.yaml"
    path.write_text(f"{path.read_text()}closes: 2026-11-29\n")
    assert f"closes on {end}" in desk.run("retention").output


def test_data_that_came_after_a_deletion_are_not_reported(desk, both):
    close(desk)
    assert desk.run("retention", "example", "--delete", "answers", "--yes").exit_code == 0
    (token,) = give_links(both[1], desk.contact_keys, [Seat("example", "north")])
    answer(desk, both, find_by_link(both[1], token))
    set_started(both[0], "2099-01-15 12:00:00")
    assert "--delete answers" not in desk.run("doctor").output


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
