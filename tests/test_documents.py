"""Documents lead somewhere: links, anchors, commands, options, settings, targets and modules that they name exist."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from survey_engine.cli import COMMANDS, main
from survey_engine.language.builder import RESERVED_NAMES
from survey_engine.settings import OTHER_NAMES, Settings
from survey_engine.web.respondent.rate_limits import LIMITS
from tests import ROOT
from tests.writing import HEAD, write_sections

FOLDERS = (".", "[!.]*/**", ".c*/**")
COPIES = {"node_modules", "mutants"}
DOCUMENTS = sorted(
    {path for folder in FOLDERS for path in ROOT.glob(f"{folder}/*.md") if COPIES.isdisjoint(path.relative_to(ROOT).parts)}
)
README = (ROOT / "README.md").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
OUTSIDE = {*OTHER_NAMES, "SURVEY_FUZZ", "SURVEY_THOROUGH", "SURVEY_THUMBS"}
"""Settings of the containers and the tests, which the program does not read."""

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def list_anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(document: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = document.parent / path if path else document
    return target.exists() and (not anchor or anchor in list_anchors(target.read_text()))


def list_unknown(words: list[str]) -> list[str]:
    """The command or options of a command line that do not exist; words in capitals stand for something."""
    command, context = main, click.Context(main)
    for word in words:
        if word.startswith("-"):
            known = {"--help", *(name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts))}
            if word.partition("=")[0] not in known:
                return [" ".join(words)]
        elif isinstance(command, click.Group) and not word.isupper():
            found = command.get_command(context, word)
            if found is None:
                return [" ".join(words)]
            command = found
    return []


def list_settings(text: str) -> set[str]:
    return set(re.findall(r"\bSURVEY_[A-Z_]+[A-Z]", text))


@each_document
def test_every_relative_link_leads_to_a_file_and_heading(document: Path) -> None:
    text = document.read_text()
    links = re.findall(r'\]\((?![a-z]+:)([^) ]+)\)|src="([^"]+)"', re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.M | re.S))
    assert [link for pair in links for link in pair if link and not leads_somewhere(document, link)] == []


@each_document
def test_every_command_line_has_a_command_and_options_that_exist(document: Path) -> None:
    lines = re.findall(r"survey-engine ([a-z-][^`\n#|&;)]*|--[^`\n]*)", document.read_text())
    assert [unknown for line in lines for unknown in list_unknown(line.split())] == []


@each_document
def test_every_setting_that_a_document_names_exists(document: Path) -> None:
    known = {f"SURVEY_{name.upper()}" for name in Settings.__dataclass_fields__} | OUTSIDE
    assert list_settings(document.read_text()) - known == set()


def test_the_example_names_every_setting_and_no_other() -> None:
    derived = {"SECURE_COOKIES", "PUBLISHED"}
    fields = {f"SURVEY_{name}" for field in Settings.__dataclass_fields__ if (name := field.upper()) not in derived}
    assert list_settings(EXAMPLE) - {*OTHER_NAMES} == fields


@each_document
def test_every_make_target_and_module_to_run_exists(document: Path) -> None:
    text = document.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, flags=re.M)) - targets == set()
    assert [name for name in re.findall(r"python -m (tests[\w.]*)", text) if find_spec(name) is None] == []


@each_document
def test_every_python_file_that_a_document_names_exists(document: Path) -> None:
    named = re.findall(r"`([\w./-]+/[\w.-]+\.(?:py|js|md|yaml|sh))`", document.read_text())
    roots = (ROOT, ROOT / "survey_engine", document.parent)
    assert [name for name in named if not any((root / name).exists() for root in roots)] == []


def test_the_operators_table_has_each_rate_limit() -> None:
    table = (ROOT / ".container" / "README.md").read_text().partition("### Rate limits")[2].partition("Above a limit")[0]
    rows = [[cell.strip() for cell in line.split("|")[2:4]] for line in table.splitlines() if line.startswith("| ")][1:]
    documented = [(int(burst.replace(",", "")), 1 / 60 if rate == "1 a minute" else float(rate)) for burst, rate in rows]
    assert sorted(documented) == sorted((limit.burst, limit.per_second) for limit in LIMITS.values())


def test_the_readme_names_every_command() -> None:
    assert [name for name in COMMANDS if f"`{name}`" not in README and f"`survey-engine {name}" not in README] == []


def test_the_readme_of_authors_names_every_reserved_word() -> None:
    (named,) = re.findall(r"cannot be codes: ([^;]+);", (ROOT / "questionnaires" / "README.md").read_text())
    assert set(re.findall("`([a-z]+)`", named)) == RESERVED_NAMES


def test_the_readme_weighs_at_most_8_kb() -> None:
    assert len(README.encode()) <= 8_000


def test_the_yaml_of_the_readme_is_a_section(tmp_path: Path) -> None:
    lines = re.findall(r"^```yaml\n(section: .*?)^```$", README, flags=re.M | re.S)[0]
    head = HEAD.replace("agree:", "satisfied:").replace("[main]", "[internship]")
    assert write_sections(tmp_path, lines, head=head).codes == []
