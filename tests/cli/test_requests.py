"""`survey-engine requests`: each request has its term, and late ones are named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from survey_engine.operations.doctor.contents import examine_requests
from tests.cli.test_erase import make_desk
from tests.command import Desk
from tests.databases import ON_BOTH


@pytest.fixture
def desk(tmp_path, monkeypatch, database_url, identity_url) -> Desk:
    return make_desk(tmp_path, monkeypatch, database_url, identity_url)


def ago(days: int) -> str:
    return str(datetime.now(UTC).date() - timedelta(days=days))


@ON_BOTH
def test_an_open_request_is_listed_with_its_term_until_it_is_answered(desk):
    added = desk.run("requests", "add", "example", "erasure", "--received", ago(3), "--reference", "2026-14")
    assert f"Request 1: erasure, example, to be answered by {ago(-25)}." in added.output
    assert f"answer by {ago(-25)}  2026-14" in desk.run("requests", "list").output

    assert "answered: erased" in desk.run("requests", "close", "1", "erased").output
    assert "No request is open." in desk.run("requests", "list").output
    assert f"answered {ago(0)}: erased" in desk.run("requests", "list", "--all").output
    assert desk.run("requests", "close", "1", "erased").exit_code == 1


@pytest.mark.parametrize(("days", "late"), [(28, False), (29, True)])
def test_a_request_is_late_after_four_weeks(desk, days, late):
    desk.run("requests", "add", "example", "access", "--received", ago(days))
    assert ("(late)" in desk.run("requests", "list").output) == late
    assert len(list(examine_requests(desk.settings))) == late


@pytest.mark.parametrize(
    "words",
    [
        ("add", "example", "erasure", "--reference", "jan@example.org"),
        ("add", "example", "erasure", "--received", ago(-1)),
        ("add", "example", "deletion"),
        ("add", "unknown", "erasure"),
        ("add", "example", "erasure", "--reference", "Jansen"),
        ("close", "7", "erased"),
        ("close", "1", "Jan"),
    ],
)
def test_what_cannot_be_recorded_is_refused(desk, words):
    assert desk.run("requests", *words).exit_code > 0
    assert "There are no requests." in desk.run("requests", "list", "--all").output
