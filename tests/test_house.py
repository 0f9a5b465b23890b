"""The house keeps its rules: one direction, a pure core, and whatever a table lists has its file, its test and its example."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from survey_engine.cli import COMMANDS, main
from survey_engine.compiler import compile_questionnaire
from survey_engine.conditions import OPERATORS
from survey_engine.problems import MESSAGES
from survey_engine.questions import QUESTION_TYPES
from tests.test_conditions import TRUTH
from tests.writing import HEAD, write_sections

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "survey_engine"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS: list[str] = CONTRACTS[0]["layers"]
README = (ROOT / "README.md").read_text()


def list_strings(files: list[Path]) -> set[str]:
    """Every string that stands in the code of these files."""
    nodes = (node for path in files for node in ast.walk(ast.parse(path.read_text())))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def list_deferred_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    yield f"{path.relative_to(ROOT)}:{inner.lineno}"


def test_imports_have_one_direction_and_the_core_does_no_input_or_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


def test_every_module_below_the_purity_line_is_kept_pure() -> None:
    below = LAYERS[next(number for number, layer in enumerate(LAYERS) if "answering" in layer) :]
    core = {f"survey_engine.{room}" for layer in below for room in re.split(r" [|:] ", layer)}
    assert set(CONTRACTS[1]["source_modules"]) == core


def test_nothing_is_imported_inside_a_function() -> None:
    assert [place for path in SOURCES for place in list_deferred_imports(path)] == []


def test_the_core_has_neither_clock_nor_unseeded_chance() -> None:
    """What the compiler reads apart, the core gives the same for the same input."""
    banned = re.compile(r"\b(datetime\.now|date\.today|utcnow|time\.time|uuid4|os\.environ|os\.urandom|random\.)")
    core = [name.removeprefix("survey_engine.") for name in CONTRACTS[1]["source_modules"]]
    files = [path for name in core for path in ([PACKAGE / f"{name}.py"] if (PACKAGE / f"{name}.py").is_file() else [])]
    files += [path for name in core for path in sorted((PACKAGE / name).rglob("*.py"))]
    assert files and [path.name for path in files if banned.search(path.read_text())] == []


@pytest.mark.parametrize("name", QUESTION_TYPES)
def test_every_question_type_has_its_file_template_test_and_example(name: str) -> None:
    assert (PACKAGE / "questions" / f"{name}.py").is_file()
    assert (ROOT / "templates" / "questions" / f"{name}.html").is_file()
    assert (ROOT / "tests" / "questions" / f"test_{name}.py").is_file()
    gallery = compile_questionnaire(ROOT / "questionnaires" / "gallery")
    assert any(q.type == name for section in gallery.all_sections for page in section.pages for q in page.questions)


def test_every_file_of_a_question_type_is_in_the_table() -> None:
    shared = {"__init__", "question_type", "options"}
    assert {path.stem for path in (PACKAGE / "questions").glob("*.py")} - shared == set(QUESTION_TYPES)


def test_every_operator_has_its_rows_in_the_truth_table() -> None:
    assert set(OPERATORS) == set(TRUTH)


def test_every_message_is_used_and_tested() -> None:
    outside = [path for path in SOURCES if path.name != "problems.py"]
    assert sorted(set(MESSAGES) - list_strings(outside)) == [], "no code reports it"
    assert sorted(set(MESSAGES) - list_strings(TESTS)) == [], "no test provokes it"


def test_every_check_has_its_test_file() -> None:
    checks = {path.stem for path in (PACKAGE / "checks").glob("*.py")} - {"__init__"}
    assert checks - {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "checks").glob("test_*.py")} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_file_and_an_example_in_its_help(name: str) -> None:
    assert (PACKAGE / "cli" / f"{name}.py").is_file()
    assert "Example" in CliRunner().invoke(main, [name, "--help"]).output


def test_no_file_outgrows_its_room() -> None:
    """Look for a seam at 300 lines; a table or one connected algorithm may be longer, but not twice as long."""
    assert [path.name for path in SOURCES if len(path.read_text().splitlines()) > 450] == []


def test_functions_stay_short() -> None:
    lengths = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[f"{path.relative_to(PACKAGE)}:{node.name}"] = (node.end_lineno or node.lineno) - node.lineno + 1
    ordered = sorted(lengths.values())
    assert ordered[len(ordered) // 2] <= 10
    assert [place for place, length in lengths.items() if length > 60] == []


def test_the_readme_names_every_command() -> None:
    assert [name for name in COMMANDS if f"`survey-engine {name}" not in README] == []


def test_the_map_names_every_room() -> None:
    rooms = {path.stem for path in PACKAGE.glob("[a-z]*.py")} | {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    named = re.findall(r"`(\w+)(?:\.py|/)`", README[README.index("## Map") : README.index("## Where do I add")])
    assert rooms - set(named) == set()


def test_what_the_readme_leads_to_is_there() -> None:
    targets = re.findall(r'\]\((?!http)([^)#]+)|src="([^"]+)"', README)
    assert targets and [found for pair in targets for found in pair if found and not (ROOT / found).exists()] == []


def test_the_eight_lines_of_the_readme_are_a_section(tmp_path: Path) -> None:
    lines = README[README.index("```yaml\n") + 8 : README.index("```\n\nOn a machine")]
    head = HEAD.replace("agree:", "satisfied:").replace("[main]", "[internship]")
    written = write_sections(tmp_path, lines, head=head)
    assert lines.count("\n") == 8 and written.codes == []
