"""The command line: `survey-engine COMMAND`. A new command is a module in this package and an entry in COMMANDS."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

COMMANDS: dict[str, str] = {
    "backup": "Copy both stores and the list of erasures.",
    "bank": "List the question bank of a questionnaire.",
    "benchmark": "Compute figures of all institutions together from a delivery.",
    "capacity": "Measure this machine and compute the resources for a fieldwork.",
    "check": "List all problems of a questionnaire, with file and line.",
    "class-link": "Show the link of a teacher's page, with a QR code and totals of the class.",
    "deliver": "Show or change the state of a delivery, and hand out its files.",
    "demo": "Serve the shipped questionnaires with links for demonstration students.",
    "diff": "Compare two editions of a questionnaire, item by item.",
    "erase": "Erase a respondent's answers, and repeat erasures after a restore.",
    "explain": "Explain a message of `check`, with an example.",
    "doctor": "Check this installation and report problems with their remedies.",
    "export": "Export the answers to a questionnaire, with a codebook.",
    "feed": "Write personal links for a learning environment, by hashed student number.",
    "init": "Create an installation: keys and databases.",
    "links": "Create personal links, with QR codes, from a list of students.",
    "lti": "Connect learning environments, so that students open questionnaires in their course.",
    "maintain": "Run all periodic jobs once: for cron.",
    "new": "Start a questionnaire in a fresh folder.",
    "new-edition": "Start the next edition of a questionnaire.",
    "own": "Check an institution's local questions and report their audiences.",
    "panel": "Export the addresses of a panel.",
    "preview": "Preview a questionnaire during editing, or print it.",
    "prove": "Prove properties for all respondents, or show counterexamples.",
    "publish": "Publish a questionnaire for new respondents.",
    "quality": "Flag careless responses in a delivery, for a person to approve.",
    "remind": "List the links of respondents to remind.",
    "requests": "Record requests about personal data, with their terms.",
    "restore": "Restore both stores from a backup.",
    "retention": "List the stored data of questionnaires, and delete data of closed ones.",
    "roster": "Check lists of students, and make templates for them.",
    "run": "Serve the questionnaires.",
    "schema": "Print the JSON Schema of the definition language, for editors.",
    "scores": "Compute scores, their reliability and satisfaction from a delivery.",
    "screenshots": "Take screenshots of every page in every language on a phone.",
    "simulate": "Simulate respondents, and show where they drop out.",
    "translations": "Report translation status; export and import texts for translators.",
    "experiments": "Compare the arms of split ballots in a delivery, with margins of error.",
    "usage": "Count how often modules and languages were used in a delivery.",
    "weights": "Weight a delivery to known margins.",
    "work": "Run jobs in the background until stopped.",
}
"""Command → help text. Module and function have the name of the command, with underscores; the module is imported on demand."""


def make_printable(text: str) -> str:
    """Return the text with control characters escaped: text from a file could control the terminal."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else f"\\x{ord(character):02x}" for character in text
    )


class Commands(click.Group):
    """A group that imports the module of a command only when it is called, for a fast start."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except click.ClickException as error:
            vars(error)["message"] = make_printable(error.message)
            raise
        except (click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            message = import_module("survey_engine.cli.support.command_errors").explain(error)
            if message is None:
                raise
            raise click.ClickException(make_printable(message)) from None

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = name.replace("-", "_")
        command: click.Command = getattr(import_module(f"survey_engine.cli.{module}"), module)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(context)])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="survey-engine")
def main() -> None:
    """Questionnaires for large student surveys: write them in YAML, check them, serve them, export the answers.

    Help on a command: survey-engine COMMAND --help
    """
