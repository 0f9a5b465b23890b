"""Comparison of two editions, for researchers who compare their data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from survey_engine.analysis.edition_diff import Comparison, compare_questionnaires
from survey_engine.analysis.edition_report import format_changes, format_comparison, serialize_comparison
from survey_engine.publication.compiler import compile_questionnaire
from tests import SHIPPED
from tests.writing import HEAD, write_head, write_sections

NORTH = "institution: north\nname: North\n"
OLD = """
section: main
pages:
  - page: one
    questions:
      - mark: week
        text: Week?
      - grid: views
        text: Views?
        help: Think of today.
        scale: agree
        items: {fun: School is fun, calm: School is calm}
      - choice: size
        text: Size?
        options: {small: Small, large: Large}
"""


def compare(tmp_path: Path, new: str, *more: str, head: str = HEAD) -> Comparison:
    editions = [
        write_sections(tmp_path / name, text, *rest, NORTH, head=HEAD if name == "old" else head).questionnaire
        for name, text, rest in (("old", OLD, ()), ("new", new, more))
    ]
    return compare_questionnaires(*editions)


def list_changes(comparison: Comparison) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(change.kind, change.code, change.notes) for change in comparison.changes]


def test_the_same_edition_has_no_changes(tmp_path: Path) -> None:
    comparison = compare(tmp_path, OLD)

    assert list_changes(comparison) == []
    assert (dict(comparison.trend_breaks), dict(comparison.texts), comparison.parts) == ({}, {}, ())


@pytest.mark.parametrize(
    ("old", "new", "breaks"),
    [
        ("options: {bol: School", "options: {bol: Lessons", {"path": ("label of bol in en",)}),
        ("{text: Level,", "{text: Age,", {"level": ("wording in en",)}),
    ],
)
def test_other_words_of_background_break_a_trend(tmp_path: Path, old: str, new: str, breaks: dict[str, tuple[str, ...]]) -> None:
    comparison = compare(tmp_path, OLD, head=HEAD.replace(old, new))

    assert comparison.trend_breaks == breaks


def test_open_background_and_frozen_years_are_compared(tmp_path: Path) -> None:
    frozen = OLD.replace("text: Week?", "text: Week?\n        frozen_until: 2027")
    comparison = compare(tmp_path, frozen, head=HEAD.replace("  programme: {text: Programme, open: true}\n", ""))

    assert [part.partition(" in ")[0] for part in comparison.parts] == [
        "- background programme: removed",
        "+ `frozen_until` of week (2027), new",
    ]


def test_a_term_with_another_wording_breaks_a_trend(tmp_path: Path) -> None:
    section = OLD.replace("text: Week?", "text: How was the {desk}?")
    editions = [
        write_sections(tmp_path / each, section, NORTH, head=f"{HEAD}terms: {{desk: {each}}}\n").questionnaire
        for each in ("desk", "bar")
    ]

    assert compare_questionnaires(*editions).trend_breaks == {"week": ("term desk in en",)}


def test_help_that_is_added_is_listed(tmp_path: Path) -> None:
    comparison = compare(tmp_path, OLD.replace("text: Week?", "text: Week?\n        help: All of it."))

    assert (dict(comparison.texts), dict(comparison.trend_breaks)) == ({"week.help": ("en: “–” → “All of it.”",)}, {})


@pytest.mark.parametrize(
    ("old", "new", "texts"),
    [
        ("- page: one", "- page: one\n    title: About you", {"page.one": ("en: “–” → “About you”",)}),
        ("help: Think of today.", "notice: no_names", {"views.help": ("en: “Think of today.” → “–”",)}),
    ],
)
def test_a_text_that_only_one_edition_has_is_listed(
    tmp_path: Path, old: str, new: str, texts: dict[str, tuple[str, ...]]
) -> None:
    comparison = compare(tmp_path, OLD.replace(old, new))

    assert texts.items() <= dict(comparison.texts).items()


@pytest.mark.parametrize(
    ("old", "new", "code", "change"),
    [
        ("- choice: size", "- multiple: size", "size", "choice → multiple"),
        ("- mark: week", "- number: week\n        from: 1\n        to: 10", "week", "mark → number"),
        ("small: Small", "small: {text: Small, namely: true}", "size", "`namely` of small"),
        ("small: Small", "small: {text: Small, exclusive: true}", "size", "`exclusive` of small"),
    ],
)
def test_another_type_or_text_beside_an_option_breaks_the_trend(
    tmp_path: Path, old: str, new: str, code: str, change: str
) -> None:
    edition = OLD.replace("- choice: size", "- multiple: size") if "exclusive" in new else OLD
    comparison = compare(tmp_path, edition.replace(old, new))

    assert change in comparison.trend_breaks[code]
    assert any(change in notes for kind, _, notes in list_changes(comparison) if kind == "rescaled")


def test_another_order_of_questions_is_reported(tmp_path: Path) -> None:
    week, size = "      - mark: week\n        text: Week?\n", OLD[OLD.index("      - choice: size") :]
    comparison = compare(tmp_path, OLD.replace(week, "").replace(size, size + week))

    assert comparison.parts == ("~ order of questions in main: week, views, size in example, views, size, week in example",)


def test_another_order_of_sections_and_another_draw_are_reported(tmp_path: Path) -> None:
    sections = [
        f"{kind}: {code}\npages: [{{page: {code}, questions: [{{mark: {code}_mark, text: Week?}}]}}]"
        for kind, code in (("section", "one"), ("section", "two"), ("module", "food"), ("module", "sleep"))
    ]
    editions = [
        write_sections(
            tmp_path / name,
            *sections,
            NORTH,
            head=HEAD.replace("[main]}", f"{order}}}\n  - {{group: themes, modules: {{from: {shares}, random: 1}}}}"),
        ).questionnaire
        for name, order, shares in (("old", "[one, two]", "{food: 1, sleep: 1}"), ("new", "[two, one]", "{food: 3, sleep: 1}"))
    ]
    assert compare_questionnaires(*editions).parts == (
        "~ order of sections: one, two in example, two, one in example",
        "~ draw of themes: 0 by the council, 0 by the institution, 1 at random, food 1, sleep 1 in example, "
        "0 by the council, 0 by the institution, 1 at random, food 3, sleep 1 in example",
    )


def test_a_language_of_one_edition_is_reported(tmp_path: Path) -> None:
    languages = "{en: {name: English}, nl: {name: Nederlands, draft: true}}"
    comparison = compare(tmp_path, OLD, head=HEAD.replace("{en: {name: English}}", languages))

    assert comparison.parts == ("+ language nl (draft), new in example",)


def test_an_added_and_a_removed_item_are_quoted(tmp_path: Path) -> None:
    comparison = compare(tmp_path, OLD.replace("mark: week\n        text: Week?", "mark: day\n        text: Day?"))

    assert list_changes(comparison) == [("added", "day", ("“Day?”",)), ("removed", "week", ("“Week?”", "removed"))]
    assert all(change.gained or change.lost for change in comparison.changes)


def test_an_item_under_another_code_breaks_its_trend(tmp_path: Path) -> None:
    comparison = compare(tmp_path, OLD.replace("- choice: size", "- choice: extent"))

    assert list_changes(comparison)[0] == ("added", "extent", ("“Size?”", "size has this text in example"))
    assert dict(comparison.trend_breaks) == {"extent": ("code size → extent",)}


def test_an_item_moved_to_the_bank_is_removed_but_kept(tmp_path: Path) -> None:
    bank = "bank: stock\nquestions: [{mark: week, text: Week?}]"
    comparison = compare(tmp_path, OLD.replace("- mark: week\n        text: Week?\n", "- mark: day\n        text: Day?\n"), bank)

    assert list_changes(comparison)[1] == ("removed", "week", ("“Week?”", "kept in the bank"))


def test_a_reworded_item_shows_both_wordings_and_breaks_its_trend(tmp_path: Path) -> None:
    comparison = compare(tmp_path, OLD.replace("School is fun", "School is great fun"))

    assert list_changes(comparison) == [("reworded", "fun", ("en: “School is fun” → “School is great fun”",))]
    assert dict(comparison.trend_breaks) == {"fun": ("wording in en",)}


def test_a_reworded_question_shows_with_every_statement(tmp_path: Path) -> None:
    notes = [notes for _, _, notes in list_changes(compare(tmp_path, OLD.replace("Views?", "Opinions?")))]

    assert notes == [
        ("en: “Views? – School is fun” → “Opinions? – School is fun”",),
        ("en: “Views? – School is calm” → “Opinions? – School is calm”",),
    ]


def test_another_scale_breaks_the_trend(tmp_path: Path) -> None:
    comparison = compare(tmp_path, OLD.replace("{small: Small, large: Large}", "{small: Small, huge: Huge}"))

    assert list_changes(comparison) == [("rescaled", "size", ("+ huge “Huge”", "- large “Large”"))]
    assert dict(comparison.trend_breaks) == {"size": ("options",)}


def test_a_move_alone_breaks_no_trend(tmp_path: Path) -> None:
    more = "section: more\npages: [{page: two, questions: [{mark: week, text: Week?}]}]"
    head = HEAD.replace("[main]}", "[main, more]}")
    comparison = compare(tmp_path, OLD.replace("      - mark: week\n        text: Week?\n", ""), more, head=head)

    assert list_changes(comparison) == [("moved", "week", ("from main to more",))]
    assert comparison.parts == ("+ section more, new in example",)
    assert dict(comparison.trend_breaks) == {}


def test_a_rerouted_item_has_an_example_respondent(tmp_path: Path) -> None:
    (change,) = compare(tmp_path, OLD.replace("text: Week?", "text: Week?\n        when: path == 'bol'")).changes

    assert (change.kind, change.gained) == ("rerouted", None)
    assert change.lost and change.lost.background == {"path": "bbl"}


def test_other_texts_are_listed_apart(tmp_path: Path) -> None:
    comparison = compare(tmp_path, OLD.replace("Think of today.", "Think of this week."))

    assert list_changes(comparison) == []
    assert dict(comparison.texts) == {"views.help": ("en: “Think of today.” → “Think of this week.”",)}


def test_minutes_are_shown_for_both_editions(tmp_path: Path) -> None:
    before, now = compare(tmp_path, OLD.replace("text: Week?", "text: Week?\n        seconds: 80")).minutes["en"]

    assert before and now and round((now.typical - before.typical) * 60) == 60


def test_the_editions_of_the_job_monitor_show_what_was_planned() -> None:
    comparison = compare_questionnaires(*(compile_questionnaire(SHIPPED / f"job-{year}") for year in (2026, 2027)))
    moved = {change.code: change.notes[0] for change in comparison.list_kind("moved")}
    rerouted = {change.code: change for change in comparison.list_kind("rerouted")}

    assert moved["lesson_citizenship"] == "from lessons to agreements"
    assert moved["wb_happy"] == "from own_noorderlicht to wellbeing"
    assert {change.where for change in comparison.list_kind("removed")} == {"lessons", "guidance", "food", "online", "timetable"}
    assert {"information", "material", "participation", "electives"} < {change.where for change in comparison.list_kind("added")}
    future = rerouted["future_idea"].lost
    assert future and future.background == {"year": 1}
    assert set(comparison.trend_breaks) == {"building_air", "study_pressure"}


def test_the_report_groups_items_with_the_same_audience(tmp_path: Path) -> None:
    text = format_comparison(compare(tmp_path, OLD.replace("scale: agree", "scale: agree\n        when: path == 'bol'")))

    assert "main, for a student of north in en; path bbl: always → never\n    fun\n    calm" in text
    assert "Trend breaks (0)\n  none" in text


def test_the_comparison_can_be_serialised_as_json(tmp_path: Path) -> None:
    comparison = compare(tmp_path, OLD.replace("text: Week?", "text: Week?\n        when: path == 'bol'"))
    (change,) = json.loads(json.dumps(serialize_comparison(comparison)))["changes"]

    assert change["lost"] == {
        "institution": "north",
        "language": "en",
        "background": {"path": "bbl"},
        "answers": {},
        "before": "always",
        "now": "never",
    }


def test_dropped_reverse_and_exchanged_background_are_shown(tmp_path: Path) -> None:
    new = OLD.replace("fun: School is fun", "fun: {text: School is fun, reverse: true}")
    comparison = compare(tmp_path, new, head=HEAD.replace("bol: School, bbl: Work", "bol: Work, bbl: School"))
    assert comparison.trend_breaks == {"fun": ("`reverse`",), "path": ("label of bol in en", "label of bbl in en")}
    assert comparison.texts["background.path.bol"] == ("en: “School” → “Work”",)


def test_a_background_option_under_another_code_breaks_the_trend(tmp_path: Path) -> None:
    comparison = compare(tmp_path, OLD, head=HEAD.replace("bbl: Work", "work: Work"))
    assert comparison.parts == ("~ background path: options bbl, bol in example, options bol, work in example",)
    assert comparison.trend_breaks == {"path": ("bbl for “Work” → work for it",)}
    added = compare(tmp_path / "added", OLD, head=HEAD.replace("bbl: Work", "bbl: Work, none: Neither"))
    assert added.parts and not added.trend_breaks


def test_new_arms_and_changed_shares_are_reported(tmp_path):
    old, new, none = (
        write_head(tmp_path / name, {"experiments": arms} if arms else {}).questionnaire
        for name, arms in {
            "old": "[{experiment: layout, arms: {fold: 1, list: 1}}]",
            "new": "[{experiment: layout, arms: {fold: 2, list: 1}}]",
            "none": "",
        }.items()
    )
    assert compare_questionnaires(old, new).parts == (
        "~ experiment layout: fold 1, list 1 in example, fold 2, list 1 in example",
    )
    assert compare_questionnaires(none, new).parts == ("+ experiment layout (fold 2, list 1), new in example",)
    assert compare_questionnaires(old, none).parts == ("- experiment layout: removed in example",)


def test_a_derived_value_of_other_questions_is_reported(tmp_path):
    old, new = (
        write_head(tmp_path / parts, {"derived": f"{{mark: {{mean: [{parts}]}}}}"}, MORE).questionnaire
        for parts in ("week", "week, more")
    )
    (line,) = compare_questionnaires(old, new).parts
    assert line == "~ derived value mark: mean of week in example, mean of week, more in example"


MORE = "section: extra\npages: [{page: p, questions: [{mark: more, text: M?}]}]"


def test_an_item_that_moves_into_an_arm_is_asked_of_others(tmp_path):
    change = {"experiments": "[{experiment: layout, arms: {fold: 1, list: 1}}]"}
    north = "institution: north\nname: N\n"
    pages = "section: extra\npages:\n  - page: p\n    questions: [{mark: m, text: M?WHEN}]\n"
    order = {"order": "[{group: main, sections: [main, extra]}]"}
    before = write_head(tmp_path / "a", {**change, **order}, pages.replace("WHEN", ""), north).questionnaire
    when = ", when: \"experiment.layout == 'list'\""
    now = write_head(tmp_path / "b", {**change, **order}, pages.replace("WHEN", when), north).questionnaire
    (found,) = compare_questionnaires(before, now).list_kind("rerouted")
    assert found.code == "m" and found.lost and found.lost.background == {"experiment.layout": "fold"}


def test_a_new_random_order_of_pages_is_reported(tmp_path: Path) -> None:
    pages = "section: main\npages:\n" + "".join(f"  - {{page: {x}, questions: [{{mark: m{x}, text: M?}}]}}\n" for x in "abc")
    mixed, fixed = pages.replace("pages:", "random_order: true\npages:"), pages.replace("page: a", "page: a, fixed: true")
    fixed = fixed.replace("pages:", "random_order: true\npages:")
    plain, mixed, fixed = (
        write_sections(tmp_path / n, x).questionnaire for n, x in zip("pmf", (pages, mixed, fixed), strict=True)
    )
    assert compare_questionnaires(plain, mixed).parts == ("+ random order in main (all pages), new in example",)
    assert compare_questionnaires(mixed, fixed).parts == (
        "~ random order in main: all pages in example, all pages but a in example",
    )
    assert compare_questionnaires(fixed, plain).parts == ("- random order in main: removed in example",)


def test_a_new_random_order_of_questions_is_reported(tmp_path: Path) -> None:
    pages = "section: main\npages:\n  - {page: p, questions: [{mark: a, text: A?}, {mark: b, text: B?}, {mark: c, text: C?}]}\n"
    mixed = pages.replace("page: p", "page: p, random_order: true").replace("mark: a", "mark: a, fixed: true")
    plain, mixed = (write_sections(tmp_path / n, x).questionnaire for n, x in (("p", pages), ("m", mixed)))
    assert compare_questionnaires(plain, mixed).parts == ("+ random order on p (all questions but a), new in example",)


@pytest.mark.parametrize("more", ["dont_know: No idea", "comment: true, from: 0, to: 10, from_label: Bad, to_label: Good"])
def test_another_scale_of_marks_and_a_new_comment_are_reported(tmp_path: Path, more: str) -> None:
    comparison = compare(tmp_path, OLD.replace("- mark: week\n        text: Week?", f"- {{mark: week, text: Week?, {more}}}"))
    assert [change.code for change in comparison.list_kind("rescaled")] == ["week"]
    assert [change.code for change in comparison.list_kind("added")] == (["week__comment"] if "comment" in more else [])


def test_another_label_of_the_end_of_a_scale_breaks_the_trend(tmp_path: Path) -> None:
    marks = "- {{mark: week, text: Week?, from: 0, to: 10, from_label: {}, to_label: Good}}"
    old, new = (OLD.replace("- mark: week\n        text: Week?", marks.format(label)) for label in ("Bad", "Never"))
    comparison = compare_questionnaires(
        *(write_sections(tmp_path / str(len(text)), text).questionnaire for text in (old, new + "\n"))
    )
    assert comparison.trend_breaks == {"week": ("label of 0 in en",)}
    assert list_changes(comparison) == [("rescaled", "week", ("0 in en: “Bad” → “Never”",))]


def test_another_unit_breaks_the_trend(tmp_path: Path) -> None:
    number = OLD + "      - {number: journey, text: How long?, to: 60, unit: "
    editions = [write_sections(tmp_path / unit, f"{number}{unit}}}").questionnaire for unit in ("minutes", "hours")]
    comparison = compare_questionnaires(*editions)

    assert list_changes(comparison) == [("rescaled", "journey", ("unit in en: “minutes” → “hours”",))]
    assert (dict(comparison.trend_breaks), dict(comparison.texts)) == ({"journey": ("unit in en",)}, {})


@pytest.mark.parametrize(
    ("question", "note", "breaks"),
    [
        ("multiple: m, text: M?, options: {{a: A, b: B, c: C}}, at_most: {}", ("3", "2"), {"m": ("`at_most`",)}),
        ("multiple: m, text: M?, options: {{a: A, b: B, c: C}}{}", ("", ", at_least: 2"), {"m": ("`at_least`",)}),
        ("open: m, text: M?, max_length: {}", ("800", "100"), {}),
        ("number: m, text: M?, to: {}", ("60", "90"), {}),
        ("number: m, text: M?, to: {}", ("90", "60"), {"m": ("`to`",)}),
        ("date: m, text: M?, from: 2020-01-01, to: {}", ("2026-04-30", "2026-05-30"), {}),
    ],
)
def test_other_limits_of_answers_are_shown(
    tmp_path: Path, question: str, note: tuple[str, str], breaks: dict[str, tuple[str, ...]]
) -> None:
    texts = [f"{OLD}      - {{{question.format(limit)}}}\n" for limit in note]
    old, new = (write_sections(tmp_path / str(n), text).questionnaire for n, text in enumerate(texts))
    comparison = compare_questionnaires(old, new)
    ((kind, code, (change,)),) = list_changes(comparison)
    assert (kind, code, dict(comparison.trend_breaks)) == ("rescaled", "m", breaks)
    assert "→" in change and note[0] in change


def test_another_computation_breaks_the_trend(tmp_path: Path) -> None:
    editions = [
        write_sections(tmp_path / kind, OLD, head=f"{HEAD}derived: {{view: {{{kind}: [fun, calm]}}}}\n").questionnaire
        for kind in ("mean", "sum")
    ]

    assert dict(compare_questionnaires(*editions).trend_breaks) == {"view": ("mean of fun, calm → sum of fun, calm",)}


def test_another_background_of_an_open_link_is_reported(tmp_path: Path) -> None:
    head = f"{HEAD}background:\n  path: {{text: Path?, options: {{bol: BOL, bbl: BBL}}}}\n"
    old, new, without = (
        write_sections(tmp_path / str(number), OLD, f"{NORTH}{link}\n", head=head).questionnaire
        for number, link in enumerate(("open_link: {path: bol}", "open_link: {path: bbl}", "open_link: false"))
    )
    assert compare_questionnaires(old, new).parts == ("~ open link of north: path bol in example, path bbl in example",)
    assert compare_questionnaires(old, without).parts == ("- open link of north: removed in example",)


def test_another_panel_is_reported(tmp_path: Path) -> None:
    panels = [f"{OLD}      - {{panel: {code}, text: 'Mail?', purpose: A panel}}\n" for code in ("first", "second")]
    old, new = (write_sections(tmp_path / str(number), text).questionnaire for number, text in enumerate(panels))
    assert set(compare_questionnaires(old, new).parts) == {
        "- panel first: removed in example",
        "+ panel second (addresses), new in example",
    }


def test_other_codes_of_rio_are_reported(tmp_path: Path) -> None:
    old, new, none = (
        write_sections(tmp_path / name, OLD, f"{NORTH}{codes}\n").questionnaire
        for name, codes in {"old": "rio_codes: [27DV]", "new": "rio_codes: [27DV, 31EW]", "none": ""}.items()
    )
    assert compare_questionnaires(old, new).parts == ("~ RIO codes of north: 27DV in example, 27DV, 31EW in example",)
    assert compare_questionnaires(none, old).parts == ("+ RIO codes of north (27DV), new in example",)


def test_another_version_of_a_consent_is_listed(tmp_path: Path) -> None:
    consent = "      - consent: use\n        text: May we?\n        version: {}\n        parts: {{share: Share them}}\n"
    old, new = (write_sections(tmp_path / str(n), OLD + consent.format(n), NORTH).questionnaire for n in (1, 2))
    assert compare_questionnaires(old, new).parts == ("~ version of consent use: 1 in example, 2 in example",)
    assert not compare_questionnaires(old, old).parts


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [
        ("Week?", "WEEK …", "week"),
        ("Think of today.", "Think of **today**!", "views.help"),
        ("School is fun", "School is fun.", "fun"),
        ("Small", "small", "size.small"),
    ],
)
def test_capitals_and_punctuation_are_one_line_and_break_no_trend(tmp_path: Path, was: str, now: str, code: str) -> None:
    comparison = compare(tmp_path, OLD.replace(was, now))

    assert (comparison.has_changes, comparison.respelled) == (False, (code,))
    assert format_changes(comparison).splitlines() == [
        f"No other words or settings than in the version before. Other capitals, emphasis or punctuation: {code}."
    ]
    assert f"Other capitals, emphasis or punctuation\n  {code}" in format_comparison(comparison)


def test_only_minutes_that_differ_are_in_the_report(tmp_path: Path) -> None:
    assert "Minutes" not in format_comparison(compare(tmp_path / "same", OLD.replace("Week?", "Month?")))
    assert "Minutes" in format_changes(compare(tmp_path / "longer", OLD.replace("Week?", "Week?\n        seconds: 80")))
