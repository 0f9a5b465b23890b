"""Rows of a spreadsheet: one wording each."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.authoring.translating.catalogues import open_catalogue
from survey_engine.authoring.translating.domains import Domain, SourceMessage, Variant
from survey_engine.authoring.translating.units import iter_translation_units
from tests.authoring.translating.small import MAIN, make_small

DAYS = SourceMessage("5f3a", "%(number)s day", "%(number)s days", languages=frozenset({"nl", "pl", "ja", "ar"}))


def list_plural(folder: Path, locale: str) -> list[tuple[str, str]]:
    variant = Variant(locale, locale, locale)
    domain = Domain("interface", "en", (DAYS,), (variant,), has_codes=False)
    return [(unit.code, unit.source) for unit in iter_translation_units(domain, variant, open_catalogue(folder, domain, variant))]


@pytest.mark.parametrize(
    ("locale", "rows"),
    [
        ("nl", [("5f3a.0", "%(number)s day"), ("5f3a.1", "%(number)s days")]),
        ("pl", [("5f3a.0", "%(number)s day"), ("5f3a.1", "%(number)s days"), ("5f3a.2", "%(number)s days")]),
        ("ja", [("5f3a.0", "%(number)s days")]),
        ("ar", [(f"5f3a.{form}", f"%(number)s day{'s' * (form != 1)}") for form in range(6)]),  # 0, 1, 2, few, many, other
    ],
)
def test_a_message_with_a_number_has_a_row_for_each_plural_form(tmp_path: Path, locale: str, rows: list[tuple[str, str]]) -> None:
    assert list_plural(tmp_path, locale) == rows


def test_a_unit_is_done_draft_stale_or_missing(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"title": None, "mood": ("Older", "Ouder")})
    small.path().write_text(small.path().read_text().replace('msgctxt "week"', '# draft\nmsgctxt "week"'))
    states = {unit.code: unit.state for unit in iter_translation_units(small.domain, small.variant(), small.catalogue())}
    assert (states["title"], states["mood"], states["week"], states["week.help"]) == ("missing", "stale", "draft", "done")


def test_a_plural_form_names_its_numbers(tmp_path: Path) -> None:
    variant = Variant("pl", "pl", "pl")
    domain = Domain("interface", "en", (DAYS,), (variant,), has_codes=False)
    notes = [unit.note for unit in iter_translation_units(domain, variant, open_catalogue(tmp_path, domain, variant))]
    assert notes == ["For the number 1.", "For the numbers 2–4, 22–24, 32–34 ….", "For the numbers 0, 5–21, 25–31 …."]


def test_a_row_has_the_purpose_and_reversal_of_its_item(tmp_path: Path) -> None:
    purpose = '        purpose: To hear of bad weeks.\n        reverse: true\n        help: "See'
    small = make_small(tmp_path, main=MAIN.replace('        help: "See', purpose))
    notes = {unit.code: unit.note for unit in iter_translation_units(small.domain, small.variant(), small.catalogue())}
    assert notes["week"].startswith("Purpose: To hear of bad weeks.\nReversed:")
    assert "Purpose" not in notes["week.help"]
