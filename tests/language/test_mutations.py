"""No input raises an exception: mutated copies of shipped questionnaires give problems or compile.

The number of examples is small, because each compiles a whole questionnaire; SURVEY_THOROUGH=1 tries twenty times as many.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import Compilation, inspect_questionnaire
from tests import SHIPPED, THOROUGH

Texts: TypeAlias = dict[str, str]
Mutation: TypeAlias = Callable[[list[str], random.Random], None]

VALUES = [
    *("", "~", "true", "yes", "0", "-1", "1.5", "99999999999999999999", "1" + "0" * 400, "2026-02-30", "''", '""', '"\\0"', "é"),
    *(
        "[]",
        "{}",
        "[[]]",
        "[1, a]",
        "{a: b}",
        "{en: x}",
        "{text: }",
        "{1: 2}",
        "{a: {b: {c: {d: e}}}}",
        "{? [a] : b}",
        "x" * 9000,
    ),
    *(
        "[" * 30 + "]" * 30,
        "&a b",
        "*a",
        "!!set {a}",
        "!x y",
        "|",
        ">",
        "- a",
        ": ",
        "{",
        "]",
        '"',
        "'",
        "#",
        "%",
        "@",
        "\t",
        "\x07",
    ),
    *("a == 1", "not", "((", "path ==", "answered(x)", "count(path) > 1", "'a' in path", "path == path", "{school}", "{{x}}"),
    *("\u2028", "\ufeff", "😀", "../x.svg"),
]
KEYS = [
    *("section", "module", "bank", "questionnaire", "institution", "page", "pages", "questions", "grid", "choice", "multiple"),
    *("open", "date", "consent", "panel", "text", "when", "options", "items", "scale", "languages", "order", "blocks", "modules"),
    *("own_questions", "years", "from", "to", "namely", "exclusive", "required", "version", "theme", "terms", "lists", "embed"),
    *("demo", "background", "conditions"),
]
DATA: list[Any] = [
    None,
    True,
    0,
    -5,
    2.5,
    10**17,
    "",
    "word",
    "two words",
    [],
    {},
    [1, "a"],
    {"a": "b"},
    {"text": "x"},
    [[]],
    [{}],
    {1: 2},
]


def delete_line(lines: list[str], chance: random.Random) -> None:
    del lines[chance.randrange(len(lines))]


def duplicate_lines(lines: list[str], chance: random.Random) -> None:
    start = chance.randrange(len(lines))
    lines[start:start] = lines[start : start + chance.randint(1, 12)]


def swap_lines(lines: list[str], chance: random.Random) -> None:
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def indent_line(lines: list[str], chance: random.Random) -> None:
    number = chance.randrange(len(lines))
    lines[number] = " " * chance.randint(1, 8) + lines[number]


def replace_value(lines: list[str], chance: random.Random) -> None:
    keyed = [number for number, line in enumerate(lines) if re.search(r": \S", line)]
    number = chance.choice(keyed or [0])
    lines[number] = re.sub(r": .*", lambda _: f": {chance.choice(VALUES)}", lines[number], count=1)


def replace_inner_value(lines: list[str], chance: random.Random) -> None:
    inner = [number for number, line in enumerate(lines) if "{" in line or "[" in line]
    number = chance.choice(inner or [0])
    words = list(re.finditer(r"[\w'.-]+", lines[number]))
    if words:
        found = chance.choice(words)
        lines[number] = lines[number][: found.start()] + chance.choice([*VALUES, *KEYS]) + lines[number][found.end() :]


def replace_key(lines: list[str], chance: random.Random) -> None:
    keyed = [number for number, line in enumerate(lines) if re.match(r"[ -]*\w+:", line)]
    number = chance.choice(keyed or [0])
    lines[number] = re.sub(r"\w+:", lambda _: f"{chance.choice(KEYS)}:", lines[number], count=1)


def insert_line(lines: list[str], chance: random.Random) -> None:
    number = chance.randrange(len(lines) + 1)
    blank = " " * chance.randrange(0, 14)
    lines.insert(number, f"{blank}{chance.choice(['', '- '])}{chance.choice(KEYS)}: {chance.choice(VALUES)}")


def spoil_characters(lines: list[str], chance: random.Random) -> None:
    number = chance.randrange(len(lines))
    characters = list(lines[number]) or [" "]
    characters[chance.randrange(len(characters))] = chr(
        chance.choice([0, 9, 34, 39, 58, 91, 123, 8232, 0x1F600, chance.randrange(32, 127)])
    )
    lines[number] = "".join(characters)


def cut_off(lines: list[str], chance: random.Random) -> None:
    del lines[chance.randrange(1, len(lines) + 1) :]


MUTATIONS: list[Mutation] = [
    delete_line,
    duplicate_lines,
    swap_lines,
    indent_line,
    replace_value,
    replace_inner_value,
    replace_key,
    insert_line,
    spoil_characters,
    cut_off,
]


def read_texts(folder: Path) -> Texts:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*.yaml"))}


def inspect(folder: Path, texts: Texts) -> Compilation:
    """Compile these texts without catalogues, which are slow to read and not the subject here."""
    for name, text in texts.items():
        path = folder / "q" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return inspect_questionnaire(folder / "q", folder / "none")


def check(compilation: Compilation) -> None:
    """Check that all problems have a message and a file, and that there is a questionnaire unless there are errors."""
    for problem in compilation.problems:
        assert str(problem) and problem.place.file and problem.place.line >= 1 and problem.place.column >= 1
    assert isinstance(compilation.questionnaire, Questionnaire) or compilation.errors


SPOILT = {folder.name: read_texts(folder) for folder in sorted(SHIPPED.iterdir()) if (folder / "questionnaire.yaml").is_file()}
EXAMPLES = 40 if THOROUGH else 2
unhindered = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=EXAMPLES)


def mutate(folder: Path, questionnaire: str, mutation: Mutation, seed: int) -> None:
    """Apply one to three mutations to one file."""
    chance = random.Random(seed)
    texts = SPOILT[questionnaire]
    name = chance.choice(sorted(texts))
    lines = texts[name].split("\n")
    for _ in range(chance.randint(1, 3)):
        if lines:
            mutation(lines, chance)
    check(inspect(folder / str(seed), {**texts, name: "\n".join(lines)}))


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
@pytest.mark.parametrize("questionnaire", SPOILT)
@given(seed=st.integers(0, 2**32))
@unhindered
def test_every_shipped_questionnaire_is_mutated(tmp_path: Path, questionnaire: str, mutation: Mutation, seed: int) -> None:
    mutate(tmp_path, questionnaire, mutation, seed)


def list_paths(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in the data."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in entries:
        yield (*path, step)
        yield from list_paths(value, (*path, step))


GALLERY = {name: yaml.safe_load(text) for name, text in SPOILT["gallery"].items()}
POSITIONS = [(name, path) for name, data in GALLERY.items() for path in list_paths(data)]


@pytest.mark.slow
@given(st.sampled_from(POSITIONS), st.sampled_from(DATA))
@settings(unhindered, max_examples=10 * EXAMPLES)
def test_a_value_of_any_type_in_any_place_gives_problems(
    tmp_path: Path, position: tuple[str, tuple[Any, ...]], value: Any
) -> None:
    """One value is replaced by a value of another type."""
    name, path = position
    data = deepcopy(GALLERY[name])
    reduce(getitem, path[:-1], data)[path[-1]] = value
    check(inspect(tmp_path, {**SPOILT["gallery"], name: yaml.safe_dump(data, allow_unicode=True, sort_keys=False)}))
