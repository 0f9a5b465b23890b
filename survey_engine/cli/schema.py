"""`survey-engine schema`: print the JSON Schema of the definition language, for editors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from survey_engine.cli.support.questionnaires import find_folder, translations_option
from survey_engine.language.documents import InstitutionDefinition, ModuleDefinition, QuestionnaireDefinition
from survey_engine.language.json_schema import make_schema
from survey_engine.publication.compiler import inspect_questionnaire
from survey_engine.settings import read_folders

EXAMPLES = """\b
Examples:
  survey-engine schema -o questionnaires/schema.json
  survey-engine schema --for job-2026 -o questionnaires/job-2026/schema.json
"""


@click.command(epilog=EXAMPLES)
@click.option("--for", "questionnaire", metavar="QUESTIONNAIRE", help="Include the names that this questionnaire defines.")
@translations_option
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def schema(questionnaire: str | None, translations: Path | None, output: Path | None) -> None:
    """Print the JSON Schema of the definition language.

    With `# yaml-language-server: $schema=../schema.json` as the first line of a YAML file, editors such as VS Code (with its
    YAML extension) complete keys and underline mistakes while you type. With --for, they also complete the names of the
    questionnaire's scales, notices, lists and modules, and underline unknown names. Write the schema again after you add a name.
    """
    text = format_schema(
        _map_names(find_folder(questionnaire, read_folders().questionnaires), translations) if questionnaire else {}
    )
    if output:
        output.write_text(text, "utf-8")
    else:
        click.echo(text, nl=False)


def _map_names(folder: Path, translations: Path | None) -> dict[str, Iterable[str]]:
    """Return kind of name → names that the readable files of a questionnaire define."""
    names: dict[str, set[str]] = {}
    for definition in inspect_questionnaire(folder, translations).definitions:
        if isinstance(definition, QuestionnaireDefinition):
            names |= {"scale": {*definition.scales}, "notice": {*definition.notices}}
        elif isinstance(definition, InstitutionDefinition):
            names.setdefault("options_from", set()).update(definition.lists)
        elif isinstance(definition, ModuleDefinition):
            names.setdefault("theme", set()).add(definition.module)
    return {**names, "items_from": names.get("options_from", set())}


def format_schema(names: Mapping[str, Iterable[str]] | None = None) -> str:
    """Return the schema as JSON text; `names` as in `make_schema`."""
    return json.dumps(make_schema(names), indent=2, ensure_ascii=False) + "\n"
