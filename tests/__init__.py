"""Tests mirror the packages of `survey_engine`; what crosses them lies in attacks, browser, faults, load and bench."""

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
"""The checkout."""
SHIPPED = ROOT / "questionnaires"
"""The questionnaires that come with the engine."""
THOROUGH = "SURVEY_THOROUGH" in os.environ
"""Whether tests that draw examples by chance try several times as many, and those of pairs of kinds all combinations."""
