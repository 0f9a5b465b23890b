"""Words of other tools are named with the word to use here."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.language import synonyms
from survey_engine.language.condition_parser import ConditionError, parse_condition
from survey_engine.language.definition_fields import OptionDefinition
from survey_engine.language.documents import DOCUMENTS
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Place
from tests.writing import change_head, write_questions, write_sections

AB = "text: A\n  options: {a: A, b: B}"


def test_every_synonym_leads_to_a_word_of_the_language() -> None:
    models = [*DOCUMENTS.values(), *(type_.definition for type_ in QUESTION_TYPES.values())]
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()} | set(
        OptionDefinition.model_fields
    )

    assert set(synonyms.TYPES.values()) <= set(QUESTION_TYPES) and not set(synonyms.TYPES) & set(QUESTION_TYPES)
    assert set().union(*synonyms.KEY_SYNONYMS.values()) <= keys
    assert not set(synonyms.NOT_OFFERED_TYPES) & {*synonyms.TYPES, *QUESTION_TYPES}
    assert not set(synonyms.NOT_OFFERED_KEYS) & {*synonyms.KEY_SYNONYMS, *keys}


@pytest.mark.parametrize(
    ("question", "word", "ours"),
    [
        ("- «dropdown: m\n  text: A", "dropdown", "choice"),
        ("- «matrix: m\n  text: A", "matrix", "grid"),
        ("- «checkbox: m\n  text: A", "checkbox", "multiple"),
        ("- «text: m", "text", "open"),
        ("- «slider: m\n  text: A", "slider", "number"),
        ("- «type: select_one list\n  name: m", "type: select_one list", "choice"),
        ("- choice: m\n  text: A\n  «choices: {a: A, b: B}", "choices", "options"),
        ("- mark: m\n  «label: A", "label", "text"),
        ("- mark: m\n  text: A\n  «relevant: level == 1", "relevant", "when"),
        ("- number: m\n  text: A\n  «min: 0\n  to: 9", "min", "from"),
        ("- mark: m\n  text: A\n  «relevance: level == 1", "relevance", "when"),
        ("- open: m\n  text: A\n  «placeholder: B", "placeholder", "help"),
        ("- open: m\n  text: A\n  «max: 80", "max", "max_length"),
        (f"- multiple: m\n  {AB}\n  «max: 1", "max", "at_most"),
        (f"- multiple: m\n  {AB}\n  «min: 1", "min", "at_least"),
        (f"- multiple: m\n  {AB}\n  «to: 1", "to", "at_most"),
        (f"- multiple: m\n  {AB}\n  «other: true", "other", "namely"),
        (f"- choice: m\n  {AB}\n  «other: Else", "other", "namely"),
        ("- mark: m\n  text: A\n  «other: true", "other", "comment"),
        (f"- choice: m\n  {AB}\n  «showOtherItem: true", "showOtherItem", "namely"),
        ("- open: m\n  «label::Deutsch (de): A", "label::Deutsch (de)", "text"),
        ("- number: m\n  text: A\n  «rateMax: 9", "rateMax", "to"),
        (f"- choice: m\n  «name: job\n  {AB}", "name", "choice"),
        ("- choice: m\n  text: A\n  options: {a: {«label: A, when: level == 1}, b: B}", "label", "text"),
    ],
)
def test_a_word_of_another_tool_is_the_only_problem(tmp_path: Path, question: str, word: str, ours: str) -> None:
    written = write_questions(tmp_path, question)

    assert written.codes == ["other-word"]
    assert written.find("other-word").facts | {"advice": ""} == {"word": word, "ours": ours, "advice": ""}


@pytest.mark.parametrize(
    ("question", "advice"),
    [
        ("- choice: m\n  text: A\n  options: {a: {text: A, «goto: last}, b: B}", "when:"),
        ("- choice: m\n  text: A\n  options: {a: A, b: B}\n  «skip_to: last", "when:"),
        ("- «ranking: m\n  text: A\n  options: {a: A, b: B}", "`choice`"),
        ("- «rank: m\n  text: A", "`choice`"),
        ("- «type: file\n  name: m", "`open`"),
        ("- «upload: m\n  text: A", "`open`"),
        ("- «loop: m\n  text: A", "`grid`"),
        ("- number: m\n  text: A\n  to: 9\n  «default: 3", "Remove it"),
        ("- number: m\n  text: A\n  to: 9\n  «decimals: 2", "smaller unit"),
    ],
)
def test_what_is_not_offered_is_said_with_what_to_do(tmp_path: Path, question: str, advice: str) -> None:
    written = write_questions(tmp_path, question)
    assert advice in written.find("not-offered").remedy and written.codes == ["not-offered"]


@pytest.mark.parametrize("key", ["image: a.png", "quota: 10", "timer: 30", "value: 3", "columns: 2"])
@pytest.mark.parametrize("question", ["- mark: m\n  text: A", f"- choice: m\n  {AB}", "- open: m\n  text: A"])
def test_settings_that_only_other_tools_have_are_not_offered(tmp_path: Path, question: str, key: str) -> None:
    written = write_questions(tmp_path, f"{question}\n  «{key}")
    assert written.find("not-offered").facts["word"] == key.partition(":")[0] and written.codes == ["not-offered"]


@pytest.mark.parametrize(
    "entry", ["{text: A, «image: a.png}", "{text: A, «quota: 9}", "{«value: 3, text: A}", "{«value: 3, label: A}"]
)
def test_what_an_option_cannot_have_is_not_offered(tmp_path: Path, entry: str) -> None:
    written = write_questions(tmp_path, f"- choice: m\n  text: A\n  options: {{a: {entry}, b: B}}")
    assert written.find("not-offered") and set(written.codes) <= {"not-offered", "other-word"}


@pytest.mark.parametrize(
    ("question", "code", "remedy"),
    [
        (f"- multiple: m\n  {AB}\n  «exclusive: b", "misplaced-key", "`none: {text: …, exclusive: true}`"),
        (f"- choice: m\n  {AB}\n  «namely: true", "misplaced-key", "`other: {text: …, namely: true}`"),
        (f"- choice: m\n  {AB}\n  «exclusive: true", "not-offered", "another type"),
        ("- open: m\n  text: A\n  «namely: true", "not-offered", "another type"),
    ],
)
def test_a_setting_of_an_option_is_sent_to_the_option(tmp_path: Path, question: str, code: str, remedy: str) -> None:
    written = write_questions(tmp_path, question)
    assert remedy in written.find(code).remedy and written.codes == [code]


def test_a_slider_becomes_a_number_with_its_bounds(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- «slider: m\n  text: A").find("other-word")
    assert "`- number: <code>`, with `from:` and `to:`" in problem.remedy


def test_the_name_of_a_question_elsewhere_is_its_code_here(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- «type: text\n  name: story\n  title: A").find("other-word")
    assert "`- open: story`" in problem.remedy


def test_options_in_a_list_are_shown_as_a_mapping(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- choice: m\n  text: A\n  options: «[Low, High]").find("wrong-value")
    assert "`options: {a: Low, b: …}`" in problem.remedy


def test_a_compulsory_answer_is_refused_with_the_reason(tmp_path: Path) -> None:
    assert write_questions(tmp_path, "- mark: m\n  text: A\n  «required: true").find("required-answer")


def test_a_question_without_a_type_is_not_taken_for_an_open_one(tmp_path: Path) -> None:
    assert write_questions(tmp_path, "- «text: How are you?\n  options: {a: A, b: B}").find("unknown-type")


@pytest.mark.parametrize(
    ("source", "ours"),
    [
        ("job is empty", "not answered(job)"),
        ("job IS NOT EMPTY", "answered(job)"),
        ("job contains 'a'", "('a' in job)"),
        ("level between 1 and 3", "level >= 1 and level <= 3"),
        ("level <> 3", "level != 3"),
        ("job in ('a', 'b')", "job in ['a', 'b']"),
        ("selected(${job}, 'a')", "('a' in job)"),
        ("not selected(${job}, 'a')", "('a' not in job)"),
        ("${job} == 'a'", "job == 'a'"),
        ("{job} notempty", "answered(job)"),
        ("isempty(job)", "not answered(job)"),
        ("job != null", "answered(job)"),
        ("job == ''", "not answered(job)"),
        ("job == 'a' && level == 1", "job == 'a' and level == 1"),
        ("!intern", "not intern"),
        ("level ≥ 3", "level >= 3"),
        ("level ≤ 3", "level <= 3"),
        ("level ≠ 3", "level != 3"),
        ("count job >= 2", "count(job) >= 2"),
        ("count('job') >= 2", "count(job) >= 2"),
        ("answered('job')", "answered(job)"),
        ("level == 1 and answered job", "level == 1 and answered(job)"),
        ("job is not answered", "not answered(job)"),
        ("${job} = 'a' and not(selected(${work}, 'late shift'))", "job == 'a' and 'late shift' not in work"),
        ("job == 'a => b' && level = 2", "job == 'a => b' and level == 2"),
        ("job anyof ['a', 'b'] or {level} = 1", "('a' in job or 'b' in job) or level == 1"),
        ("job allof ['a', 'b']", "('a' in job and 'b' in job)"),
        ('((job.NAOK == "a"))', '((job == "a"))'),
        ("!is_empty(job)", "answered(job)"),
        ("{job} = 'a' AND {level} = 1", "job == 'a' and level == 1"),
    ],
)
def test_a_condition_of_another_tool_is_translated(source: str, ours: str) -> None:
    intern = parse_condition("level == 1", Place(""))
    with pytest.raises(ConditionError, match="instead of") as caught:
        parse_condition(source, Place(""), {"intern": intern})
    assert str(caught.value).endswith(f"write `{ours}`")


@pytest.mark.parametrize(
    ("key", "ours"),
    [
        ("relevant: ${job} = 'no'", "when: job == 'no'"),
        ("visibleIf: \"{jobs} anyof ['a', 'b']\"", "when: ('a' in jobs or 'b' in jobs)"),
        ("relevant: selected(${jobs}, 'a')", "when: ('a' in jobs)"),
        ("relevance: level == 1", "when:"),
    ],
)
def test_a_foreign_key_with_a_condition_is_translated_at_once(tmp_path: Path, key: str, ours: str) -> None:
    assert write_questions(tmp_path, f"- mark: m\n  text: A\n  «{key}").find("other-word").remedy == f"Write `{ours}`."


def test_a_condition_with_an_unknown_part_is_translated_in_part() -> None:
    with pytest.raises(ConditionError, match=r"instead of `\$\{job\}` write `job`"):
        parse_condition("${job} == 'a' and today() > 3", Place(""))


@pytest.mark.parametrize("source", ["job == 'is empty'", "job in ['null', 'a']", "answered(empty)", "contains == 'a'"])
def test_a_condition_that_can_be_read_is_not_translated(source: str) -> None:
    assert parse_condition(source, Place("")).source == source


@pytest.mark.parametrize("source", ["high == 'yes'", "'yes' == high", "answered(high)", "count(high) > 1"])
def test_a_named_condition_cannot_be_compared(source: str) -> None:
    with pytest.raises(ConditionError, match="`high` is a named condition; write `high` or `not high`"):
        parse_condition(source, Place(""), {"high": parse_condition("level == 1", Place(""))})


@pytest.mark.parametrize(
    ("source", "code"),
    [("pathh == 'bol'", "unknown-name"), ("path == 'boll'", "condition-value"), ("path ==", "condition-syntax")],
)
def test_a_mistake_in_a_named_condition_is_told_once_at_its_definition(tmp_path: Path, source: str, code: str) -> None:
    head = {"conditions": f"{{intern: «{source}, both: intern and level == 1}}"}
    uses = "section: main\npages: [{page: p, when: intern, questions: [{mark: m, text: A, when: both}]}]"
    written = write_sections(tmp_path, uses, head=change_head(head))

    assert written.find(code) and written.codes == [code]
