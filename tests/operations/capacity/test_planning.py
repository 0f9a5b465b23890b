"""Resources for a fieldwork computed from costs."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.operations.capacity.measuring import Costs, measure_costs
from survey_engine.operations.capacity.planning import Fieldwork, compute_demand, estimate_p95, plan_layouts
from survey_engine.settings import read_settings
from tests.bench.synthetic import write_questionnaire

COSTS = Costs(page=0.001, start=0.002, save=0.004, saves=6000, response=2000, seat=300)
PEAK = Fieldwork(respondents=1_000_000, days=40, peak_starts=600, saves=20, minutes=10, invited=800_000)


def test_the_peak_is_starts_times_saves():
    demand = compute_demand(PEAK, COSTS)
    assert demand.saves == 200
    assert demand.sessions == 6000
    assert demand.app_seconds == pytest.approx(0.22)


def test_mails_are_sent_in_groups():
    assert compute_demand(PEAK, COSTS).mails == 800_000 / 4 / 2


def test_disk_includes_answers_and_links_of_all_invited():
    assert compute_demand(replace(PEAK, invited=2_000_000), COSTS).disk == (1_000_000 * 2000 + 2_000_000 * 300) * 2.5
    assert compute_demand(PEAK, COSTS).disk == (1_000_000 * 2000 + 1_000_000 * 300) * 2.5


@given(rate=st.floats(0.1, 900), seconds=st.floats(0.0001, 0.001), servers=st.integers(1, 8))
def test_more_servers_never_increase_the_wait(rate, seconds, servers):
    assert estimate_p95(rate, seconds, servers + 1) <= estimate_p95(rate, seconds, servers) + 1e-12


@given(rate=st.floats(0.1, 900), more=st.floats(0.1, 500))
def test_a_higher_rate_never_decreases_the_wait(rate, more):
    assert estimate_p95(rate + more, 0.001, 1) >= estimate_p95(rate, 0.001, 1)


def test_a_load_above_capacity_waits_forever():
    assert estimate_p95(1000, 0.001, 1) == inf


def test_sqlite_is_rejected_if_its_writer_is_too_slow():
    slow = replace(COSTS, saves=300)
    remarks = [layout.remark for layout in plan_layouts(compute_demand(PEAK, slow), slow, 0.0005)]
    assert "use PostgreSQL" in remarks[0]
    assert "is fast enough" in next(layout.remark for layout in plan_layouts(compute_demand(PEAK, COSTS), COSTS, 0.0005))


def test_the_throughput_of_concurrent_saves_counts():
    """Single saves reach 250 per second here; the peak needs more."""
    first = next(plan_layouts(compute_demand(replace(PEAK, saves=80), COSTS), COSTS, 0.0005))
    assert "is fast enough" in first.remark and first.p95 < 0.05


@pytest.mark.slow
def test_costs_are_measured_on_this_machine(tmp_path):
    write_questionnaire(tmp_path / "questionnaires", "bench", 5)
    settings = read_settings({"SURVEY_QUESTIONNAIRES": str(tmp_path / "questionnaires")}, tmp_path / "data")
    costs = measure_costs(settings, "bench", times=20)
    assert 0 < costs.page < 1
    assert 0 < costs.save < 1
    assert 200 < costs.response < 20_000
    assert 100 < costs.seat < 1000
    assert 10 < costs.saves < 1_000_000
