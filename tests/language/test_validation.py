"""Validation of one file: every problem has its place, and only invalid parts are removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.language.documents import DOCUMENTS, SectionDefinition
from survey_engine.language.validation import read_document, resolve_path
from survey_engine.publication.compiler import inspect_questionnaire
from tests.writing import write_head, write_questions, write_sections

CHOICE = """
- choice: travel
  text: How do you travel?
  options: {walk: On foot, bike: By bike}
"""


def test_an_unknown_key_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- mark: week\n  text: Your week?\n  «hlep: Think of all days.").find("unknown-key")
    assert "'hlep' is not a key of a mark question (did you mean 'help'?)" in problem.wrong
    assert "seconds" in problem.remedy


def test_the_keys_of_the_type_are_named_before_those_of_every_question(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- number: days\n  text: How many?\n  to: 7\n  «smallest: 0").find("unknown-key")
    assert problem.remedy.startswith("Known keys: from, number, to, unit; of every question: break_variable")


def test_a_question_without_its_dash_is_reported(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- mark: week\n  text: Your week?\n  «open: improve").find("missing-dash")
    assert problem.remedy == "Put a dash before it: `- open: …`."


@pytest.mark.parametrize(
    "questions",
    [
        "- choice: a\n  text: A?\n  options: {x: X}\n  «number: b\n  text: B?\n  from: 1\n  to: 3\n  unit: days",
        "- mark: a\n  text: A?\n  «mark: b\n  text: B?\n- open: c\n  text: C?\n  when: b == 3",
    ],
)
def test_after_a_missing_dash_nothing_else_is_said(tmp_path: Path, questions: str) -> None:
    written = write_questions(tmp_path, questions)
    assert written.find("missing-dash") and written.codes == ["missing-dash"]


PAGES = "section: main\npages:\n  - page: a\n    questions: [{yes_no: q, text: Q?}]\n"


def test_a_page_without_its_dash_is_one_message(tmp_path: Path) -> None:
    written = write_sections(tmp_path, PAGES + "    «page: b\n    when: q == 'yes'\n    questions: [{mark: r, text: R?}]")
    assert "begins another page" in written.find("missing-dash").wrong and written.codes == ["missing-dash"]


def test_a_dash_too_many_is_one_message(tmp_path: Path) -> None:
    written = write_sections(tmp_path / "page", PAGES + "  - page: b\n  - «questions: [{mark: r, text: R?}]")
    assert written.find("extra-dash") and written.codes == ["extra-dash"]
    written = write_questions(tmp_path / "question", "- choice: a\n  text: A?\n- «options: {x: X, y: Y}")
    assert written.find("extra-dash") and written.codes == ["extra-dash"]


@pytest.mark.parametrize(
    "order",
    [
        "\n  - group: own\n    own_questions: true\n  - «{sections: [main]}",
        "\n  - {group: own}\n  - «sections: [main]",
        "\n  - group: own\n    own_questions: true\n  - «sections: [main]",
    ],
)
def test_a_group_without_its_name_is_no_dash_too_many(tmp_path: Path, order: str) -> None:
    found = write_head(tmp_path, {"order": order}).find("missing-key")
    assert found.wrong == "a group lacks the key 'group'"


@pytest.mark.parametrize(
    ("questions", "written"),
    [
        (
            "- multiple: a\n  text: A?\n  options: {x: X, y: Y, z: {«en: Z, de: Z, namely: true}}",
            "{text: {en: …, de: …}, namely: true}",
        ),
        (
            "- grid: a\n  text: A?\n  scale: agree\n  items: {b: B, c: {when: level >= 2, «en: C}}",
            "text: {en: …}",
        ),
        ("- mark: a\n  «en: A?\n  de: A?", "text: {en: …, de: …}"),
    ],
)
def test_languages_beside_other_keys_are_one_message(tmp_path: Path, questions: str, written: str) -> None:
    found = write_questions(tmp_path, questions)
    assert found.find("text-beside-keys").remedy == f"Write `{written}`." and found.codes == ["text-beside-keys"]


def test_a_page_among_questions_is_one_message(tmp_path: Path) -> None:
    pages = PAGES.replace("[{yes_no: q, text: Q?}]", "\n      - yes_no: q\n        text: Q?")
    written = write_sections(tmp_path, pages + "      - «page: b\n    when: q == 'yes'\n    questions: []")
    assert written.find("nested-page") and written.codes == ["nested-page"]


@pytest.mark.parametrize(
    ("text", "above"),
    [
        ("section: other\n«questions: [{mark: r, text: R?}]", "`pages:` and `- page: …`"),
        ("institution: north\nname: North\n«colour: red", "`theme:`"),
    ],
)
def test_a_key_of_a_part_is_one_message_with_its_owner(tmp_path: Path, text: str, above: str) -> None:
    written = write_sections(tmp_path, PAGES, text)
    assert above in written.find("misplaced-key").remedy and written.codes == ["misplaced-key"]


@pytest.mark.parametrize(
    ("questions", "code"),
    [
        ("- mark: a\n  text: A?\n  «mandatory: yes", "required-answer"),
        ("- mark: a\n  text: A?\n  comment: «yes", "wrong-value"),
        ("- mark: a\n  text: A?\n  reverse: «on", "wrong-value"),
        ("- mark: a\n  text: A?\n  when: «yes", "wrong-value"),
        ("- mark: a\n  text: A?\n  «reversed: yes", "other-word"),
        ("- consent: a\n  text: A?\n  parts: {b: {text: B, required: «Yes}}", "wrong-value"),
        ("- mark: a\n  text: A?\n  does_not_apply: «yes", "wrong-value"),
        ("- choice: a\n  text: A?\n  scale: agree\n  dont_know: «true", "wrong-value"),
    ],
)
def test_a_bare_yes_as_a_setting_is_one_message(tmp_path: Path, questions: str, code: str) -> None:
    written = write_questions(tmp_path, questions)
    problem = written.find(code)
    assert written.codes == [code]
    assert code != "wrong-value" or any(word in problem.remedy for word in ("true", "a condition", "the text of this option"))


@pytest.mark.parametrize("questions", ["- mark: a\n  «texxt: A?", "- number: a\n  text: A?\n  «too: 9"])
def test_a_misspelt_key_is_not_missing_too(tmp_path: Path, questions: str) -> None:
    written = write_questions(tmp_path, questions)
    assert written.find("unknown-key") and written.codes == ["unknown-key"]


def test_a_misspelt_language_of_the_head_is_one_message(tmp_path: Path) -> None:
    change = {"languages": "{en: {name: English}, «NL: {name: Nederlands}}", "title": "{en: Title, nl: Titel}"}
    written = write_head(tmp_path, change)
    assert written.find("bad-code") and written.codes == ["bad-code"]


def test_no_as_the_open_link_is_one_message(tmp_path: Path) -> None:
    written = write_head(tmp_path, {}, "institution: north\nname: North\nopen_link: «no")
    assert "`false`" in written.find("wrong-value").remedy and written.codes == ["wrong-value"]


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        ("- open: a\n  text: A?\n  notice: «Name no names", "under `notices`"),
        ("- open: a\n  text: A?\n  notice: «true", "under `notices`"),
        ("- open: a\n  text: A?\n  notice: «yes", "under `notices`"),
        ("- grid: a\n  text: A?\n  items: {b: B}\n  scale: «yes", "under `scales`"),
        ("- choice: a\n  text: A?\n  scale: «[never, maybe]", "under `scales`"),
        ("- choice: a\n  text: A?\n  scale: «{1: No way}", "under `scales`"),
        ("- choice: a\n  text: A?\n  options_from: «[x, y]", "under `lists`"),
        ("- mark: «[a]\n  text: A?", "one code"),
    ],
)
def test_where_a_name_belongs_it_is_said_what_it_names(tmp_path: Path, questions: str, expected: str) -> None:
    written = write_questions(tmp_path, questions)
    assert expected in written.find("wrong-value").remedy and written.codes == ["wrong-value"]


@pytest.mark.parametrize("hidden", ["\u00a0", "\u200b", "\ufeff", "\u2009"])
def test_a_hidden_character_in_a_code_key_or_indentation_is_named(tmp_path: Path, hidden: str) -> None:
    texts = {
        "code": f"- mark: «we{hidden}ek\n  text: A?\n- open: why\n  text: Why?\n  when: week == 3",
        "key": f"- mark: week\n  «te{hidden}xt: A?",
        "indentation": f"- mark: week\n «{hidden}text: A?",
        "value": f"- mark:«{hidden}week\n  text: A?",
        "option": f"- choice: a\n  text: A?\n  options: {{«x{hidden}: X, y: Y}}",
    }
    for name, questions in texts.items():
        written = write_questions(tmp_path / name, questions)
        assert f"U+{ord(hidden):04X}" in written.find("hidden-character").wrong, name
        assert written.codes == ["hidden-character"], name


def test_a_file_in_utf16_is_one_message(tmp_path: Path) -> None:
    write_sections(tmp_path, PAGES, "section: other\npages: [{page: b, when: q == 'yes', questions: [{mark: r, text: R?}]}]")
    path = tmp_path / "q" / "x" / "1.yaml"
    path.write_bytes(path.read_text().encode("utf-16"))
    assert [problem.code for problem in inspect_questionnaire(path.parent).problems] == ["not-utf8"]


@pytest.mark.parametrize(
    ("questions", "owner"),
    [
        ("- grid: g\n  text: G\n  scale: agree\n  items: {a: {text: A, «revers: true}}", "an item"),
        ("- choice: c\n  text: C\n  options: {a: {text: A, «namly: true}}", "an option"),
        ("- consent: c\n  text: C\n  parts: {a: {text: A, «requird: true}}", "a consent part"),
        ("- yes_no: c\n  text: C\n  «options: {a: A}", "a yes_no question"),
    ],
)
def test_an_unknown_key_is_found_in_every_kind_of_mapping(tmp_path: Path, questions: str, owner: str) -> None:
    assert f"of {owner}" in write_questions(tmp_path, questions).find("unknown-key").wrong


@pytest.mark.parametrize(
    ("change", "owner"),
    [
        ({"budget": "{minutes: 5, «hours: 1}"}, "a budget"),
        ({"languages": "{en: {name: English, «loacle: en}}"}, "a language"),
        ({"background": "{path: {text: P, open: true, «form: 1}}"}, "a background variable"),
        ({"order": "[{group: main, sections: [main], «moduls: {random: 1}}]"}, "a group"),
        ({"order": "[{group: main, sections: [main]}, {group: m, modules: {«rnadom: 1}}]"}, "a module rule"),
    ],
)
def test_an_unknown_key_in_the_head_is_named_too(tmp_path: Path, change: dict[str, str], owner: str) -> None:
    assert f"of {owner}" in write_head(tmp_path, change).find("unknown-key").wrong


def test_an_unknown_key_that_is_a_number_is_named(tmp_path: Path) -> None:
    written = write_head(tmp_path, {}, "institution: north\nname: N\ntheme: {«2: a}")
    assert written.find("unknown-key").facts["key"] == "2"


def test_a_missing_key_is_reported_at_its_mapping(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- «number: days\n  text: How many?").find("missing-key")
    assert problem.wrong == "a number question lacks the key 'to'"
    assert "item lacks the key 'text'" in str(
        write_questions(tmp_path, "- grid: g\n  text: G\n  scale: agree\n  items: {a: {reverse: true}}").find("missing-key")
    )


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("seconds: «'12'", "a number, without quotes"),
        ("seconds: «0", "more than 0"),
        ("seconds: «601", "at most 600"),
        ("seconds: «99999999999999999999", "a number"),
        ("since: «2026.5", "a whole number"),
        ("since: «true", "a whole number"),
        ("since: «26", "at least 1900"),
        ("since: «90000000", "of at most 1000000"),
        ("reverse: «1", "`true` or `false`"),
        ("reverse: «'true'", "`true` or `false`"),
        ("when: «[a]", "a condition such as path == 'bol'"),
        ("when: «true", "a condition such as"),
        ("help: «''", "a text"),
        ("help: «[a]", "a text"),
        ("help: «true", "a text"),
        ("help: «{en: [a]}", "a mapping with a text for every language"),
        ("indicators: «costs", "a list"),
        ("indicators: [«3]", "a text in quotes"),
    ],
)
def test_a_wrong_value_is_shown_with_what_it_must_be(tmp_path: Path, setting: str, expected: str) -> None:
    problem = write_questions(tmp_path, f"- mark: week\n  text: Your week?\n  {setting}").find("wrong-value")
    assert expected in problem.remedy


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("{group: main, sections: «main, more}", "`sections: [main, more]`"),
        ("{group: main, sections: «main, more, last}", "`sections: [main, more, last]`"),
        ("{group: main, sections: «main, own_questions: ~}", "`sections: [main]`"),
        ("{group: main, modules: «food, sport}", "a mapping"),
    ],
)
def test_a_list_in_braces_without_brackets_is_one_message(tmp_path: Path, group: str, expected: str) -> None:
    written = write_head(tmp_path, {"order": f"[{group}]"})
    assert expected in written.find("wrong-value").remedy
    assert written.codes.count("empty-value") == group.count("~")


@pytest.mark.parametrize("word", ["true", "True", "yes", "false", "no"])
def test_a_truth_value_as_a_condition_is_explained_by_who_is_asked(tmp_path: Path, word: str) -> None:
    written = write_questions(tmp_path, f"- mark: week\n  text: Your week?\n  when: «{word}")
    who = "everybody" if word.lower() in ("true", "yes") else "nobody"
    assert who in written.find("wrong-value").remedy and written.codes == ["wrong-value"]


def test_a_blank_wording_is_named_with_its_language(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- mark: week\n  text: «{en: '\u00a0', nl: Hoe?}").find("wrong-value")
    assert problem.wrong == "'text' cannot be blank in en"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"questionnaire": "«Example_1"}, "lower-case letters, digits and -"),
        ({"edition": "«1"}, "at least 1900"),
        ({"budget": "«15"}, "a mapping such as {minutes: …}"),
        ({"languages": "{en: «English}"}, "a mapping such as {name: …}; other keys: based_on"),
        ({"languages": "«[en]"}, "each `key: value` on a separate line, without dashes"),
        ({"languages": "{en: {name: English, locale: «../../etc}}"}, "a locale such as nl"),
        ({"terms": "«[school]"}, "a mapping"),
        ({"edition": "«2300"}, "at most 2200"),
        ({"closes": "«9999-12-31"}, "at most 2999-12-31"),
        ({"scales": "{agree: «{}}"}, "filled"),
        ({"order": "[{group: main, sections: [main]}, «modules]"}, "a mapping such as {group: …}"),
    ],
)
def test_a_wrong_value_in_the_head_is_shown_too(tmp_path: Path, change: dict[str, str], expected: str) -> None:
    written = write_head(tmp_path, change)
    assert expected in written.find("wrong-value").remedy


@pytest.mark.parametrize(
    "value",
    [
        *("«http://lms.example.org", "«https://lms.example.org/path", "«https://*.example.org"),
        *(f"«https://lms.example.org:{port}" for port in ("0", "080", "65536", "99999")),
    ],
)
def test_only_a_plain_address_may_embed(tmp_path: Path, value: str) -> None:
    institution = f'institution: north\nname: North\nembed: ["{value}"]'.replace('"«', '«"')
    assert "such as https://lms.example.org" in write_head(tmp_path, {}, institution).find("wrong-value").remedy


@pytest.mark.parametrize(
    "code", ["Week", "1week", "we ek", "wéek", "a" * 33, "_week", "week_", "we__ek", "week-1", "5", "week.x", '"a\\nb"']
)
def test_a_code_has_only_letters_digits_and_underscores(tmp_path: Path, code: str) -> None:
    assert write_questions(tmp_path, f"- mark: «{code}\n  text: Your week?").find("bad-code").severity == "error"


@pytest.mark.parametrize("code", ["week", "w", "week_1", "a" * 32, "w2_b3"])
def test_a_code_of_letters_digits_and_single_underscores_is_fine(tmp_path: Path, code: str) -> None:
    assert write_questions(tmp_path, f"- mark: {code}\n  text: Your week?").question.code == code


@pytest.mark.parametrize("code", ["«Walk", '«"1"', "«1.5", "«01", "«a b", "«7000000"])
def test_the_code_of_an_option_is_a_word_or_a_whole_number(tmp_path: Path, code: str) -> None:
    questions = f"- choice: travel\n  text: T?\n  options: {{{code}: On foot, bike: By bike}}"
    problem = write_questions(tmp_path, questions).find("bad-option-code")
    assert "at most 32 characters – or a whole number without quotes" in problem.remedy


@pytest.mark.parametrize(("key", "meant"), [("choise", "choice"), ("mutiple", "multiple"), ("yesno", "yes_no"), ("bnak", "bank")])
def test_an_unknown_question_type_is_reported_with_a_suggestion(tmp_path: Path, key: str, meant: str) -> None:
    problem = write_questions(tmp_path, f"- «text: T?\n  {key}: travel").find("unknown-type")
    assert f"did you mean '{meant}'?" in problem.wrong and "yes_no" in problem.remedy


def test_a_question_that_is_only_words_has_no_type(tmp_path: Path) -> None:
    assert write_questions(tmp_path, "- «How are you?").find("unknown-type")


def test_a_bank_contains_questions_and_no_references(tmp_path: Path) -> None:
    bank = "bank: more\nquestions:\n  - «bank: other"
    assert write_head(tmp_path, {}, bank).find("unknown-type")


def test_a_file_must_begin_with_the_key_of_its_kind(tmp_path: Path) -> None:
    problem = write_head(tmp_path, {}, "«sektion: a\npages: []").find("unknown-file")
    assert "did you mean 'section'?" in problem.wrong and "institution" in problem.remedy


def test_all_problems_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    written = write_questions(
        tmp_path,
        """
        - mark: Week
          text: Your week?
        - number: days
          text: How many?
        - choise: x
          text: X?
        - open: story
          text: Tell us
          max_length: 0
          nots: no_names
        """,
    )
    assert written.codes == ["bad-code", "missing-key", "unknown-type", "wrong-value", "unknown-key"]


def test_invalid_parts_are_removed_and_the_rest_is_checked(tmp_path: Path) -> None:
    written = write_questions(
        tmp_path,
        """
        - mark: week
          text: Your week?
          hlep: All days.
        - choice: travel
          text: T?
          options: {walk: On foot, Bike: By bike}
        - yes_no: job
          text: Job?
          when: wek == 3
        """,
    )
    assert written.codes == ["unknown-key", "bad-option-code", "unknown-name"]
    assert [q.code for q in written.questionnaire.sections["main"].pages[0].questions] == ["week", "travel", "job"]


def test_a_reference_to_a_removed_part_is_not_a_problem(tmp_path: Path) -> None:
    """Page two depends on an invalid question: one mistake gives one problem."""
    written = write_sections(
        tmp_path,
        """
        section: main
        pages:
          - page: first
            questions:
              - number: days
                text: How many?
          - page: second
            when: days > 2
            questions:
              - open: why
                text: Why {days}?
        """,
    )
    assert written.codes == ["missing-key"]


def test_names_from_an_unreadable_file_are_not_reported_as_unknown(tmp_path: Path) -> None:
    main = "section: main\npages:\n  - page: first\n    when: other_mark > 2\n    questions: [{open: why, text: Why?}]"
    other = "section: other\npages:\n  - page: second\n    questions: [{mark: other_mark, text: 'M}]"
    assert write_sections(tmp_path, main, other).codes == ["yaml"]


def test_a_list_without_valid_entries_is_removed_with_its_owner(tmp_path: Path) -> None:
    written = write_questions(tmp_path, "- choice: travel\n  text: T?\n  options: {Walk: A}\n- mark: week\n  text: W?")
    assert written.codes == ["bad-option-code"]
    assert [question.code for question in written.questionnaire.sections["main"].pages[0].questions] == ["week"]


def test_a_file_without_its_code_is_rejected_as_a_whole() -> None:
    document = read_document("a.yaml", b"section: Main\npages:\n  - page: one\n    questions: [{mark: week, text: W}]")
    assert document.kind == "section" and document.definition is None
    assert [problem.code for problem in document.problems] == ["bad-code"]
    assert {"week", "one"} <= document.removed_words


def test_an_empty_value_is_reported_once(tmp_path: Path) -> None:
    written = write_questions(tmp_path, "- mark: week\n  «text:\n- open: why\n  text: Why?")
    assert written.find("empty-value") and written.codes == ["empty-value"]


def test_paths_of_pydantic_resolve_to_data_and_definition() -> None:
    loc = ("pages", 0, "questions", 1, "grid", "items", "open", "text")
    path, owner, _, at_key = resolve_path(SectionDefinition, loc)
    assert path == ("pages", 0, "questions", 1, "items", "open", "text") and not at_key
    assert owner.__name__ == "ItemDefinition"
    path, _, _, at_key = resolve_path(DOCUMENTS["questionnaire"], ("background", "open", "options", "x", "[key]"))
    assert path == ("background", "open", "options", "x") and at_key


def test_a_list_of_bullets_is_one_problem(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- multiple: a\n  text: A?\n  options:\n    «• x\n    • y").find("yaml")
    assert "hyphen" in problem.remedy
