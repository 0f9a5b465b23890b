"""Tests mirror the packages of `survey_engine`; what crosses them lies in attacks, browser, faults, load and bench."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
"""The checkout."""
SHIPPED = ROOT / "questionnaires"
"""The questionnaires that come with the engine."""
