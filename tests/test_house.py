"""The house keeps its rules: one direction, a pure core, and whatever a table lists has its file, its test and its example."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from survey_engine.cli import COMMANDS, main
from survey_engine.datasets import FORMATS
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.conditions import OPERATORS, Operator
from survey_engine.model.messages import MESSAGES
from survey_engine.operations.simulation.answers import ANSWERS
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.rendering.condition_sentences import COMPARISONS
from survey_engine.rendering.interface_texts import INPUT_ERRORS
from tests import ROOT
from tests.browser.script_mutants import list_stale
from tests.model.test_conditions import TRUTH

PACKAGE = ROOT / "survey_engine"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS: list[str] = CONTRACTS[0]["layers"]
MAP = (PACKAGE / "README.md").read_text()


@pytest.fixture(scope="module", autouse=True)
def forget_nodes() -> Iterator[None]:
    """The nodes of all modules are a million objects, through which every later collection of garbage would look."""
    yield
    walk.cache_clear()


@cache
def walk(path: Path) -> tuple[ast.AST, ...]:
    """The nodes of a module; several tests read each module."""
    return tuple(ast.walk(ast.parse(path.read_text())))


def list_strings(files: list[Path]) -> set[str]:
    """Every string that stands in the code of these files."""
    nodes = (node for path in files for node in walk(path))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def list_deferred_imports(path: Path) -> Iterator[str]:
    functions = [node for node in walk(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in walk(path):
        if isinstance(node, ast.Import | ast.ImportFrom) and any(
            one.lineno <= node.lineno <= (one.end_lineno or 0) for one in functions
        ):
            yield f"{path.relative_to(ROOT)}:{node.lineno}"


STANDARD = {
    *("__future__", "base64", "collections", "collections.abc", "contextlib", "dataclasses", "datetime", "difflib", "functools"),
    *(
        "gettext",
        "hashlib",
        "html",
        "io",
        "fractions",
        "graphlib",
        "itertools",
        "math",
        "operator",
        "pathlib",
        "re",
        "statistics",
        "sys",
        "types",
        "typing",
    ),
    *("unicodedata", "urllib.parse", "weakref", "xml.parsers", "zoneinfo"),
}
INSTALLED = {
    *("babel.core", "babel.messages.catalog", "babel.messages.pofile", "markdown_it", "markdown_it.token", "nh3", "pydantic"),
    *("pydantic.json_schema", "pydantic_core", "textstat", "yaml", "z3"),
}
PURE_MODULES = STANDARD | INSTALLED
"""What the core may import: these compute."""
PURE_NAMES = {"datetime": {"date"}, "gettext": {"c2py"}, "io": {"StringIO"}, "sys": {"modules"}}
"""Module that also reaches the world → what the core may use of it."""
IMPURE_NAMES = {"open", "input", "eval", "exec", "hash", "__import__", "import_module"}
"""`hash` of a text differs in every process."""
READING = {"read_bytes", "is_file"}
IMPURE_ATTRIBUTES = READING | {
    *("today", "utcnow", "read_text", "write_text", "write_bytes", "exists", "is_dir", "iterdir", "glob", "rglob", "stat"),
    *("mkdir", "unlink", "cwd", "home"),
}
READ_FILES = {"language/variants.py", "language/interface_catalogues.py", "language/institutions.py"}
"""What reads files for the compiler: the catalogues of a questionnaire and of the interface, and an institution's logo."""


