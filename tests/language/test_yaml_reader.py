"""The YAML reader: values, places, and every kind of invalid file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.language.yaml_reader import MAX_BYTES, MAX_DEPTH, MAX_NODES, SourceMapping, find_place, read_source
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place


def read(text: str) -> tuple[SourceMapping | None, list[Problem]]:
    return read_source("a.yaml", text.encode())


def find_problem(text: str) -> Problem:
    """Return the single problem of a text, at the place that « marks."""
    before = text.partition("«")[0]
    _, problems = read(text.replace("«", ""))
    assert len(problems) == 1, list(map(str, problems))
    if "«" in text:
        assert problems[0].place == Place("a.yaml", before.count("\n") + 1, len(before) - before.rfind("\n"))
    return problems[0]


def test_a_mapping_is_read_as_words_numbers_and_lists() -> None:
    node, problems = read("a: word\nb: 3\nc: -1.5\nd: [true, false, 'true', '3']\ne: {f: 007, g: 2026-01-31, h: 1_000}")
    assert not problems
    assert node == {
        "a": "word",
        "b": 3,
        "c": -1.5,
        "d": [True, False, "true", "3"],
        "e": {"f": "007", "g": "2026-01-31", "h": "1_000"},
    }


def test_number_like_words_of_other_yaml_readers_stay_words() -> None:
    node, _ = read("a: 1e3\nb: 0x1F\nc: 0o7\nd: .5\ne: 1.\nf: .nan\ng: .inf\nh: '1'\ni: 99999999999999999999\nj: 12:30:45")
    assert node and all(isinstance(value, str) for value in node.values())


def test_every_key_and_value_has_its_line_and_column() -> None:
    node, _ = read("section: a\npages:\n  - page: one\n    title: {nl: Ja hoor,\n      en: Indeed}\n")
    assert node
    assert find_place(node, ("section",), Place("")) == Place("a.yaml", 1, 10)
    assert find_place(node, ("pages", 0, "page"), Place("")) == Place("a.yaml", 3, 11)
    assert find_place(node, ("pages", 0, "page"), Place(""), key=True) == Place("a.yaml", 3, 5)
    assert find_place(node, ("pages", 0, "title", "en"), Place("")) == Place("a.yaml", 5, 11)
    assert find_place(node, ("pages", 0), Place("")) == Place("a.yaml", 3, 5)


def test_a_block_is_located_at_its_key_and_a_text_where_it_begins() -> None:
    node, _ = read("pages:\n  - 1\nwhen:\n  path == 'bol'\n")
    assert node
    assert find_place(node, ("pages",), Place("")) == Place("a.yaml", 1, 1)
    assert find_place(node, ("when",), Place("")) == Place("a.yaml", 4, 3)


def test_a_path_without_data_gives_the_place_of_its_nearest_ancestor() -> None:
    node, _ = read("a: {b: 1}")
    assert node
    assert find_place(node, ("a", "b", "c"), Place("")) == Place("a.yaml", 1, 8)
    assert find_place(node, ("a", "x"), Place("")) == Place("a.yaml", 1, 4)
    assert find_place(None, ("a",), Place("z.yaml")) == Place("z.yaml")


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read_source("a.yaml", b"\xef\xbb\xbfsection: a")[0] == {"section": "a"}


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "Yes", "NO"])
def test_a_bare_yes_or_no_must_be_quoted(word: str) -> None:
    problem = find_problem(f"options: {{«{word}: fine}}")
    assert problem.code == "unquoted-word" and f'"{word}"' in problem.remedy
    assert not read(f'options: {{"{word}": fine}}')[1]


def test_a_duplicate_key_is_an_error_and_the_first_is_used() -> None:
    assert find_problem("a: 1\n«a: 2").code == "duplicate-key"
    assert read("a: 1\na: 2")[0] == {"a": 1}


def test_a_key_without_a_value_is_refused() -> None:
    assert find_problem("section: a\n«when:\ntitle: b").code == "empty-value"
    assert find_problem("a: {«b: ~}").code == "empty-value"
    assert len(read("a: {b: , c: }")[1]) == 2


@pytest.mark.parametrize("text", ["{en: Often, «or always, or never}", "{en: One, «two, three, nl: Een, twee, drie}"])
def test_a_text_with_commas_in_braces_is_one_message(text: str) -> None:
    assert find_problem(f"a: {text}").code == "empty-value"


@pytest.mark.parametrize("text", ["a: «&x b\n", "a: «*x\n", "a: «*Hello* world\n", "a: «&x [1]\n", "«&x b: 1"])
def test_anchors_and_aliases_are_refused(text: str) -> None:
    problem = find_problem(text)
    assert problem.code == "alias" and "quotes" in problem.remedy


def test_entity_expansion_attacks_are_rejected() -> None:
    bomb = "a: &a [x, x]\n" + "\n".join(f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]" for i in range(20))
    assert [problem.code for problem in read(bomb)[1]] == ["alias"]


def test_tags_are_rejected_because_they_would_drop_a_word() -> None:
    assert find_problem("a: «!Let op\n").code == "tag"
    assert find_problem("a: «!!python/object:os.system x\n").code == "tag"
    assert find_problem("a: «!!map {b: c}\n").code == "tag"


def test_an_invisible_character_is_rejected_at_its_place() -> None:
    problem = find_problem("section: a\ntitle: b«\x07c")
    assert problem.code == "strange-character" and "U+0007" in problem.wrong
    assert find_problem('a: «"b\\0c"').code == "strange-character"
    assert read('a: "b\\0c"')[0] == {"a": "bc"}


@pytest.mark.parametrize("control", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_characters_that_change_the_text_direction_are_rejected(control: str) -> None:
    escaped = f"\\u{ord(control):04X}"
    for text in (f"name: «{control}gnp.exe", f"a: b # «{control}c", f'name: «"{escaped}gnp.exe"'):
        assert find_problem(text).code == "strange-character"


def test_right_to_left_letters_are_allowed() -> None:
    assert read("name: \u200f\u0634\u200c\u0645\u200e")[1] == []


def test_a_file_that_is_not_utf8_is_refused_with_the_line() -> None:
    node, problems = read_source("a.yaml", b"section: a\ntitle: caf\xe9\n")
    assert node is None and [str(problem)[:8] for problem in problems] == ["a.yaml:2"]
    assert problems[0].code == "not-utf8"


def test_a_file_is_no_larger_than_a_megabyte() -> None:
    assert read_source("a.yaml", b"#" * (MAX_BYTES + 1))[1][0].code == "too-large"
    assert read_source("a.yaml", b"a: b #" + b"#" * (MAX_BYTES - 6))[0] == {"a": "b"}


def test_the_number_of_values_in_a_file_is_limited() -> None:
    problems = read("a: [" + "1," * MAX_NODES + "1]")[1]
    assert [problem.code for problem in problems] == ["too-large"] and str(MAX_NODES) in problems[0].wrong


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_nesting_is_bounded(opening: str) -> None:
    assert [p.code for p in read("a:\n " + opening * (MAX_DEPTH + 5))[1]] in (["too-deep"], ["yaml"])
    assert find_problem("a: " + "[" * 5000).code == "too-deep"


def test_a_second_document_is_refused() -> None:
    assert find_problem("a: b\n«---\nc: d\n").code == "second-document"


@pytest.mark.parametrize(
    ("rest", "advice"), [("section: b", "Move what"), ("- page: b", "Remove"), ("", "Remove"), ("title: c", "Remove")]
)
def test_a_line_of_dashes_is_removed_or_divides_a_file(rest: str, advice: str) -> None:
    assert find_problem(f"section: a\n«---\n{rest}\n").remedy.startswith(advice)


@pytest.mark.parametrize("bullet", ["–", "—", "•", "·", "*"])
@pytest.mark.parametrize("text", ["a:\n  - b: c\n  «{} b: d\n", "a:\n  «{} b: c\n    d: e\n", "a:\n  - b\n  «{} c\n"])
def test_a_bullet_of_a_word_processor_is_named(bullet: str, text: str) -> None:
    assert find_problem(text.format(bullet)).remedy == "Begin each part of a list with a hyphen: `- `."


@pytest.mark.parametrize("text", ["a: b\n«unit {en: days}\n", "«options {x: X, y: Y}\n", "a: b\n«options [x, y]\n"])
def test_a_missing_colon_before_a_bracket_is_named(text: str) -> None:
    assert "a colon is missing" in find_problem(text).wrong


@pytest.mark.parametrize("text", ["text: > 40 uur", "x:\n  y: | B", "a: {b: > 40 uur}"])
def test_a_text_that_begins_with_a_sign_of_blocks_is_to_be_quoted(text: str) -> None:
    problem = find_problem(text)
    assert ">" in str(problem) and "in quotes" in problem.remedy and "indentation of" not in problem.wrong


@pytest.mark.parametrize("text", ["«- a\n- b", "«just words", "", "# nothing", "«[1, 2]", "«'quoted'"])
def test_a_file_must_be_a_mapping(text: str) -> None:
    assert find_problem(text).code == "not-a-mapping"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("text: What do you think«: good or bad?", "colon"),
        ('a: «"never closed\nb: c\n', "never closed"),
        ('text: "Stage" «en meer\n', "`text: '\"Stage\" en meer'`"),
        ("when: 'lunch' «in meals", "`when: \"'lunch' in meals\"`"),
        ("- when: 'lunch' «in meals # those", "`when: \"'lunch' in meals\"`"),
        ("a: {when: 'lunch' «in meals, b: c}", "`when: \"'lunch' in meals\"`"),
        ('when: "lunch" «in meals', "`when: '\"lunch\" in meals'`"),
        ('when: "it\'s" «in meals', "`when: '\"it''s\" in meals'`"),
        ("text: 'it'«s'\n", "whole text in double quotes"),
        ("a: {nl: 'it'«s here', en: b}", "whole text in double quotes"),
        ('a: {nl: "Say "«yes" here", en: b}', "whole text in single quotes"),
        ("text: {institution} «asks", "begins with { is read as a mapping"),
        ("text: {nl: {institution} «asks, en: b}", "begins with { is read as a mapping"),
        ("when: {x} «== 1", "whole text in quotes"),
        ("a: [{x} «y]", "whole text in quotes"),
        ("- {x} «y", "whole text in quotes"),
        ("text: «{institution}", "whole text in quotes"),
        ("text:«{nl: a, en: b}", "Write `text: …`"),
        ("a:\n  from:«0\n  to: 18", "Write `from: …`"),
        ("a: «[1, 2\nb: 3", "bracket"),
        ("a: «{colour: #fff}\nb: 3", "` #`"),
        ("options: {a: one, b: two«: three}", "bracket"),
        ("a:\n«\tb: 1", "with spaces"),
        ("a:\n  - b\n«\t- c", "with spaces"),
        ("a:\n  - mark: b\n«\t\ttext: {nl: c}", "with spaces"),
        ("a:\n  b: one\n    text«: two", "where its neighbours begin"),
        ("a:\n  - b: 1\n  «-c: 2", "a space is missing"),
        ("a:\n  -b: one\n    text«: two", "after the dash in the line above a space is missing"),
        ("a: {nl: «'s Avonds, en: Evenings}", "if it is an apostrophe"),
        ("a:\n  - b: 1\n  «c: 2", "all with a dash or none"),
        ("a: «@home", "quotes"),
        ('a: "c:«\\qed"', "single quotes"),
        ("a:\n  b: 1\n «c: 2", "neighbours"),
        ("pages:\n  - page: one\n  «no key here\ntitle: b", "`key: value`"),
    ],
)
def test_a_syntax_error_in_yaml_is_explained_to_the_author(text: str, advice: str) -> None:
    problem = find_problem(text)
    assert problem.code == "yaml" and advice in str(problem)


@given(st.text() | st.text(alphabet="abc:-[]{}\"'#|>&*!%@`? \n\t,~01"))
def test_no_text_ends_in_a_traceback(text: str) -> None:
    node, problems = read_source("a.yaml", text.encode("utf-8", "surrogatepass"))
    assert node is not None or problems
    assert all(str(problem).startswith("a.yaml:") for problem in problems)


@given(st.binary())
def test_no_bytes_end_in_a_traceback(content: bytes) -> None:
    node, problems = read_source("a.yaml", content)
    assert node is not None or problems


words = st.from_regex(r"[A-Za-z][A-Za-z ]{0,10}[a-z]", fullmatch=True).filter(
    lambda word: word.lower() not in ("on", "off", "no")
)


@given(st.lists(st.tuples(st.integers(0, 3), words), min_size=1, max_size=8))
def test_every_place_is_the_beginning_of_its_value(entries: list[tuple[int, str]]) -> None:
    """In any style, each place is the beginning of the value's text."""
    styles = ("key{n}: {w}", "key{n}: '{w}'", "key{n}: [{w}]", "key{n}: {{inner: {w}}}")
    lines = [styles[style].format(n=number, w=word) for number, (style, word) in enumerate(entries)]
    node, problems = read("\n".join(lines))
    assert node is not None and not problems
    for number, (style, word) in enumerate(entries):
        path = [f"key{number}", *([], [], [0], ["inner"])[style]]
        place = find_place(node, path, Place(""))
        assert lines[place.line - 1][place.column - 1 :].lstrip("'").startswith(word)
        assert place.line == number + 1


