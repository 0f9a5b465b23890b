"""The short form of every scenario: the engine reaches the goal, and the scenario finds the fault in a careless one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.scenarios import SCENARIOS
from tests.faults.stage import Scenario, Stage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    stage = Stage(full=False)
    yield stage
    stage.close()


@pytest.mark.parametrize("scenario", [scenario for scenario in SCENARIOS if scenario.short], ids=lambda scenario: scenario.name)
def test_nothing_acknowledged_is_lost_and_a_careless_engine_is_found_out(stage: Stage, scenario: Scenario) -> None:
    trial = scenario.run(stage)
    assert trial.held, trial.figures
    control = scenario.control(stage)
    assert not control.held, f"The scenario is blind: with an engine that {scenario.careless} it reports {control.figures}"
