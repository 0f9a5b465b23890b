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
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.conditions import OPERATORS
from survey_engine.model.messages import MESSAGES
from survey_engine.publication.compiler import compile_questionnaire
from tests import ROOT
from tests.model.test_conditions import TRUTH

PACKAGE = ROOT / "survey_engine"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS: list[str] = CONTRACTS[0]["layers"]
MAP = (PACKAGE / "README.md").read_text()


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


def test_every_package_below_the_purity_line_is_kept_pure() -> None:
    below = LAYERS[LAYERS.index("settings") + 1 :]
    assert {f"survey_engine.{package}" for package in below} == set(CONTRACTS[-1]["source_modules"])


def test_nothing_is_imported_inside_a_function() -> None:
    assert [place for path in SOURCES for place in list_deferred_imports(path)] == []


def test_the_core_has_neither_clock_nor_unseeded_chance() -> None:
    """What the compiler reads apart, the core gives the same for the same input."""
    banned = re.compile(r"\b(datetime\.now|date\.today|utcnow|time\.time|uuid4|os\.environ|os\.urandom|random\.)")
    core = [PACKAGE / name.removeprefix("survey_engine.") for name in CONTRACTS[-1]["source_modules"]]
    files = [path for folder in core for path in sorted(folder.rglob("*.py"))]
    assert files and [path.name for path in files if banned.search(path.read_text())] == []


@pytest.mark.parametrize("name", QUESTION_TYPES)
def test_every_question_type_has_its_file_template_test_and_example(name: str) -> None:
    assert (PACKAGE / "language" / "question_types" / f"{name}.py").is_file()
    assert (ROOT / "templates" / "questions" / f"{name}.html").is_file()
    assert (ROOT / "tests" / "language" / "question_types" / f"test_{name}.py").is_file()
    gallery = compile_questionnaire(ROOT / "questionnaires" / "gallery")
    assert any(q.type == name for section in gallery.all_sections for page in section.pages for q in page.questions)


def test_every_file_of_a_question_type_is_in_the_table() -> None:
    shared = {"__init__", "question_type", "options"}
    assert {path.stem for path in (PACKAGE / "language" / "question_types").glob("*.py")} - shared == set(QUESTION_TYPES)


def test_every_operator_has_its_rows_in_the_truth_table() -> None:
    assert set(OPERATORS) == set(TRUTH)


def test_every_message_is_used_and_tested() -> None:
    outside = [path for path in SOURCES if path.name != "messages.py"]
    assert sorted(set(MESSAGES) - list_strings(outside)) == [], "no code reports it"
    assert sorted(set(MESSAGES) - list_strings(TESTS)) == [], "no test provokes it"


def test_every_check_has_its_test_file() -> None:
    checks = {path.stem for path in (PACKAGE / "analysis" / "checks").glob("*.py")} - {"__init__"}
    assert (
        checks - {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "analysis" / "checks").glob("test_*.py")} == set()
    )


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


def test_the_map_names_every_package_and_module() -> None:
    names = {path.stem if path.is_file() else path.name for path in PACKAGE.glob("*/[a-z]*") if path.suffix in ("", ".py")}
    names |= {path.stem if path.is_file() else path.name for path in PACKAGE.glob("[a-z]*") if path.suffix in ("", ".py")}
    names -= {path.stem for path in (PACKAGE / "cli").glob("*.py")} | {"py"}
    named = re.findall(r"`(\w+)(?:\.py|/)?`", MAP[MAP.index("## Map") : MAP.index("## Where do I add")])
    assert names - set(named) == set()


def test_the_root_of_the_package_holds_nothing_but_its_settings() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "settings.py"}


def test_tests_mirror_the_packages() -> None:
    crossing = {"attacks", "bench", "browser", "faults", "load"}
    folders = {path.parent.relative_to(ROOT / "tests") for path in TESTS if path.name.startswith("test_")}
    assert [str(f) for f in sorted(folders) if f.parts and f.parts[0] not in crossing and not (PACKAGE / f).is_dir()] == []
