"""Compares the keys of the settings with those with which a store was made.

With another pseudonym key a link starts a second response, and an erasure finds nothing; without the contact keys stored data cannot be
read. Signing keys are not compared: with other ones, respondents open their links again.
"""

from __future__ import annotations

from collections.abc import Mapping

from survey_engine.fieldwork.signing import hash_for
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.fingerprints import add_fingerprints, list_fingerprints


class ForeignKeyError(Exception):
    """A store was made with other keys. The message ends with the remedy."""


def make_fingerprints(settings: Settings) -> Mapping[str, list[str]]:
    """Return 64 bits of a keyed hash of each key, by setting."""
    keys = {"pseudonym_key": [settings.pseudonym_key], "contact_keys": settings.contact_keys}
    return {name: [hash_for("fingerprint", key).hex()[:16] for key in found] for name, found in keys.items()}


def check_keys(settings: Settings, database: Database) -> None:
    """Raises ForeignKeyError if the store has fingerprints of other keys only."""
    stored = list_fingerprints(database)
    for name, found in make_fingerprints(settings).items():
        if stored.get(name) and not {*found} & {*stored[name]}:
            raise ForeignKeyError(
                f"The store of {database.store} was made with another SURVEY_{name.upper()}. Set the key of that time, or SURVEY_DATA to "
                "the folder that has it. If it was destroyed on purpose: survey-engine init --accept-keys"
            )


def record_keys(settings: Settings, database: Database, *, accept: bool = False) -> None:
    """Store the fingerprints of the keys.

    Args:
        accept: replace the fingerprints of other keys.

    Raises:
        ForeignKeyError: as `check_keys`, unless `accept` is set.
    """
    if not accept:
        check_keys(settings, database)
    found = make_fingerprints(settings)
    if accept or any({*keys} - {*list_fingerprints(database).get(name, ())} for name, keys in found.items()):
        add_fingerprints(database, found, replace=accept)
