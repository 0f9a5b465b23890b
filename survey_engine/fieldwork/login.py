"""Login by birth date and surname: `LoginService` is the interface, `SeatLogin` reads the seats of lists.

An adapter to another register implements `LoginService`; `Site.login` has the one in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from survey_engine.fieldwork.names import BIRTH_DATE, FIRST_NAME, SURNAME, SURNAME_PREFIX, fold_first_name, fold_surname
from survey_engine.fieldwork.signing import hash_for
from survey_engine.storage.database import Database
from survey_engine.storage.identity import EncryptedSeat, find_by_login


class LoginService(Protocol):
    """Finds the seats of a person."""

    def find(
        self, questionnaire: str, institution: str, birth_date: date, surname: str, first_name: str
    ) -> Sequence[EncryptedSeat]:
        """Return the seats of the questionnaire in use that match: none, one, or several for persons of one name.

        The respondent sees no difference between none and several, so an implementation should take equal time.

        Args:
            questionnaire: its code.
            institution: its code.
            birth_date: of the person.
            surname: of `fold_surname`, not empty. The limit of tries counts by it: an implementation folds its own names, and reads no
                more of a typed one.
            first_name: of `fold_first_name`, or empty; it decides between several persons only.
        """


@dataclass(frozen=True, slots=True)
class SeatLogin:
    """A `LoginService` that compares keyed hashes of the seats of lists. One statement."""

    identity: Database
    key: str
    """The pseudonym key."""

    def find(
        self, questionnaire: str, institution: str, birth_date: date, surname: str, first_name: str
    ) -> Sequence[EncryptedSeat]:
        names = (questionnaire, institution, birth_date.isoformat(), surname)
        login_hash, first_name_hash = _hash_names(self.key, names, first_name)
        found = find_by_login(self.identity, questionnaire, login_hash)
        if len(found) > 1 and first_name:
            return [seat for seat in found if seat.first_name_hash == first_name_hash]
        return found


def hash_person(key: str, questionnaire: str, institution: str, person: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the stored hashes of birth date and surname, and of both with the first name; None without birth date or surname."""
    surname = fold_surname(f"{person.get(SURNAME_PREFIX, '')} {person.get(SURNAME, '')}")
    born = person.get(BIRTH_DATE)
    if not (born and surname):
        return None, None
    return _hash_names(key, (questionnaire, institution, born, surname), fold_first_name(person.get(FIRST_NAME, "")))


def _hash_names(key: str, names: tuple[str, str, str, str], first_name: str) -> tuple[str, str]:
    """Args: names: questionnaire, institution, birth date, folded surname · first_name: folded."""
    return hash_for("login", key, *names).hex()[:32], hash_for("login with first name", key, *names, first_name).hex()[:32]
