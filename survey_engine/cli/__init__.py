"""The command line: `survey-engine COMMAND`. A new command is a file here and a line in COMMANDS."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

COMMANDS: dict[str, str] = {
    "bank": "List the questions that may be taken over, tested or not.",
    "capacity": "Measure this machine, and compute what a fieldwork needs.",
    "check": "Name every mistake in a questionnaire, with file and line.",
    "demo": "Serve the shipped questionnaires with links for demonstration students.",
    "diff": "Compare two editions of a questionnaire, item by item.",
    "erase": "Take back what somebody answered, also when a backup is restored.",
    "explain": "Say what a message of the check means, with an example.",
    "doctor": "Say what is wrong with this installation, and how to mend it.",
    "export": "Write the answers to a questionnaire as data with a codebook.",
    "links": "Make personal links, with QR codes, from a list of students.",
    "maintain": "Do what has to be done from time to time: for cron.",
    "own": "Check an institution's own questions, and say who will get each.",
    "panel": "Hand out the addresses of those who signed up for a panel.",
    "preview": "Look at a questionnaire while it is being written, and print it.",
    "prove": "Prove a questionnaire for all respondents, or show who refutes it.",
    "publish": "Give new respondents a questionnaire as it is now; others keep theirs.",
    "remind": "List whom to remind: who has not completed the questionnaire.",
    "run": "Serve the questionnaires.",
    "schema": "Print the JSON Schema of the definition language, for editors.",
    "screenshots": "Picture every page in every language on a phone, on one sheet.",
    "simulate": "Let robots answer a questionnaire, and show where it loses them.",
    "translations": "Say what is translated; give texts to translators and take them back.",
    "work": "Carry out jobs beside the site, until stopped.",
}
"""Command → what it does; each is the function of that name in the module of that name, loaded when it is called."""


def make_printable(told: str) -> str:
    """A message with control characters written out: what is quoted from a file must not steer the terminal."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else f"\\x{ord(sign):02x}" for sign in told)


class Commands(click.Group):
    """Loads a command's module only when that command is called, so that each starts fast."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except click.ClickException as error:
            vars(error)["message"] = make_printable(error.message)
            raise
        except (click.Abort, click.exceptions.Exit, OSError):
            raise
        except Exception as error:
            told = import_module("survey_engine.cli.support.faults").explain(error)
            if told is None:
                raise
            raise click.ClickException(make_printable(told)) from None

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"survey_engine.cli.{name}"), name)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(context)])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="survey-engine")
def main() -> None:
    """Questionnaires for large student surveys: write them as YAML, check them, serve them, export the answers.

    Every command explains itself: survey-engine COMMAND --help
    """
