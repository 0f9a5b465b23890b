"""Finds different persons of a list with the same name and birth date, or with the same address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from survey_engine.fieldwork.names import (
    BIRTH_DATE,
    FIRST_NAME,
    SURNAME,
    SURNAME_PREFIX,
    fold_first_name,
    fold_name,
    fold_surname,
)
from survey_engine.fieldwork.rosters.findings import RosterFindings
from survey_engine.fieldwork.rosters.hash_sets import HashSet
from survey_engine.fieldwork.rosters.roster_format import RosterDefinition


class SharedDetails:
    """Compares birth dates and names as the login does, and addresses. Keeps hashes, and a row number of each name."""

    def __init__(self, definition: RosterDefinition, index: Mapping[str, int], place: int | None) -> None:
        """Args: index: column → position among the values · place: position of the institution."""
        self._places = {definition.columns[name].becomes: at for name, at in index.items()}
        self._contacts = [at for name, at in index.items() if definition.columns[name].becomes == "contact"]
        self._place = place
        self._rows: dict[int, int] = {}
        self._parts: dict[int, int] = {}
        self._addresses = HashSet()

    def add(self, number: int, values: Sequence[str], findings: RosterFindings) -> None:
        """Add the first row of a person."""
        institution = "" if self._place is None else values[self._place]
        addresses = {hash((institution, values[at].casefold())) for at in self._contacts if values[at]}
        are_new = [self._addresses.add(address) for address in addresses]
        if not all(are_new):
            text = (
                "a person above has one of these addresses too: reminders of both go there, and a mail after a lost link has both links. "
                "See whether it is right."
            )
            findings.add(number, "shared_address", "", "", text)
        born, prefix, surname, first_name = (
            values[self._places[part]] if part in self._places else ""
            for part in (BIRTH_DATE, SURNAME_PREFIX, SURNAME, FIRST_NAME)
        )
        if not (born and surname):
            return
        person = hash((institution, born, fold_surname(f"{prefix} {surname}"), fold_first_name(first_name)))
        if (earlier := self._rows.setdefault(person, number)) != number:
            text = (
                f"row {earlier} has the same birth date, surname and first name: neither can log in. If they are one person, remove one "
                "of the rows."
            )
            findings.add(number, "double_login", "", str(earlier), text)
        elif first_name:
            self._compare_parts(number, (institution, born, fold_first_name(first_name)), surname, findings)

    def _compare_parts(self, number: int, named: tuple[str, str, str], surname: str, findings: RosterFindings) -> None:
        """Report a row above with the same birth date and first name, and a part of the surname: a partner's name may be added."""
        for word in fold_name([surname]).split():
            if (earlier := self._parts.setdefault(hash((*named, word)), number)) != number:
                text = (
                    f"row {earlier} has the same birth date and first name, and a part of this surname. If they are one person, remove one "
                    "of the rows."
                )
                findings.add(number, "double_name", "", str(earlier), text)
                return
