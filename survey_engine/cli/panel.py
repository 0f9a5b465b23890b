"""`survey-engine panel`: export the addresses of a panel."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import click

from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_store
from survey_engine.datasets.csv_files import write_csv
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.panel import Panels
from survey_engine.rendering.spreadsheet_cells import guard
from survey_engine.storage.panels import count_waiting, list_members

EXAMPLES = """\b
Examples:
  survey-engine panel job-2026 --out panel.csv
  survey-engine panel job-2026 --out panel.csv --close
"""


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The CSV file to create.")
@click.option("--close", is_flag=True, help="First let all waiting addresses join the panel, however few there are.")
def panel(*, questionnaire: str, out: Path, close: bool) -> None:
    """Export the addresses of the panels of QUESTIONNAIRE, in random order.

    Waiting addresses are left out: they join the panel in batches of at least twenty. The last ones join when `survey-engine
    maintain` or `work` runs after the questionnaire has closed.
    """
    settings = find_settings()
    code = find_questionnaire(questionnaire, settings).code
    with (
        closing(open_store(settings, "answers")) as answers,
        closing(open_store(settings, "identity")) as identity,
    ):
        panels = Panels(answers, identity, ContactKeys(settings.contact_keys), settings.pseudonym_key, settings.erasures)
        waiting = {name: count for name, count in count_waiting(answers).items() if name.split("/")[0] == code}
        if close:
            waiting = {name: count - panels.hand_over(name) for name, count in waiting.items()}
        found = [(name.split("/")[1], guard(address)) for name, address in list_members(identity) if name.split("/")[0] == code]
    try:
        os.close(os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise click.ClickException(f"{out} exists already. Give another file name.") from None
    write_csv(out, ["panel", "address"], found, for_excel=True)
    click.echo(f"{len(found)} addresses in {out}; {sum(waiting.values())} are still waiting.")
