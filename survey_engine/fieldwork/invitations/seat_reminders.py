"""Reminders of persons whose addresses are stored with their seats: no file of an earlier day is needed."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from survey_engine.fieldwork.invitations.link_files import guard_copy
from survey_engine.fieldwork.invitations.links import decrypt_seat
from survey_engine.fieldwork.invitations.reminders import CLOSED, COMPLETED, LINK_WITHDRAWN, NOT_ASKED, REMIND, Reminders
from survey_engine.fieldwork.invitations.seat_maker import CONTACT, EXCLUDED, LABELS, LINK
from survey_engine.fieldwork.mailed_links import find_mailed_number, make_mailed_token
from survey_engine.fieldwork.rosters.row_reader import INSTITUTION_COLUMN, LANGUAGE, LINK_COLUMN
from survey_engine.fieldwork.signing import hash_token, make_pseudonym
from survey_engine.storage.identity import ROWS_PER_READ, Seat
from survey_engine.storage.response_counts import find_completed
from survey_engine.storage.roster_seats import iter_seats

NO_ADDRESS = "no address"


def write_seat_reminders(path: Path, reminders: Reminders, write_address: Callable[[str], str]) -> Counter[str]:
    """Write institution, language, addresses, labels and link of each person to remind; return the number per state.

    A person whose link was replaced gets another one for the same answers: using it ends the replacing link.

    Args:
        write_address: makes the address of a token.

    Raises:
        LostContactKeyError: when a seat was encrypted with an unknown key.
    """
    columns: dict[tuple[str, str], None] = {}
    states: Counter[str] = Counter()
    for seat, state in _iter_states(reminders):
        states[state] += 1
        if state == REMIND and seat.details:
            reminders.institutions.add(seat.institution)
            columns |= dict.fromkeys((kind, code) for kind in (CONTACT, LABELS) for code in seat.details.get(kind, {}))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([INSTITUTION_COLUMN, LANGUAGE, *(code for _, code in columns), LINK_COLUMN])
        for seat, state in _iter_states(reminders):
            if state == REMIND and seat.details:
                cells = (seat.details.get(kind, {}).get(code, "") for kind, code in columns)
                is_own = hash_token(seat.details[LINK]) == seat.link_hash  # else only the hash of the replacing link is stored
                turn = find_mailed_number(reminders.answers, reminders.pseudonym_key, seat) or int(not is_own)
                mailed = make_mailed_token(reminders.pseudonym_key, seat.id, seat.link_hash, turn) if turn else seat.details[LINK]
                address = write_address(mailed)
                writer.writerow([seat.institution, seat.language or "", *map(guard_copy, cells), address])
    return states


def _iter_states(reminders: Reminders) -> Iterator[tuple[Seat, str]]:
    code = reminders.questionnaire.code
    with reminders.identity.read() as connection:
        stored = iter_seats(connection, code, reminders.questionnaire.institutions)
        while batch := list(islice(stored, ROWS_PER_READ)):
            pseudonyms = {make_pseudonym(reminders.pseudonym_key, code, seat.id): seat.id for seat in batch}
            completed = {pseudonyms[pseudonym] for pseudonym in find_completed(reminders.answers, code, pseudonyms)}
            for encrypted in batch:
                seat = decrypt_seat(reminders.contact_keys, encrypted)
                yield seat, COMPLETED if seat.id in completed else _find_state(reminders, seat)


def _find_state(reminders: Reminders, seat: Seat) -> str:
    details = seat.details or {}
    if seat.withdrawn:
        return LINK_WITHDRAWN
    if seat.institution in reminders.closed:
        return CLOSED
    if details.get(EXCLUDED):
        return NOT_ASKED
    if not details.get(CONTACT) or LINK not in details:
        return NO_ADDRESS
    return REMIND
