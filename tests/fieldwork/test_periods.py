"""When an institution opens and closes: all rules agree, also where clocks change within the grace period."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import pytest

from survey_engine.cli.support.open_institutions import describe_open
from survey_engine.fieldwork.invitations.reminders import find_closed_and_early
from survey_engine.fieldwork.participation_errors import ClosedError
from survey_engine.fieldwork.periods import Period
from survey_engine.operations.maintenance import find_closing_time, find_closing_times
from tests.web.conftest import House, write_short

MOMENT = timedelta(seconds=30)
"""Longer than a check takes: the clock of the site goes on meanwhile."""
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


CHANGES = pytest.mark.parametrize(
    ("closes", "midnight", "end", "clock"),
    [
        pytest.param("2026-03-28", at("2026-03-28 23:00"), at("2026-03-29 02:00"), "2026-03-29 04:00", id="spring"),
        pytest.param("2026-10-24", at("2026-10-24 22:00"), at("2026-10-25 01:00"), "2026-10-25 02:00", id="autumn"),
        pytest.param("2026-06-10", at("2026-06-10 22:00"), at("2026-06-11 01:00"), "2026-06-11 03:00", id="summer"),
    ],
)
"""A last day in Amsterdam, with the midnight after it and the end of three hours of grace, in UTC and on the clock there."""


def may_answer(house: House, now: datetime, *, under_way: bool) -> bool:
    house.site.participation.clock = (now, monotonic())
    try:
        house.site.participation.check_open("short", house.questionnaire().institutions["demo"], under_way=under_way)
    except ClosedError:
        return False
    return True


@CHANGES
def test_all_rules_close_at_the_same_moment_when_clocks_change(tmp_path, closes, midnight, end, clock):
    write_short(tmp_path / "q", "short", f"closes: {closes}")
    with closing(House(tmp_path, SURVEY_GRACE_MINUTES="180")) as house:
        questionnaire, settings, participation = house.questionnaire(), house.settings, house.site.participation
        institution = questionnaire.institutions["demo"]
        for now in (midnight - MOMENT, midnight, end - MOMENT, end):
            begins, goes_on = may_answer(house, now, under_way=False), may_answer(house, now, under_way=True)
            assert (begins, goes_on) == (now < midnight, now < end)
            assert ("demo" in find_closed_and_early(questionnaire, now, settings.timezone)[0]) is not begins
            assert bool(describe_open(questionnaire, "demo", settings, now)) is goes_on
            shown = participation.find_grace_end("short", institution)
            assert (shown and shown.astimezone(UTC)) == (end if goes_on and not begins else None)
        ends = find_closing_times(questionnaire, settings)["demo"], find_closing_time(questionnaire, settings)
        assert [each and each.astimezone(UTC) for each in ends] == [end, end]
        assert describe_open(questionnaire, "demo", settings, midnight).endswith(f"until {clock}.")


def test_all_rules_open_at_midnight_at_the_institution(tmp_path):
    write_short(tmp_path / "q", "short", "opens: 2026-03-29")
    (tmp_path / "q" / "short" / "demo.yaml").open("a").write("timezone: America/Kralendijk\n")
    midnight = at("2026-03-29 04:00")
    with closing(House(tmp_path)) as house:
        questionnaire = house.questionnaire()
        early = find_closed_and_early(questionnaire, midnight - MOMENT, house.settings.timezone)[1]
        assert early == {"demo": date(2026, 3, 29)}
        assert find_closed_and_early(questionnaire, midnight, house.settings.timezone) == (set(), {})
        assert not may_answer(house, midnight - MOMENT, under_way=True)
        assert may_answer(house, midnight, under_way=False)


@pytest.mark.parametrize(
    ("period", "now", "state"),
    [
        (Period(None, None, AMSTERDAM), at("2026-01-01 00:00"), "open"),
        (Period(date(2026, 3, 1), None, AMSTERDAM), at("2026-02-28 22:59"), "early"),
        (Period(date(2026, 3, 1), date(2026, 3, 1), AMSTERDAM), at("2026-02-28 23:00"), "open"),
        (Period(None, date(2026, 3, 1), AMSTERDAM), at("2026-03-01 23:00"), "closed"),
        (Period(None, date(2026, 3, 1), AMSTERDAM, timedelta(days=7)), at("2026-03-08 22:59"), "grace"),
        (Period(None, date(2026, 3, 1), AMSTERDAM, timedelta(days=7)), at("2026-03-08 23:00"), "closed"),
    ],
)
def test_a_period_has_one_of_four_states(period, now, state):
    assert period.find_state(now) == period.find_state(now.astimezone(AMSTERDAM)) == state
