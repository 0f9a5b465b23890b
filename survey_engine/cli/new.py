"""`survey-engine new`: start a questionnaire in a fresh folder."""

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
    """Codes of languages with commas between them."""

    name = "codes"

    def convert(self, value: str | list[str], param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        if isinstance(value, list):
            return value
        codes = [code.strip() for code in value.split(",") if code.strip()]
        unknown = [code for code in codes if not re.fullmatch("[a-z]{2,3}", code) or find_locale(code) is None]
        if unknown or not codes:
            named = ", ".join(unknown) or "nothing"
            self.fail(f"{named} is no language. Give codes such as nl or en, with commas between them.", param, ctx)
        return codes


class TitleText(click.ParamType[str]):
    """A text that shows something: one without letters and digits would be no title and no name."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not any(map(str.isalnum, value)):
            self.fail("It has neither letters nor digits.", param, ctx)
        return value.strip()


def find_home() -> Path:
    """Return the folder in which a questionnaire that is given by its id begins."""
    return Path(os.environ.get("SURVEY_QUESTIONNAIRES") or "questionnaires")


def _find_folder(_context: click.Context, _parameter: click.Parameter, questionnaire: Path) -> Path:
    """Return the folder to make; it is refused before the questions are asked."""
    folder = questionnaire if len(questionnaire.parts) > 1 else find_home() / questionnaire
    if not re.fullmatch(NAME_PATTERN, folder.name):
        raise click.UsageError(f"'{folder.name}' cannot be an id. Use lower-case letters, digits and -, at most 40 characters.")
    if folder.exists():
        raise click.UsageError(f"{folder} exists. For the next edition of it: survey-engine new-edition")
    return folder


@click.command(epilog=EXAMPLES)
@click.argument("folder", metavar="QUESTIONNAIRE", type=click.Path(path_type=Path), callback=_find_folder, is_eager=True)
@click.option("--title", type=TitleText(), prompt="Title", help="The title that respondents see.")
@click.option(
    "--language",
    "languages",
    type=Languages(),
    prompt="Languages, the one you write in first",
    default="nl",
    show_default=True,
    help="Codes of languages with commas between them. The first is that of your texts; the others begin as drafts.",
)
@click.option("--institution", type=TitleText(), prompt="Name of the first institution", help="Links belong to an institution.")
@click.option("--minutes", prompt="Minutes that it may take", default=10, show_default=True, type=click.IntRange(1, 240))
def new(*, folder: Path, title: str, languages: list[str], institution: str, minutes: int) -> None:
    """Start QUESTIONNAIRE, a folder whose name is its id, with examples to replace. Asks what no option tells.

    Without a slash, the folder is made in SURVEY_QUESTIONNAIRES or in `questionnaires`. An id that ends in a year, such as
    space-2026, has that edition. It has no errors: it can be previewed at once.
    """
    for path in write_questionnaire(NewQuestionnaire(folder.name, title, languages, institution, minutes), folder):
        click.echo(path)
    click.echo(
        f"\nReplace the examples, then: survey-engine check {folder}\nSee it while you write: survey-engine preview {folder}"
    )
