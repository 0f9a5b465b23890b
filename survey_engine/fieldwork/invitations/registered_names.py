"""Names as registered with a birth date, for an institution that helps a student who cannot log in."""

from __future__ import annotations

from collections import Counter
from datetime import date

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import decrypt_seat
from survey_engine.fieldwork.invitations.seat_maker import PERSON_DETAILS
from survey_engine.fieldwork.names import BIRTH_DATE, FIRST_NAME, SURNAME, SURNAME_PREFIX
from survey_engine.storage.database import Database
from survey_engine.storage.roster_seats import iter_seats


def list_registered(identity: Database, keys: ContactKeys, questionnaire: str, institution: str, born: date) -> list[str]:
    """The names of an institution's persons with this birth date, in order. Decrypts all its seats.

    Raises:
        LostContactKeyError: when a seat was encrypted with an unknown key.
    """
    with identity.read() as connection:
        stored = [seat for seat in iter_seats(connection, questionnaire, [institution]) if seat.login_hash]
    sharing = Counter(seat.login_hash for seat in stored if not seat.withdrawn)
    found = []
    for seat in stored:
        person = (decrypt_seat(keys, seat).details or {}).get(PERSON_DETAILS, {})
        if person.get(BIRTH_DATE) == born.isoformat():
            name = " ".join(person[part] for part in (FIRST_NAME, SURNAME_PREFIX, SURNAME) if part in person)
            note = "withdrawn" if seat.withdrawn else "asked for the first name too" if sharing[seat.login_hash] > 1 else ""
            found.append(f"{name} ({note})" if note else name)
    return sorted(found)
