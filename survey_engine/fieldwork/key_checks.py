"""Compares the keys of the settings with the keys of a store.

With another pseudonym key, a link starts a second response and an erasure finds nothing. Without its contact key, stored data cannot be
decrypted. Signing keys are recorded but not compared: with new ones, respondents only have to open their links again.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.erasure import Stores, count_responses_without_seat
from survey_engine.fieldwork.signing import hash_for
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.fingerprints import add_fingerprints, map_fingerprints, read_fingerprints
from survey_engine.storage.identity import list_sealed
from survey_engine.storage.panels import list_waiting_tokens
from survey_engine.storage.schema import has_persons

KEYS = ("pseudonym_key", "contact_keys")
"""Names of the settings whose keys are compared."""
_SIGNING = "secret_keys"
"""Name of the setting with the signing keys."""
SAMPLE = 50
"""Number of encrypted rows that are decrypted to check the keys of a store without fingerprints."""


class ForeignKeyError(Exception):
    """A store belongs to other keys. The message ends with the remedy."""

    def __init__(self, name: str, message: str) -> None:
        self.setting = f"SURVEY_{name.upper()}"
        super().__init__(message.format(self.setting))


def make_fingerprints(settings: Settings) -> Mapping[str, list[str]]:
    """Return setting → fingerprints of its keys: 64 bits of a keyed hash each."""
    keys = dict(zip(KEYS, ([settings.pseudonym_key], settings.contact_keys), strict=True))
    return {name: list(map(make_fingerprint, found)) for name, found in keys.items()}


def make_fingerprint(key: str) -> str:
    return hash_for("fingerprint", key).hex()[:16]


def list_signing(settings: Settings, database: Database) -> tuple[list[str], set[str]]:
    """Return the fingerprints of the signing keys in the settings, and of all keys that ever signed."""
    return list(map(make_fingerprint, settings.secret_keys)), {*map_fingerprints(database).get(_SIGNING, ())}


def check_keys(settings: Settings, database: Database) -> None:
    """Raises ForeignKeyError if the settings lack a key of the store."""
    stored = map_fingerprints(database)
    for name, found in make_fingerprints(settings).items():
        if {*stored.get(name, ())} - {*found}:
            raise make_error(name, database)


def check_current_keys(settings: Settings, connection: Connection) -> None:
    """Check, inside a transaction that encrypts seats, that the keys of the settings are still in use. Call `record_keys` first.

    Raises:
        ForeignKeyError: when the keys were renewed after this process read the settings.
    """
    stored = read_fingerprints(connection)
    for name, (newest, *older) in make_fingerprints(settings).items():
        if newest not in stored.get(name, ()) or {*stored[name]} - {newest, *older}:
            raise ForeignKeyError(
                name,
                "{} was renewed after this command started: its key is no longer in use. Run the command again with the new settings.",
            )


def replace_fingerprints(settings: Settings, connection: Connection) -> None:
    """Replace the stored fingerprints by those of the keys in use, in the transaction that renewed the keys.

    The fingerprint of an earlier signing key stays as long as the settings have the key.
    """
    signed = read_fingerprints(connection).get(_SIGNING, ())
    used = _map_used(settings)
    others = [key for key in map(make_fingerprint, settings.secret_keys[1:]) if key in signed]
    add_fingerprints(connection, {**used, _SIGNING: [*used[_SIGNING], *others]}, replace=True)


def _map_used(settings: Settings) -> Mapping[str, list[str]]:
    found = {**make_fingerprints(settings), _SIGNING: [make_fingerprint(settings.secret_keys[0])]}
    return {name: fingerprints[:1] for name, fingerprints in found.items()}


def find_used_keys(database: Database) -> set[str]:
    """Return the names of the settings whose keys a store uses: all of KEYS if it has persons but no fingerprints (older releases)."""
    found = {*map_fingerprints(database)}.intersection(KEYS)
    with database.read() as connection:
        return found or {*KEYS} if has_persons(connection, database.store) else found


def make_error(name: str, database: Database) -> ForeignKeyError:
    retired = "; remove a retired key only after `survey-engine maintain --renew-keys`" if name == "contact_keys" else ""
    return ForeignKeyError(
        name,
        f"The store of {database.store} was made with another {{}}. Set its earlier value{retired}, or set SURVEY_DATA to the folder that "
        "has its file. If that key was destroyed on purpose: survey-engine init --accept-keys",
    )


def record_keys(settings: Settings, answers: Database, identity: Database, *, accept: bool = False) -> None:
    """Store the fingerprints of the keys in use: the pseudonym key, and the contact key that encrypts.

    Args:
        accept: replace fingerprints of other keys instead of raising.

    Raises:
        ForeignKeyError: the stores have fingerprints of other keys, and `accept` is not set.
    """
    used = _map_used(settings)
    for database in (answers, identity):
        if accept:
            with database.write() as connection:
                replace_fingerprints(settings, connection)
            continue
        check_keys(settings, database)
        stored = map_fingerprints(database)
        if not {*stored}.intersection(KEYS):
            verify_keys(settings, answers, identity)
        if any({*keys} - {*stored.get(name, ())} for name, keys in used.items()):
            with database.write() as connection:
                add_fingerprints(connection, used)


def verify_keys(settings: Settings, answers: Database, identity: Database) -> None:
    """Raises ForeignKeyError if the keys do not decrypt or join the stored data. For stores without fingerprints."""
    keys = ContactKeys(settings.contact_keys)
    for database, tokens in ((identity, list_sealed(identity, SAMPLE)), (answers, list_waiting_tokens(answers, SAMPLE))):
        try:
            for token in tokens:
                keys.decrypt(token)
        except LostContactKeyError:
            raise make_error("contact_keys", database) from None
    if "pseudonym_key" in map_fingerprints(answers):  # already compared, so a missing seat has another cause
        return
    lost, total = count_responses_without_seat(Stores(answers, identity, settings.pseudonym_key))
    if total and lost == total:
        raise make_error("pseudonym_key", answers)
