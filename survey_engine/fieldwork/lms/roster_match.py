"""Finds the seat of a launched person on the institution's roster, by the claim that the deployment names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_engine.fieldwork.rosters.keys import iter_spellings, normalise_cell
from survey_engine.fieldwork.signing import hash_address, hash_key, normalise_key
from survey_engine.storage.addresses import find_seats_of_address
from survey_engine.storage.database import Database
from survey_engine.storage.identity import EncryptedSeat
from survey_engine.storage.lms import EMAIL, MATCH_BY_NUMBER, SOURCED_ID, Deployment
from survey_engine.storage.roster_seats import find_by_keys, find_by_numbers

CUSTOM = "student_number"
"""The custom parameter with the student number."""
_LONGEST_IDENTIFIER = 255
"""Longest number or address, in characters."""


def read_person(roster_match: str, claims: Mapping[str, Any], custom: Mapping[str, Any], sourced: Mapping[str, Any]) -> str:
    """Return the student number or address in the claim that the deployment names; empty if the launch has none.

    No other claim is read: teachers can set custom parameters, but only administrators set the others.

    Args:
        roster_match: of the deployment.
        claims: of the launch.
        custom: its custom parameters.
        sourced: its claim `lis`.

    Raises:
        ValueError: it is too long, or has invalid characters, such as half of a surrogate pair.
    """
    named = {EMAIL: claims.get("email"), MATCH_BY_NUMBER: custom.get(CUSTOM), SOURCED_ID: sourced.get("person_sourcedid")}
    found = named.get(roster_match)
    # an environment that does not know a variable sends its name, such as $Person.sourcedId
    if not isinstance(found, str) or not found.strip() or found.startswith("$"):
        return ""
    if len(found) > _LONGEST_IDENTIFIER or not found.isprintable():
        raise ValueError
    return found


def match_seat(identity: Database, key: str, questionnaire: str, deployment: Deployment, person: str) -> EncryptedSeat | None:
    """Return the seat of a person at the institution of a deployment; None when no seat or several seats match.

    Other spellings of a number match too, for example with other leading zeros: see `iter_spellings`.

    Args:
        key: the pseudonym key.
        person: as `read_person` returns it, not empty.
    """
    place = questionnaire, deployment.institution
    by_address = deployment.roster_match == EMAIL
    numbers = find_seats_of_address(identity, hash_address(key, person)) if by_address else []
    with identity.read() as connection:
        if by_address:
            found = find_by_numbers(connection, numbers)
        else:
            written = normalise_cell(person)
            for spellings in ([written], iter_spellings(normalise_key(written))):
                hashes = {hash_key(key, *place, spelling) for spelling in spellings}
                found = [*find_by_keys(connection, questionnaire, hashes).values()]
                if found:
                    break
    here = [seat for seat in found if (seat.questionnaire, seat.institution) == place]
    return here[0] if len(here) == 1 else None
