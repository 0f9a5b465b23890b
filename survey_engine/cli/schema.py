"""`survey-engine schema`: print the JSON Schema of the definition language, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from survey_engine.language.json_schema import make_schema


@click.command(epilog="Example: survey-engine schema -o questionnaires/schema.json")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def schema(output: Path | None) -> None:
    """Print the JSON Schema of the definition language.

    With `# yaml-language-server: $schema=../schema.json` as the first line of a YAML file, editors such as VS Code (with its
    YAML extension) complete keys and underline mistakes while you type.
    """
    text = write_schema()
    if output:
        output.write_text(text, "utf-8")
    else:
        click.echo(text, nl=False)


def write_schema() -> str:
    """Return the schema as JSON text."""
    return json.dumps(make_schema(), indent=2, ensure_ascii=False) + "\n"
