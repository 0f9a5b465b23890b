"""Every scenario of the harness, in the order of its table."""

from __future__ import annotations

from tests.faults.scenarios.kills import KILLS

SCENARIOS = [*KILLS]
