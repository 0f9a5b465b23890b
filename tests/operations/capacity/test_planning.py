"""What measured costs mean for a fieldwork."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.operations.capacity.measuring import Costs, measure_costs
from survey_engine.operations.capacity.planning import Fieldwork, expect_p95, find_demand, plan_layouts
from survey_engine.settings import read_settings
from tests.bench.synthetic import write_questionnaire

COSTS = Costs(page=0.001, start=0.002, save=0.0005, response=2000)
PEAK = Fieldwork(respondents=1_000_000, days=40, peak_starts=600, saves=20, minutes=10, invited=800_000)


def test_the_peak_is_starts_times_saves():
    demand = find_demand(PEAK, COSTS)
    assert demand.saves == 200
    assert demand.sessions == 6000
    assert demand.app_seconds == pytest.approx(0.22)


def test_mails_go_out_group_by_group():
    assert find_demand(PEAK, COSTS).mails == 800_000 / 4 / 2


def test_disk_grows_with_respondents():
    assert find_demand(PEAK, COSTS).disk == 1_000_000 * 2000 * 2.5


@given(rate=st.floats(0.1, 900), seconds=st.floats(0.0001, 0.001), servers=st.integers(1, 8))
def test_more_servers_never_make_anyone_wait_longer(rate, seconds, servers):
    assert expect_p95(rate, seconds, servers + 1) <= expect_p95(rate, seconds, servers) + 1e-12


@given(rate=st.floats(0.1, 900), more=st.floats(0.1, 500))
def test_a_higher_rate_never_makes_anyone_wait_less(rate, more):
    assert expect_p95(rate + more, 0.001, 1) >= expect_p95(rate, 0.001, 1)


def test_who_asks_for_more_than_there_is_waits_for_ever():
    assert expect_p95(1000, 0.001, 1) == inf


def test_sqlite_is_refused_where_one_writer_cannot_keep_up():
    slow = Costs(page=0.001, start=0.001, save=0.01, response=2000)
    remarks = [layout.remark for layout in plan_layouts(find_demand(PEAK, slow), slow, 0.0005)]
    assert "take PostgreSQL" in remarks[0]
    assert next(layout.remark for layout in plan_layouts(find_demand(PEAK, COSTS), COSTS, 0.0005)) == "one writer keeps up"


@pytest.mark.slow
def test_costs_are_measured_on_this_machine(tmp_path):
    write_questionnaire(tmp_path / "questionnaires", "bench", 5)
    settings = read_settings({"SURVEY_QUESTIONNAIRES": str(tmp_path / "questionnaires")}, tmp_path / "data")
    costs = measure_costs(settings, "bench", times=20)
    assert 0 < costs.page < 1
    assert 0 < costs.save < 1
    assert 200 < costs.response < 20_000
