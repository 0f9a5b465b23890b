"""How far each translation is."""

from __future__ import annotations

import json
from pathlib import Path

from survey_engine.authoring.translating.status import (
    TranslationProgress,
    format_progress_json,
    format_progress_table,
    measure_translation,
)
from tests.authoring.translating.small import MAIN, Small, make_small


def stand(small: Small, code: str = "nl") -> TranslationProgress:
    (standing,) = measure_translation(small.domain, [small.variant(code)], small.translations)
    return standing


def counts(standing: TranslationProgress) -> tuple[int, int, int, int]:
    return standing.done, standing.stale, standing.missing, standing.draft


def test_texts_are_counted_as_done_stale_and_missing(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"title": None, "mood": ("Older", "Ouder")})
    assert counts(stand(small)) == (5, 1, 1, 0)
    assert not stand(small).complete


def test_a_variant_is_held_to_the_texts_that_it_shows(tmp_path: Path) -> None:
    standing = stand(make_small(tmp_path), "nt2")
    assert standing.total == 4 and standing.complete


def test_stale_wording_counts_even_where_nobody_is_shown_it(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    extra = small.path("nt2").read_text() + '\nmsgctxt "mood"\nmsgid "Older"\nmsgstr "Ouder"\n'
    small.path("nt2").write_text(extra)
    assert counts(stand(small, "nt2")) == (4, 1, 0, 0)


def test_a_language_that_an_author_left_out_in_place_is_missing(tmp_path: Path) -> None:
    small = make_small(tmp_path, main=MAIN.replace("\n    questions:", "\n    title: {en: First, nt2: Eerste}\n    questions:"))
    assert counts(stand(small)) == (7, 0, 1, 0)


def test_drafts_are_done_and_counted_beside(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"title": None})
    small.path().write_text(small.path().read_text().replace("# Dutch", "# Draft: to be read.\n# Dutch"))
    assert counts(stand(small)) == (6, 0, 1, 6)


def test_a_percentage_is_all_or_nothing_only_where_it_is_so() -> None:
    standing = TranslationProgress("d", "v", "c.po", total=1000, done=999, stale=1, missing=0, draft=0)
    assert [standing.percentage(column) for column in ("done", "stale", "missing")] == [99, 1, 0]
    assert TranslationProgress("d", "v", "c.po", 0, 0, 0, 0, 0).percentage("done") == 0


def test_the_table_lines_up_and_says_what_is_open(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"title": None})
    lines = format_progress_table(list(measure_translation(small.domain, small.domain.variants, small.translations))).splitlines()
    assert lines == [
        "domain   variant  texts       done  stale   missing  draft",
        "example  nl           7   6 (86 %)      –  1 (14 %)      –",
        "example  nt2          4  4 (100 %)      –         –      –",
    ]


def test_colours_go_with_the_role_of_a_count(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"title": None})
    table = format_progress_table([stand(small), stand(small, "nt2")], lambda text, role: f"<{role}>")
    assert "<missing>" in table and table.count("<done>") == 1 and "<stale>" not in table


def test_json_has_every_count_and_the_catalogue(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"title": None})
    (found,) = json.loads(format_progress_json([stand(small)]))
    assert found["missing"] == 1 and found["total"] == 7 and found["catalogue"].endswith("nl/LC_MESSAGES/example.po")
