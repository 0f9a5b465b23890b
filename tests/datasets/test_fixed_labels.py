"""Labels that no questionnaire words are Dutch in Dutch."""

from __future__ import annotations

from survey_engine.datasets.codebook import MODULE_REASONS, list_codebook_entries
from survey_engine.datasets.columns import STATUSES, lay_out
from survey_engine.datasets.fixed_labels import DUTCH, translate
from survey_engine.datasets.table_columns import describe_table
from survey_engine.model.missing_values import MEANINGS
from survey_engine.publication.compiler import compile_questionnaire
from tests import ROOT


def test_every_fixed_label_has_its_dutch():
    """The shipped questionnaire has no columns of its own among these, and Dutch as its source language."""
    layout = lay_out(compile_questionnaire(ROOT / "questionnaires" / "job-2026"))
    entries = list_codebook_entries(layout)
    before = [entry for entry in entries if entry.name in layout.fixed.values()]
    english = {entry.labels["en"] for entry in before} | {*STATUSES.values(), *MODULE_REASONS.values()}
    english |= {meaning.split(":")[0] for meaning in MEANINGS.values()}
    assert english <= set(DUTCH)
    assert all(entry.labels["nl"] == entry.labels["nt2"] == DUTCH[entry.labels["en"]] for entry in before)


def test_value_labels_of_missing_codes_follow_the_language():
    layout = lay_out(compile_questionnaire(ROOT / "questionnaires" / "job-2026"))
    entries = list_codebook_entries(layout)
    for language, label in (("nl", "Overgeslagen"), ("nt2", "Overgeslagen"), ("en", "Skipped"), ("pap", "Skipped")):
        column = next(c for c in describe_table(layout, entries, language).columns if c.name == "mark_school")
        assert column.map_code_labels()[-3] == label


def test_other_languages_have_english():
    assert translate("Chosen", "pap") == "Chosen"
    assert translate("Noorderlicht College", "nl") == "Noorderlicht College"
