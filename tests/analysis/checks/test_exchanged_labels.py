"""Labels of one language under the codes of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.exchanged_labels import check_exchanged_labels
from tests.analysis.checks.advice import THREE_LANGUAGES, advise
from tests.writing import write_questions


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ({"basic": ("Gewone pas", "Plus card"), "plus": ("Extra pas", "Basic card")}, ["basic"]),
        ({"basic": ("Gewone pas", "Basic card"), "plus": ("Extra pas", "Plus card")}, []),
        ({"ft": ("Voltijd", "Part-time"), "pt": ("Deeltijd", "Full-time")}, ["ft"]),
        ({"home": ("Thuis", "At school"), "work": ("Werk", "At work")}, []),
        ({"1": ("Oneens", "Disagree"), "2": ("Neutraal", "Agree"), "3": ("Eens", "Neutral")}, ["3"]),
        ({"1": ("Oneens", "Disagree"), "2": ("Neutraal", "Neither good nor bad"), "3": ("Eens", "Agree")}, []),
        ({"a": ("De kluis", "The locker"), "none": ("Geen van deze", "All of these")}, ["none"]),
        ({"a": ("De kluis", "The locker"), "all": ("Alles", "Everything"), "none": ("Geen van deze", "None of these")}, []),
    ],
)
def test_labels_of_other_options_are_reported(tmp_path: Path, options: dict[str, tuple[str, str]], codes: list[str]) -> None:
    listed = "".join(f"    {code}: {{text: {{nl: {nl}, en: {en}, de: {nl}}}}}\n" for code, (nl, en) in options.items())
    question = f"- choice: q\n  text: {{nl: Wat?, en: What?, de: Was?}}\n  options:\n{listed}"
    found = advise(check_exchanged_labels, write_questions(tmp_path, question, THREE_LANGUAGES))

    assert found == [("label-of-another", code) for code in codes]
