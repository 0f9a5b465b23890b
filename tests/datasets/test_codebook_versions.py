"""The codebook documents the differences between the versions of the responses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.datasets.filling import Exported, Store
from tests.writing import HEAD, ask, write_sections

NORTH = "institution: north\nname: North"
MARK = "- mark: week\n  text: How was your week?"
CONSENT = "- consent: agree\n  text: {}\n  version: {}\n  parts: {{use: {}}}"
CHOICE = "- choice: job\n  text: A job?\n  options: {{{}}}"
NUMBER = "- number: work\n  text: How long?\n  to: {}\n"
DATE = "- date: born\n  text: Born?\n  from: {}\n  to: 2020-01-01"
Deliver = Callable[..., tuple[Exported, str, str]]


@pytest.fixture
def deliver(store: Store, tmp_path) -> Deliver:
    """Export a response to each of two versions; return the export and the names of both versions, the second in service."""

    def export(old: str, new: str, *, heads: tuple[str, str] = (HEAD, HEAD)) -> tuple[Exported, str, str]:
        texts = {"old": (old, heads[0]), "new": (new, heads[1])}
        made = [
            write_sections(tmp_path / name, ask(text), NORTH, head=head).questionnaire for name, (text, head) in texts.items()
        ]
        for questionnaire in made:
            store.start(version=questionnaire.version)
        store.questionnaire = made[1]
        exported = store.export(tmp_path / "out", versions={each.version: each for each in made})
        return exported, made[0].version, made[1].version

    return export


def find(exported: Exported, variable: str, name: str) -> dict[str, str]:
    """Return code → a column of the codebook."""
    return {row["code"]: row[name] for row in exported.codebook if row["variable"] == variable}


def test_an_added_option_names_the_version_that_offers_it(deliver):
    exported, old, new = deliver(CHOICE.format("a: A, b: B"), CHOICE.format("a: A, c: C"))
    assert find(exported, "job", "offered_to") == {"a": "", "b": f"version {old}", "c": f"version {new}"}


def test_an_option_has_its_condition_in_each_version(deliver):
    exported, old, new = deliver(
        CHOICE.format("a: A, b: {text: B, when: level == 1}"), CHOICE.format("a: A, b: {text: B, when: level == 2}")
    )
    assert find(exported, "job", "offered_to")["b"] == f"version {new} and level == 2 OR version {old} and level == 1"


def test_an_added_scale_point_names_the_version_that_offers_it(deliver):
    grid = "- grid: views\n  text: Views?\n  scale: agree\n  items: {good: Good}"
    exported, _, new = deliver(grid, grid, heads=(HEAD, HEAD.replace("3: Agree", "3: Agree, 4: Strongly")))
    assert find(exported, "good", "offered_to") == {"1": "", "2": "", "3": "", "4": f"version {new}"}


def test_each_version_of_a_consent_has_its_text(deliver):
    exported, *_ = deliver(CONSENT.format("May we?", 1, "Use for research"), CONSENT.format("May we?", 2, "Sell it"))
    assert find(exported, "use__version", "code_label_en") == {"1": "May we? – Use for research", "2": "May we? – Sell it"}


def test_consent_texts_of_one_version_are_joined(deliver):
    exported, *_ = deliver(CONSENT.format("May we?", 1, "Use"), CONSENT.format("Can we?", 1, "Use"))
    assert find(exported, "use__version", "code_label_en") == {"1": "Can we? – Use / May we? – Use"}


@pytest.mark.parametrize(
    ("old", "new", "variable", "column", "said"),
    [
        (MARK, MARK.replace("week?", "month?"), "week", "earlier_labels", "How was your week?"),
        (CHOICE.format("a: A, b: B"), CHOICE.format("a: Aa, b: B"), "job", "earlier_code_labels", "A"),
        (CONSENT.format("May we?", 1, "Use"), CONSENT.format("May we?", 2, "Sell"), "use", "earlier_labels", "Use"),
        (CONSENT.format("May we?", 1, "Use"), CONSENT.format("Can we?", 1, "Use"), "use", "earlier_questions", "May we?"),
        (MARK, MARK, "week", "earlier_labels", None),
    ],
    ids=["question", "option", "part", "consent", "same"],
)
def test_an_earlier_wording_is_on_the_page_and_in_the_table(deliver, old, new, variable, column, said):
    exported, version, _ = deliver(old, new)
    lines = {found for found in find(exported, variable, column).values() if found}
    assert lines == ({f"en, version {version}: {said}"} if said else set())
    assert all(line in exported.files["codebook.html"].decode() for line in lines)


def test_an_option_of_several_keeps_its_earlier_wording(deliver):
    several = "- multiple: why\n  text: Why?\n  options: {{a: {}, b: B}}"
    exported, version, _ = deliver(several.format("Fun"), several.format("Joy"))
    assert find(exported, "why_a", "earlier_labels")["1"] == f"en, version {version}: Fun"


def test_background_that_only_an_earlier_version_had_is_in_the_codebook(deliver):
    narrow = HEAD.replace(", bbl: Work", "").replace("to: 4", "to: 3").replace("  programme: {text: Programme, open: true}\n", "")
    exported, old, _ = deliver(MARK, MARK, heads=(HEAD, narrow))
    assert find(exported, "path", "offered_to") == {"bol": "", "bbl": f"version {old}"}
    assert find(exported, "path", "code_label_en")["bbl"] == "Work"
    assert find(exported, "level", "highest") == {"": "4"}
    assert find(exported, "programme", "versions") == {"": old}


def test_the_bounds_of_a_date_are_the_widest_of_all_versions(deliver):
    date = "- date: born\n  text: Born?\n  from: {}\n  to: {}"
    exported, *_ = deliver(date.format("2000-01-01", "2020-01-01"), date.format("2001-01-01", "2022-01-01"))
    assert find(exported, "born", "lowest") == {"": "2000-01-01"}
    assert find(exported, "born", "highest") == {"": "2022-01-01"}


def test_a_background_label_in_a_language_that_is_gone_is_kept(deliver):
    both = HEAD
    for english, german in (
        ("languages: {en: {name: English}}", "languages: {en: {name: English}, de: {name: Deutsch}}"),
        ("title: Example", "title: {en: E, de: E}"),
        ("text: Path, options: {bol: School, bbl: Work}", "text: {en: P, de: P}, options: {bol: {text: {en: S, de: S}}}"),
        ("text: Level", "text: {en: Level, de: Stufe}"),
        ("text: Programme", "text: {en: P, de: P}"),
        ("{1: Disagree, 2: Neutral, 3: Agree}", "{1: {en: D, de: N}, 2: {en: A, de: J}}"),
    ):
        both = both.replace(english, german)
    mark = "- mark: week\n  text: {en: How was it, de: Wie war es}"
    exported, *_ = deliver(mark, MARK, heads=(both, HEAD.replace("text: Level", "text: Year")))
    (row,) = (row for row in exported.codebook if row["variable"] == "level")
    assert (row["label_en"], row["label_de"]) == ("Year", "Stufe")


def test_a_scale_that_lost_its_word_for_a_code_is_still_a_column_of_codes(deliver):
    with_word, without = CHOICE.format("1: One, 2: Two, unsure: Unsure"), CHOICE.format("1: One, 2: Two")
    for old, new in ((with_word, without), (without, with_word)):
        exported, *_ = deliver(old, new)
        assert set(find(exported, "job", "kind").values()) == {"code"}
        assert set(find(exported, "job", "kind")) == {"1", "2", "unsure"}


@pytest.mark.parametrize(
    ("old", "new", "unit", "earlier"),
    [
        ("  unit: hours", "  unit: hours", "hours", ""),
        ("  unit: hours", "  unit: days", "days", "en, version {}: hours"),
        ("  unit: hours", "", "", "en, version {}: hours"),
        ("", "  unit: hours", "hours", "en, version {}: (no unit)"),
        ("", "", "", ""),
    ],
    ids=["same", "other", "removed", "added", "none"],
)
def test_a_version_with_another_unit_is_named(deliver, old, new, unit, earlier):
    exported, version, _ = deliver(NUMBER.format(60) + old, NUMBER.format(60) + new)
    assert find(exported, "work", "unit_en") == {"": unit}
    assert find(exported, "work", "earlier_units") == {"": earlier.format(version)}
    assert earlier.format(version) in exported.files["codebook.html"].decode()


@pytest.mark.parametrize(
    ("texts", "variable", "ranges"),
    [
        ((NUMBER.format(60), NUMBER.format(40)), "work", ("0 to 60", "0 to 40")),
        ((NUMBER.format(60), NUMBER.format(60)), "work", None),
        (
            (DATE.format("2000-01-01"), DATE.format("2001-01-01")),
            "born",
            ("2000-01-01 to 2020-01-01", "2001-01-01 to 2020-01-01"),
        ),
        ((DATE.format("2000-01-01"), DATE.format("2000-01-01")), "born", None),
    ],
)
def test_versions_with_other_ranges_are_named(deliver, texts, variable, ranges):
    exported, old, new = deliver(*texts)
    lines = [f"version {new}: {ranges[1]}", f"version {old}: {ranges[0]}"] if ranges else []
    assert find(exported, variable, "version_ranges") == {"": " | ".join(lines)}
    assert all(line in exported.files["codebook.html"].decode() for line in lines)


def test_versions_of_background_with_other_ranges_are_named(deliver):
    exported, old, new = deliver(MARK, MARK, heads=(HEAD, HEAD.replace("to: 4", "to: 3")))
    assert find(exported, "level", "version_ranges") == {"": f"version {new}: 1 to 3 | version {old}: 1 to 4"}


def test_negative_bounds_of_versions_need_no_apostrophe(deliver):
    number = "- number: work\n  text: How long?\n  from: {}\n  to: 20\n"
    exported, old, new = deliver(number.format(-5), number.format(-9))
    found = {row["version_ranges"] for row in exported.codebook if row["variable"] == "work"}
    assert found == {f"version {new}: −9 to 20 | version {old}: −5 to 20"}


def test_alternatives_in_an_offer_have_brackets(store, tmp_path):
    """Two versions offer the option at one institution, the third does not."""
    options = ("a: A{}, b: {{text: B, institutions: [north], when: level == 1 or level == 3}}", "a: A")
    texts = (options[0].format(""), options[0].format("!"), options[1])
    south = NORTH.replace("north", "south")
    made = [
        write_sections(tmp_path / str(n), ask(CHOICE.format(text)), NORTH, south).questionnaire for n, text in enumerate(texts)
    ]
    for store.questionnaire in made:
        store.start(version=store.questionnaire.version)
    exported = store.export(tmp_path / "out", versions={each.version: each for each in made})
    (offered,) = {row["offered_to"] for row in exported.codebook if row["code"] == "b"}
    versions, when = offered.split(" and ", maxsplit=1)
    assert versions in {f"(version {made[0].version} or {made[1].version})", f"(version {made[1].version} or {made[0].version})"}
    assert "level == 1 or level == 3" in when