def list_impurities(source: str) -> Iterator[str]:
    """What in a module's code touches a clock, chance, files, the network or another module that may."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names):
                yield from (n.name for n in names if n.name not in PURE_MODULES or (n.asname and n.name in PURE_NAMES))
            case ast.ImportFrom(str(module), names) if module.split(".")[0] != "survey_engine":
                allowed = PURE_NAMES.get(module)
                pure = module in PURE_MODULES
                yield from (f"{module}.{n.name}" for n in names if not pure or (allowed and n.name not in allowed))
            case ast.Attribute(ast.Name(module), name) if name not in PURE_NAMES.get(module, {name}):
                yield f"{module}.{name}"
            case ast.Attribute(_, name) if name in IMPURE_ATTRIBUTES:
                yield name
            case ast.Call(ast.Attribute(_, "open" | "now" as name)):
                yield f"{name}()"
            case ast.Name(name, ast.Load()) if name in IMPURE_NAMES:
                yield name


def test_imports_have_one_direction_and_the_core_does_no_input_or_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


def test_every_package_below_the_purity_line_is_kept_pure() -> None:
    below = LAYERS[LAYERS.index("settings") + 1 :]
    assert {f"survey_engine.{package}" for package in below} == set(CONTRACTS[-1]["source_modules"])


def test_nothing_is_imported_inside_a_function() -> None:
    assert [place for path in SOURCES for place in list_deferred_imports(path)] == []


IMPURE = [
    "from datetime import datetime as clock",
    "import datetime as clock",
    "import datetime; datetime.datetime.now()",
    "from datetime import date; date.today()",
    "import sqlite3",
    "import psycopg.rows",
    "from urllib import request",
    "import urllib.request",
    "import subprocess",
    "import jinja2",
    "from random import Random",
    "from importlib import import_module; import_module('flask')",
    "def load(): import flask",
    "__import__('flask')",
    "open('a.txt')",
    "import io; io.open('a.txt')",
    "from pathlib import Path; Path('a').open()",
    "read = open",
    "hash('a')",
    "from pathlib import Path; Path('a').read_text()",
    "from pathlib import Path; list(Path('a').iterdir())",
    "from uuid import uuid4",
    "from time import monotonic",
]


@pytest.mark.parametrize("source", IMPURE)
def test_what_touches_the_world_is_recognised(source: str) -> None:
    assert list(list_impurities(source))


def test_below_the_purity_line_only_catalogues_and_logos_are_read() -> None:
    """What the compiler reads apart, the core gives the same for the same input: no clock, no chance, no files, no network."""
    core = [PACKAGE / name.removeprefix("survey_engine.") for name in CONTRACTS[-1]["source_modules"]]
    found = {}
    for path in sorted(path for folder in core for path in folder.rglob("*.py")):
        name = str(path.relative_to(PACKAGE))
        found[name] = set(list_impurities(path.read_text())) - (READING if name in READ_FILES else set())
    assert found and {name: impure for name, impure in found.items() if impure} == {}


def list_faults(path: Path) -> Iterator[str]:
    """The codes of faults that a module names: `InputError("option")`."""
    for node in walk(path):
        match node:
            case ast.Call(ast.Name("InputError"), [ast.Constant(code), *_]):
                yield str(code)


def test_every_input_error_has_its_message_for_respondents() -> None:
    named = {
        code for package in ("language", "engine") for path in (PACKAGE / package).rglob("*.py") for code in list_faults(path)
    }
    assert named == set(INPUT_ERRORS), "add a line to INPUT_ERRORS (rendering/interface_texts.py), then `make translations`"


@pytest.mark.parametrize("name", QUESTION_TYPES)
def test_every_question_type_has_its_file_template_test_and_example(name: str) -> None:
    assert (PACKAGE / "language" / "question_types" / f"{name}.py").is_file()
    assert (ROOT / "templates" / "questions" / f"{name}.html").is_file()
    assert (ROOT / "tests" / "language" / "question_types" / f"test_{name}.py").is_file()
    gallery = compile_questionnaire(ROOT / "questionnaires" / "gallery")
    assert any(q.type == name for section in gallery.all_sections for page in section.pages for q in page.questions)


def test_robots_answer_every_question_type_that_asks_something() -> None:
    asking = {name for name, type_ in QUESTION_TYPES.items() if type_.asks}
    assert set(ANSWERS) == asking, "add it to ANSWERS (operations/simulation/answers.py)"


def test_every_file_of_a_question_type_is_in_the_table() -> None:
    shared = {"__init__", "question_type", "options", "mark_scale", "comment"}
    assert {path.stem for path in (PACKAGE / "language" / "question_types").glob("*.py")} - shared == set(QUESTION_TYPES)


def test_every_operator_has_its_rows_in_the_truth_table() -> None:
    assert set(OPERATORS) == set(TRUTH), "give it rows in TRUTH (tests/model/test_conditions.py)"


@pytest.mark.parametrize("language", COMPARISONS)
def test_every_operator_can_be_said_in_every_language_of_the_preview(language: str) -> None:
    assert set(OPERATORS) == set(COMPARISONS[language]), "give it a sentence in COMPARISONS (rendering/condition_sentences.py)"


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=list(OPERATORS))
def test_every_operator_splits_values_as_its_record_says(operator: Operator) -> None:
    """Codes that no constant names, and numbers not just beside a constant on the same side of it, must behave alike."""
    if operator.splits_at_constants:
        wanted = "a constant does not split values this way: leave out splits_at_constants (model/conditions.py)"
        constant: Any = (0, 40) if operator.compares == "lists" else 40
        for alike in (range(2, 39), range(42, 100), ["a", "b"]):
            assert len({operator.means(value, constant) for value in alike}) == 1, wanted
            assert operator.compares == "lists" or len({operator.means(constant, value) for value in alike}) == 1, wanted


def test_every_message_is_used_and_tested() -> None:
    outside = [path for path in SOURCES if not path.name.endswith("messages.py")]
    assert sorted(set(MESSAGES) - list_strings(outside)) == [], "no code reports it"
    assert sorted(set(MESSAGES) - list_strings(TESTS)) == [], "no test provokes it"


def test_every_export_format_has_its_file_and_its_test() -> None:
    for name in FORMATS:
        assert (PACKAGE / "datasets" / "formats" / f"{name}.py").is_file()
        assert (ROOT / "tests" / "datasets" / "formats" / f"test_{name}.py").is_file()
    assert {path.stem for path in (PACKAGE / "datasets" / "formats").glob("[a-z]*.py")} == set(FORMATS)


def test_files_for_people_are_drawn_from_one_set_of_templates() -> None:
    """The site and the preview have Flask's."""
    makers = [path.relative_to(PACKAGE) for path in SOURCES if re.search(r"\bEnvironment\(", path.read_text())]
    assert makers == [Path("rendering/file_templates.py")]


