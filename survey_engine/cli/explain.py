"""`survey-engine explain`: explain a message of `check`, with an example and the remedy."""

from __future__ import annotations

from pathlib import Path

import click

from survey_engine.authoring.explanations import (
    UnexplainedMessageError,
    find_explanation,
    format_explanation,
    format_problems_page,
)
from survey_engine.model.messages import MESSAGES, suggest_name


@click.command(epilog="Example: survey-engine explain never-true")
@click.argument("code", required=False)
@click.option("--all", "everything", is_flag=True, help="Write one page with all messages.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def explain(code: str | None, everything: bool, output: Path | None) -> None:
    """Explain a message of `survey-engine check`.

    CODE is the code in brackets at the end of the message. Without CODE, all codes are listed.
    """
    if everything:
        try:
            text = format_problems_page()
        except UnexplainedMessageError as error:
            raise click.ClickException(str(error)) from None
    elif code is None:
        text = "\n".join(f"{name:22} {message.severity}" for name, message in MESSAGES.items()) + "\n"
    else:
        explanation = find_explanation(code)
        if explanation is None:
            raise click.ClickException(f"There is no message '{code}'{suggest_name(code, MESSAGES)}. All: survey-engine explain")
        text = format_explanation(explanation) + "\n"
    if output:
        output.write_text(text, "utf-8")
    else:
        click.echo(text, nl=False)
