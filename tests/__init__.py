"""Tests mirror the packages of `survey_engine`. Tests of several packages are in attacks, browser, faults, load and bench."""

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
"""The checkout."""
SHIPPED = ROOT / "questionnaires"
"""The questionnaires that come with the engine."""
THOROUGH = "SURVEY_THOROUGH" in os.environ
"""Whether tests with random examples try several times as many, and tests of pairs of kinds try all combinations."""
