"""Checks whether a list of erasures belongs to this installation and is complete.

A list names its owner by a keyed hash, in a note of kind ERASED_KEY without questionnaire. Earlier releases ignore this note.
"""

from __future__ import annotations

import re
from pathlib import Path

from survey_engine.fieldwork.erasure_list import (
    ERASED,
    ERASED_KEY,
    ERASED_RESPONSE,
    RESTORED,
    WITHDRAWN,
    ErasureEntry,
    append_entries,
    has_line,
    read_list,
)
from survey_engine.fieldwork.signing import hash_for
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import has_erased, list_all_withdrawn

_OWNER = re.compile(rb"^erased key,,([0-9]+),,", re.MULTILINE)


class MissingListError(Exception):
    """There is no list, or lines are missing, although the stores contain erasures or withdrawals. The message has the remedy."""


class ForeignListError(MissingListError):
    """The list belongs to another installation. The message has the remedy."""


def number_owner(key: str) -> int:
    """Return the number of the installation with this pseudonym key."""
    return int.from_bytes(hash_for("list of erasures", key)[:7], "big")


def read_owners(path: Path) -> set[int]:
    """Return the numbers of the installations that wrote the list; none for a list of earlier releases."""
    return {int(number) for number in _OWNER.findall(path.read_bytes())} if path.is_file() else set()


def claim_list(path: Path, key: str, *, again: bool = False) -> None:
    """Write the owner into a list that has none.

    Args: again: add the owner although the list has others: the pseudonym key was replaced on purpose.
    """
    owner, owners = number_owner(key), read_owners(path)
    if has_line(path) and owner not in owners and (again or not owners):
        append_entries(path, [ErasureEntry(ERASED_KEY, "", owner)])


def check_owner(path: Path, key: str) -> None:
    """Raises ForeignListError when only other pseudonym keys wrote the list. Lists of earlier releases name no owner and are accepted."""
    owners = read_owners(path)
    if owners and number_owner(key) not in owners:
        raise ForeignListError(
            f"{path} is the list of erasures of another installation: it was written with another pseudonym key. Set SURVEY_ERASURES to "
            "the list of this one, or restore it from a copy."
        )


def check_lines(answers: Database, identity: Database, path: Path) -> None:
    """Raises MissingListError when the stores show that lines were removed from the list.

    Reads the list after the stores: each change is written to the list first.
    """
    is_erased, withdrawn = has_erased(answers), list_all_withdrawn(identity)
    entries = read_list(path).entries
    lost = withdrawn - {entry.number for entry in entries if entry.kind in (WITHDRAWN, RESTORED, ERASED)}
    if lost or (is_erased and not any(entry.kind in (ERASED, ERASED_RESPONSE) for entry in entries)):
        what = f"{len(lost)} withdrawals" if lost else "all erasures"
        raise MissingListError(f"Lines were removed from {path}: it lacks {what} that the stores have. Restore it from a copy.")
