"""Login by birth date and surname: `LoginService` is the interface, `SeatLogin` searches the seats of rosters.

An adapter to another register implements `LoginService`; set it as `Site.login`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from survey_engine.fieldwork.names import (
    BIRTH_DATE,
    FIRST_NAME,
    SURNAME,
    SURNAME_PREFIX,
    fold_first_name,
    fold_surname,
    list_spellings,
)
from survey_engine.fieldwork.signing import hash_for
from survey_engine.storage.database import Database
from survey_engine.storage.identity import EncryptedSeat, find_by_login


class LoginService(Protocol):
    """Finds the seats that match birth date and name."""

    def find(
        self, questionnaire: str, institution: str, birth_date: date, surname: str, first_name: str
    ) -> Sequence[EncryptedSeat]:
        """Return the matching seats whose link is in use: none, one, or several when persons share birth date and name.

        The page is the same for none and several, so an implementation should take equal time for both.

        Args:
            questionnaire: its code.
            institution: its code.
            birth_date: of the person.
            surname: result of `fold_surname`, not empty. The limit of tries counts a surname and its `list_spellings` as one name: an
                implementation must not distinguish typed surnames further.
            first_name: result of `fold_first_name`, or empty. It selects among several persons, and it is required for a match by
                another spelling of the surname.
        """


@dataclass(frozen=True, slots=True)
class SeatLogin:
    """A `LoginService` that compares keyed hashes of the seats of rosters, in one SQL statement.

    Another spelling of the surname finds only persons with the given first name: Boer cannot log in as Bor by the birth date alone.
    """

    identity: Database
    key: str
    """The pseudonym key."""

    def find(
        self, questionnaire: str, institution: str, birth_date: date, surname: str, first_name: str
    ) -> Sequence[EncryptedSeat]:
        names = (questionnaire, institution, birth_date.isoformat())
        spellings = [surname, *list_spellings(surname)]
        hashes = dict(_hash_names(self.key, (*names, spelling), first_name) for spelling in spellings)
        login_hash, *_ = hashes
        stored = find_by_login(self.identity, questionnaire, list(hashes))
        found = [seat for seat in stored if seat.login_hash == login_hash]
        if first_name and len(found) != 1:
            return [seat for seat in found or stored if seat.first_name_hash == hashes[seat.login_hash or ""]]
        return found


def hash_person(key: str, questionnaire: str, institution: str, person: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return two stored hashes: of birth date and surname, and of both with the first name. Both are None if one of the two is missing."""
    born = person.get(BIRTH_DATE)
    surname = fold_surname(f"{person.get(SURNAME_PREFIX, '')} {person.get(SURNAME, '')}") if born else ""
    if not (born and surname):
        return None, None
    return _hash_names(key, (questionnaire, institution, born, surname), fold_first_name(person.get(FIRST_NAME, "")))


def _hash_names(key: str, names: tuple[str, str, str, str], first_name: str) -> tuple[str, str]:
    """Args: names: (questionnaire, institution, birth date, folded surname) · first_name: folded."""
    return hash_for("login", key, *names).hex()[:32], hash_for("login with first name", key, *names, first_name).hex()[:32]
