"""Every scenario of the harness, in the order of its table."""

from __future__ import annotations

from tests.faults.scenarios.clocks import CLOCKS
from tests.faults.scenarios.copies import COPIES
from tests.faults.scenarios.deploys import DEPLOYS
from tests.faults.scenarios.disks import DISKS
from tests.faults.scenarios.groups import GROUPS
from tests.faults.scenarios.kills import KILLS
from tests.faults.scenarios.lines import LINES
from tests.faults.scenarios.races import RACES
from tests.faults.scenarios.standbys import STANDBYS

SCENARIOS = [*KILLS, *DISKS, *LINES, *RACES, *CLOCKS, *DEPLOYS, *GROUPS, *COPIES, *STANDBYS]