def test_every_check_has_its_test_file() -> None:
    checks = {path.stem for path in (PACKAGE / "analysis" / "checks").glob("*.py")} - {"__init__"}
    assert (
        checks - {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "analysis" / "checks").glob("test_*.py")} == set()
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_file_and_an_example_in_its_help(name: str) -> None:
    assert (PACKAGE / "cli" / f"{name.replace('-', '_')}.py").is_file()
    assert "Example" in CliRunner().invoke(main, [name, "--help"]).output


def test_no_file_outgrows_its_room() -> None:
    """Look for a seam at 300 lines; a table or one connected algorithm may be longer, but not twice as long."""
    assert [path.name for path in SOURCES if len(path.read_text().splitlines()) > 450] == []


def test_functions_stay_short() -> None:
    lengths = {}
    for path in SOURCES:
        for node in walk(path):
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


FOREIGN = {
    *("measureText", "max_connections", "default_pool_size", "secure_delete", "wal_recycle", "pg_checkpoint", "CODE/current"),
    *("transport", "transport__namely", "consent_use__version"),
    *("HTTPS", "STARTTLS", "SPSS", "SIGBUS", "UITSLUITEN_JN", "PQTRANS_IDLE", "PG_DIAG_MESSAGE_PRIMARY"),
    *("PGRES_BAD_RESPONSE", "PGRES_FATAL_ERROR", "PGRES_NONFATAL_ERROR"),
}
"""What docstrings name of browsers, databases, protocols, an earlier program and example questionnaires."""


