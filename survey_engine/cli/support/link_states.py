"""Descriptions of the rows of links.csv by the state of their links."""

from __future__ import annotations

from collections.abc import Sequence

import click

from survey_engine.cli import make_printable
from survey_engine.fieldwork.invitations.reminders import (
    CLOSED,
    COMPLETED,
    COMPLETED_OTHERWISE,
    LINK_WITHDRAWN,
    NOT_ASKED,
    OLDER,
    REPEATED,
    REPLACED,
    UNKNOWN,
    Reminders,
)
from survey_engine.fieldwork.invitations.seat_reminders import NO_ADDRESS
from survey_engine.fieldwork.rosters.mistakes import format_ranges

STATE_LABELS = {
    COMPLETED: "completed the questionnaire",
    COMPLETED_OTHERWISE: "belong to persons who completed it with another link",
    OLDER: "are older links of the same persons",
    LINK_WITHDRAWN: "are withdrawn",
    CLOSED: "belong to institutions that have closed",
    UNKNOWN: "rows have no valid link",
    REPEATED: "rows repeat an earlier row",
    NOT_ASKED: "belong to excluded persons",
    NO_ADDRESS: "belong to persons whose addresses are not stored: remind them with their file of links",
    REPLACED: "were replaced by --reissue: give the file of new links too, unless it is among these files. Without such a file, remind "
    "these persons with --seats if their addresses are stored, or replace their links again with --out",
}
_LINKS_INVALID = (
    "Links of erased persons are not valid. After a restore of the identity store, other persons may have no valid link: give their list "
    "to `survey-engine links` again, with the same --key, and send the new links."
)


def format_line_ranges(lines: Sequence[int]) -> str:
    """Format ascending lines as ranges.

    >>> format_line_ranges([2, 3, 4, 9])
    'lines 2-4, 9'
    """
    return f"line{'s' * (len(lines) > 1)} {format_ranges(lines)}"


def show_invalid(reminders: Reminders) -> None:
    for path, lines in reminders.invalid.items():
        click.secho(
            make_printable(f"{path}: {len(lines)} rows have no valid link: {format_line_ranges(lines)}. {_LINKS_INVALID}"),
            fg="yellow",
            err=True,
        )
