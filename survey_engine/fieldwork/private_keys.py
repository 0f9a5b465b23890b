"""Private keys of responses: shown on demand, to continue or erase a response without its link.

A key belongs to the personal link, login by name or launch that showed it. It ends with that link. A key of a login or launch also ends
when another login or launch, or the personal link, resumes the response. The key of a link that replaced another one is stored apart from
the response: a change of the response's row would let copies of both stores join it with the seat.
"""

from __future__ import annotations

from typing import NamedTuple

from survey_engine.engine.link_mark import BY_LOGIN, LinkMark
from survey_engine.engine.response_state import Response
from survey_engine.fieldwork.participation_errors import UnknownResponseError
from survey_engine.fieldwork.signing import (
    hash_for,
    hash_private_key,
    make_later_name,
    make_private_key,
)
from survey_engine.storage.database import Database
from survey_engine.storage.private_keys import (
    KeyHolder,
    LaterKey,
    StoredKey,
    add_later_key,
    claim_key,
    find_key_mark,
    find_later_holder,
    find_later_key,
    find_response_by_key,
)

MARKS = 1 << 64
"""Number of possible link marks (64 bits)."""
TRIES = 5
"""Largest number of keys that are tried when other responses have the same key."""
_OF_LOGINS, NONE = f"%{BY_LOGIN}%", ""
"""Patterns (LIKE) of the marks whose keys may be replaced."""


class PrivateKeys(NamedTuple):
    """The private keys of a store of answers."""

    answers: Database
    key: str
    """The pseudonym key."""

    def find(self, questionnaire: str, typed: str) -> KeyHolder | None:
        """Return the response with this private key; None when there is none."""
        key_hash = hash_private_key(self.key, questionnaire, typed)
        found = find_response_by_key(self.answers, questionnaire, key_hash)
        later = find_later_key(self.answers, questionnaire, key_hash)
        if not later:
            return found
        named = int(later, 16) ^ self._mask(questionnaire, key_hash)
        mark = f"{named % MARKS:016x}" if named % MARKS else ""
        # A key of two responses opens neither.
        return None if found else find_later_holder(self.answers, questionnaire, named // MARKS, mark)

    def hash_first(self, questionnaire: str, response: int) -> str:
        """Return the hash of the key that a new response has."""
        return hash_private_key(self.key, questionnaire, make_private_key(self.key, questionnaire, response, 0))

    def give(self, response: Response) -> str:
        """Return the private key of a response; each call with the same link or login returns the same key.

        A link replaces the key of a login, and gets its own key besides that of another link. A login gets an empty text if the link or
        another login got the key after it.

        Raises:
            UnknownResponseError: when the response was erased.
        """
        if response.link_mark.login:
            return self._claim(response, NONE)
        return self._claim(response, NONE) or self._claim(response, _OF_LOGINS) or self._add_later(response)

    def begin(self, response: Response) -> None:
        """End the key of an earlier login or launch when a link, or another login or launch, resumes an incomplete response."""
        mark = response.link_mark
        if (
            (mark.link or mark.login)
            and not response.completed
            and LinkMark.parse(find_key_mark(self.answers, response.id)).login
        ):
            self._claim(response, _OF_LOGINS, open_only=True)

    def _claim(self, response: Response, replaced: str, *, open_only: bool = False) -> str:
        code, mark = response.questionnaire, str(response.link_mark.without_hidden())
        for attempt in range(TRIES):
            private = make_private_key(self.key, code, response.id, attempt, mark)
            made = StoredKey(hash_private_key(self.key, code, private), mark)
            stored = claim_key(self.answers, response.id, made, replaced, open_only=open_only)
            if stored == made:
                return private
            if stored == StoredKey(self.hash_first(code, response.id), mark):
                return make_private_key(self.key, code, response.id, 0)
            if stored.key_hash and stored.key_mark != mark:  # a link or another login has the key
                return ""
        raise UnknownResponseError

    def _add_later(self, response: Response) -> str:
        code, link, name = response.questionnaire, response.link_mark.link, make_later_name(self.key, response.id)
        for attempt in range(TRIES):
            private = make_private_key(self.key, code, response.id, attempt, link)
            key_hash = hash_private_key(self.key, code, private)
            holder = f"{(response.id * MARKS + int(link or '0', 16)) ^ self._mask(code, key_hash):032x}"
            if find_response_by_key(self.answers, code, key_hash):
                continue
            if add_later_key(self.answers, response.id, LaterKey(code, key_hash, name, holder)) == holder:
                return private
        raise UnknownResponseError

    def _mask(self, questionnaire: str, key_hash: str) -> int:
        return int.from_bytes(hash_for("later key holder", self.key, questionnaire, key_hash)[:16])
