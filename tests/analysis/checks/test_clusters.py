"""Items that share an indicator have one scale; indicators are spelled alike; `reverse` needs an order."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.clusters import check_clusters
from tests.analysis.checks.advice import advise
from tests.writing import write_questions

VIEWS = """\
- grid: views
  text: Do you agree?
  scale: agree
  items:
    calm: {text: It is calm., indicators: [%s]}
    near: {text: It is near., indicators: [%s]}
"""
FUN = "- choice: fun\n  text: How much fun?\n  options: {%s}\n  indicators: [%s]\n"
MORE = "- %s: fun\n  text: How much?\n  reverse: true\n%s"


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("1: None, 2: Little, 3: Some, 4: Much", ["cluster-of-scales"]),
        ("0: None, 1: Little, 2: Some", ["cluster-of-scales"]),
        ("1: None, 2: Little, 3: Much", []),
        ("none: None, much: Much", []),
    ],
)
def test_items_of_an_indicator_have_the_same_points(tmp_path: Path, options: str, codes: list[str]) -> None:
    """Options whose codes are words are in no score."""
    written = write_questions(tmp_path, VIEWS % ("mood", "mood") + FUN % (options, "mood"))
    assert advise(check_clusters, written) == [(code, "fun") for code in codes]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("home_quality", "home_quality", "home_qualiyt"), ["fun"]),
        (("home_quality", "home_qualty", "other"), ["near"]),
        (("home_quality", "home_quality", "other"), []),
        (("theme_1", "theme_1", "theme_2"), []),
        (("theme_general", "theme_general", "general_judgement"), []),
        (("internal", "internal", "external"), []),
        (("mood", "mood", "food"), []),
    ],
)
def test_an_indicator_of_one_item_does_not_resemble_another(tmp_path: Path, names: tuple[str, ...], found: list[str]) -> None:
    written = write_questions(tmp_path, VIEWS % names[:2] + FUN % ("1: None, 2: Little, 3: Much", names[2]))
    assert advise(check_clusters, written) == [("similar-indicator", code) for code in found]


@pytest.mark.parametrize(
    ("kind", "more", "found"),
    [
        ("choice", "  options: {little: A little, much: Much}", True),
        ("multiple", "  options: {1: A little, 2: Much}", True),
        ("yes_no", "", True),
        ("choice", "  scale: agree\n  dont_know: No idea", False),
        ("mark", "", False),
        ("number", "  to: 9", False),
    ],
)
def test_reverse_needs_answers_with_an_order(tmp_path: Path, kind: str, more: str, found: bool) -> None:
    written = write_questions(tmp_path, MORE % (kind, more))
    assert advise(check_clusters, written) == [("reverse-without-order", "fun")] * found