def list_names(node: ast.AST) -> Iterator[str]:
    """Everything that a node of the code names: variables, functions, modules, texts of one word."""
    if isinstance(node, ast.Constant) and re.fullmatch(r"[\w-]+", str(node.value)):
        yield from (str(node.value), *str(node.value).split("-"))
    for part in ("id", "attr", "name", "arg", "asname", "module"):
        yield from str(getattr(node, part, "")).split(".")


def test_what_docstrings_name_is_there() -> None:
    nodes = [(path, node) for path in SOURCES for node in walk(path)]
    known = {name for _, node in nodes for name in list_names(node)} | {path.stem for path in PACKAGE.rglob("*")} | FOREIGN
    stale = []
    for path, node in nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for name in set(re.findall(r"`([A-Za-z_][\w./]*)`", node.value.value)) - FOREIGN:
                folders = (ROOT, PACKAGE, path.parent, *PACKAGE.glob("*/"))
                is_file = "/" in name or name.endswith(".py")
                if not (any((f / name).exists() for f in folders) if is_file else known.issuperset(name.split("."))):
                    stale.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: {name}")
    assert stale == []


def test_constants_that_docstrings_name_are_there() -> None:
    """Constants without backticks: several words, or a plural, as of a table. Help of commands also names arguments and settings."""
    nodes = [(path, node) for path in SOURCES for node in walk(path)]
    known = {name for _, node in nodes for name in list_names(node)} | FOREIGN
    stale = []
    for path, node in nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for name in set(re.findall(r"\b[A-Z]+[A-Z\d]*(?:_[A-Z\d]+)+\b|\b[A-Z]{3,}S\b", node.value.value)) - known:
                is_argument = path.parent.name == "cli" and name.lower() in known
                is_setting = name.startswith("SURVEY_") and name.removeprefix("SURVEY_").lower() in known
                if not (is_argument or is_setting):
                    stale.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: {name}")
    assert stale == []


def test_the_root_of_the_package_holds_nothing_but_its_settings() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "settings.py"}


def test_tests_mirror_the_packages() -> None:
    crossing = {"attacks", "bench", "browser", "faults", "load"}
    folders = {path.parent.relative_to(ROOT / "tests") for path in TESTS if path.name.startswith("test_")}
    assert [str(f) for f in sorted(folders) if f.parts and f.parts[0] not in crossing and not (PACKAGE / f).is_dir()] == []


def test_every_mistake_for_the_script_still_matches_it_once() -> None:
    assert list_stale() == []


def test_no_lock_file_names_a_registry() -> None:
    locks = [*ROOT.glob("*.lock"), ROOT / ".ci" / "package-lock.json"]
    named = re.compile(r'"resolved"|--(extra-)?index-url|--find-links')
    assert [lock.name for lock in locks if named.search(lock.read_text())] == []


def test_names_of_tests_are_short_enough_to_read_in_a_list() -> None:
    names = {name for path in TESTS for name in re.findall(r"def (test_\w+)", path.read_text())}
    assert [name for name in sorted(names) if len(name) > 70] == []


def list_private_names(path: Path) -> Iterator[str]:
    """The private names of other objects that a test uses or replaces."""
    for node in walk(path):
        name = ""
        if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
            name = node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "setattr":
            name = ast.unparse(node.args[1]).strip("'").rpartition(".")[2]
        if re.fullmatch("_[a-zA-Z].*", name) and name != "_replace":  # a public method of named tuples
            yield f"{path.relative_to(ROOT)}:{node.lineno}: {name}"


def test_no_test_uses_private_names_of_what_it_tests() -> None:
    """The careless engine is no test: it replaces statements of the engine by wrong ones."""
    assert [found for path in TESTS if path.name != "careless.py" for found in list_private_names(path)] == []
