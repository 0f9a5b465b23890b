"""`survey-engine new`: start a questionnaire in a new folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from survey_engine.authoring.new_questionnaire import NewQuestionnaire, write_questionnaire
from survey_engine.language.definition_fields import NAME_PATTERN
from survey_engine.language.variants import find_locale

EXAMPLES = """\b
Examples:
  survey-engine new mine/space-2026
  survey-engine new mine/space-2026 --title "Study space" --language nl,en --institution "City library" --minutes 5
"""


class Languages(click.ParamType[list[str]]):
    """Codes of languages, separated by commas."""

    name = "codes"

    def convert(self, value: str | list[str], param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        if isinstance(value, list):
            return value
        codes = [code.strip() for code in value.split(",") if code.strip()]
        unknown = [code for code in codes if not re.fullmatch("[a-z]{2,3}", code) or find_locale(code) is None]
        if unknown or not codes:
            named = ", ".join(unknown) or "nothing"
            self.fail(f"{named} is no language. Give codes such as nl or en, separated by commas.", param, ctx)
        return codes


class TitleText(click.ParamType[str]):
    """A text with at least one letter or digit, for titles and names."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not any(map(str.isalnum, value)):
            self.fail("The text has neither letters nor digits.", param, ctx)
        return value.strip()


def find_home() -> Path:
    """Return the folder in which a new questionnaire is created when only its id is given."""
    return Path(os.environ.get("SURVEY_QUESTIONNAIRES") or "questionnaires")


def _find_folder(_context: click.Context, _parameter: click.Parameter, questionnaire: Path) -> Path:
    """Return the folder to create. A folder that cannot be used is refused before the prompts.

    Raises:
        click.UsageError: its name is no id, or it exists.
    """
    folder = questionnaire if len(questionnaire.parts) > 1 else find_home() / questionnaire
    if not re.fullmatch(NAME_PATTERN, folder.name):
        raise click.UsageError(f"'{folder.name}' cannot be an id. Use lower-case letters, digits and -, at most 40 characters.")
    if folder.exists():
        raise click.UsageError(f"{folder} exists. To start the next edition of a questionnaire: survey-engine new-edition")
    return folder


@click.command(epilog=EXAMPLES)
@click.argument("folder", metavar="QUESTIONNAIRE", type=click.Path(path_type=Path), callback=_find_folder, is_eager=True)
@click.option("--title", type=TitleText(), prompt="Title", help="The title that respondents see.")
@click.option(
    "--language",
    "languages",
    type=Languages(),
    prompt="Languages, beginning with the one you write in",
    default="nl",
    show_default=True,
    help="Codes of languages, separated by commas. You write in the first; the others begin as drafts.",
)
@click.option(
    "--institution",
    type=TitleText(),
    prompt="Name of the first institution",
    help="Name of the first institution. Each link belongs to an institution.",
)
@click.option(
    "--minutes", prompt="Largest number of minutes that it may take", default=10, show_default=True, type=click.IntRange(1, 240)
)
def new(*, folder: Path, title: str, languages: list[str], institution: str, minutes: int) -> None:
    """Start QUESTIONNAIRE, a folder whose name becomes its id, with examples to replace. Prompts for options that are not given.

    A name without a slash is created in SURVEY_QUESTIONNAIRES, or in `questionnaires`. If the id ends in a year, such as
    space-2026, that year is the edition. The new questionnaire has no errors: it can be previewed at once.
    """
    for path in write_questionnaire(NewQuestionnaire(folder.name, title, languages, institution, minutes), folder):
        click.echo(path)
    click.echo(
        f"\nReplace the examples, then: survey-engine check {folder}\nPreview it while you write: survey-engine preview {folder}"
    )
