"""Private keys of responses: shown on demand, for going on and for erasure.

A key belongs to the personal link or to the login by name to which it was shown. It ends with that link; a key of a login ends when
somebody else logs in with the same name or opens the personal link.
"""

from __future__ import annotations

from typing import NamedTuple

from survey_engine.engine.decisions import Response
from survey_engine.fieldwork.participation_errors import UnknownResponseError
from survey_engine.fieldwork.signing import BY_LOGIN, drop_hidden, hash_private_key, make_private_key
from survey_engine.storage.database import Database
from survey_engine.storage.private_keys import KeyHolder, StoredKey, claim_key, find_key

TRIES = 5
"""Keys of a response that are tried when other responses have them."""
ALL, OF_LOGINS, NONE = "%", f"%{BY_LOGIN}%", ""
"""Patterns of marks whose keys are replaced."""


class PrivateKeys(NamedTuple):
    """The private keys of a store of answers."""

    answers: Database
    key: str
    """The pseudonym key."""

    def find(self, questionnaire: str, typed: str) -> KeyHolder | None:
        """The response with this private key; None when there is none."""
        return find_key(self.answers, questionnaire, hash_private_key(self.key, questionnaire, typed))

    def hash_first(self, questionnaire: str, response: int) -> str:
        """The hash of the key with which a response starts."""
        return hash_private_key(self.key, questionnaire, make_private_key(self.key, questionnaire, response, 0))

    def give(self, response: Response) -> str:
        """Return the private key of a response; each call with the same link or login returns the same key.

        A link takes the key of a login or of another link. Empty for a login after which the link or another login got the key.

        Raises:
            UnknownResponseError: when the response was erased.
        """
        mark = drop_hidden(response.link_mark)
        return self._claim(response, NONE if BY_LOGIN in mark else ALL)

    def begin(self, response: Response) -> None:
        """End the key of an earlier login when a link or another login resumes an open response."""
        mark = drop_hidden(response.link_mark)
        if mark and not response.completed:
            self._claim(response, OF_LOGINS, open_only=True)

    def _claim(self, response: Response, replaced: str, *, open_only: bool = False) -> str:
        code, mark = response.questionnaire, drop_hidden(response.link_mark)
        for attempt in range(TRIES):
            private = make_private_key(self.key, code, response.id, attempt, mark)
            made = StoredKey(hash_private_key(self.key, code, private), mark)
            stored = claim_key(self.answers, response.id, made, replaced, open_only=open_only)
            if stored == made:
                return private
            if stored == StoredKey(self.hash_first(code, response.id), mark):
                return make_private_key(self.key, code, response.id, 0)
            if stored.key_hash and stored.key_mark != mark and replaced != ALL:  # the key of another stays
                return ""
        raise UnknownResponseError