@pytest.mark.parametrize("line", ["How was week «#3 for you?", "Join us «#today", "Which one «# is yours?", "Song «#1"])
def test_a_comment_that_cuts_a_text_is_named(line: str) -> None:
    problem = find_problem(f"text: {line}")
    assert problem.code == "cut-text" and problem.severity == "warning" and "in quotes" in problem.remedy


@pytest.mark.parametrize(
    "text",
    [
        'text: "Week #3?"',
        "text: Week  # the last",
        "when: a == 'b'   # conditions look back",
        "text: |\n    Week #3\n    a #4",
        "# A b\nc: C#",
        "n: 5 #x",
    ],
)
def test_a_quoted_text_and_a_real_comment_are_allowed(text: str) -> None:
    assert not read(text)[1]


def test_a_key_without_a_space_after_its_colon_is_named() -> None:
    assert "after `choice:` a space is missing" in str(find_problem("pages:\n  - choice:«food\n    text: Food?\n"))


@pytest.mark.parametrize(
    "text", ["{«en:Do you?, nl:Doe je?}", "{en: Do you?, «nl:Doe je?}", '{«en:"Do", nl:"Doe"}', "{nl: Doe, «to:9}"]
)
def test_a_key_without_a_space_in_braces_is_named_once_and_read(text: str) -> None:
    assert "a space is missing" in str(find_problem(f"a: {text}"))
    assert None not in read(f"a: {text}".replace("«", ""))[0]["a"].values()


def test_beside_an_error_of_yaml_itself_no_other_is_reported() -> None:
    assert find_problem("a: yes\nb: 1\nb: 2\nc: {d} «e\n").code == "yaml"


def test_a_key_before_its_neighbours_is_named_not_the_next_one() -> None:
    text = (
        "pages:\n  - page: one\n    questions:\n      - number: rent\n        text: Rent?\n    «when: a == 1\n        from: 0\n"
    )
    assert find_problem(text).wrong == "this is not valid YAML: this key is indented less than its neighbours"
    assert "deeper" in find_problem("a:\n  b: one\n  c: two\n    d«: three\n").wrong
