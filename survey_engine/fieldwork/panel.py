"""Panel sign-up: an address waits encrypted with those of others, and joins the panel together with them, in random order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from survey_engine.engine.decisions import Response
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.signing import make_waiting_name
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Page
from survey_engine.storage.database import Database
from survey_engine.storage.panels import (
    Member,
    Waiting,
    add_members,
    change_waiting,
    count_members,
    count_waiting,
    find_members,
    find_waiting,
    list_leaving,
    mark_leaving,
    remove_leaving,
)

BATCH = 20
"""So many different addresses join a panel together: by its moment alone, one of them belongs to any of so many responses.

Those that somebody planted are known to whoever did, and hide so many fewer.
"""
SHARE = 100
"""All members are written anew with each batch; in a large panel a batch is a hundredth of them, so that this stays cheap."""
ADDRESS_BYTES = 512
"""What every address is filled up to: its length does not tell it."""


def has_panel(page: Page) -> bool:
    """Whether a page asks to sign up, so that it is stored without an exact time."""
    return any(QUESTION_TYPES[question.type].apart for question in page.questions)


@dataclass(frozen=True, slots=True)
class Panels:
    """The panels of an installation."""

    answers: Database
    identity: Database
    keys: ContactKeys
    pseudonym_key: str

    def seal(self, response: Response, question: str, address: str) -> Waiting:
        """An address as it is stored while it waits; an empty one takes back what waits."""
        token = self.keys.encrypt(address, ADDRESS_BYTES) if address else None
        return Waiting(make_waiting_name(self.pseudonym_key, response.id), f"{response.questionnaire}/{question}", token)

    def read_waiting(self, response: Response) -> dict[str, str]:
        """Question → address of this response that waits."""
        found = find_waiting(self.answers, make_waiting_name(self.pseudonym_key, response.id))
        return {panel.rpartition("/")[2]: self.keys.decrypt(token) for panel, token in found.items()}

    def waits(self, response: Response, question: str, address: str) -> bool:
        """Whether it is this address of the response that waits."""
        return self.read_waiting(response).get(question) == address

    def change(self, response: Response, question: str, address: str) -> bool:
        """Correct an address, or take it back with an empty one; False when it waits no more."""
        return change_waiting(self.answers, self.seal(response, question, address))

    def hand_over_batch(self, panel: str) -> int:
        """Let the addresses that wait join the panel if they are enough; returns how many joined."""
        if count_waiting(self.answers).get(panel, 0) >= BATCH:
            mark_leaving(self.answers, panel, partial(self._is_batch, panel))
        return self._pass_on(panel)

    def hand_over(self, panel: str) -> int:
        """Let all addresses that wait join the panel; returns how many joined."""
        mark_leaving(self.answers, panel, lambda tokens: bool(self._read_addresses(tokens)))
        return self._pass_on(panel)

    def _is_batch(self, panel: str, tokens: Sequence[str]) -> bool:
        """Whether these hide one another: one address counts once, and one that has joined before hides nobody."""
        least = max(BATCH, count_members(self.identity) // SHARE)
        addresses = self._read_addresses(tokens)
        return len(addresses) >= least and len(addresses - find_members(self.identity, panel)) >= least

    def _pass_on(self, panel: str) -> int:
        """Let those join that an earlier commit marked as leaving; after a crash they join again, which changes nothing.

        Where a reader holds the table of members they wait for the next call.
        """
        leaving = list_leaving(self.answers, panel)
        members = [Member(panel, address) for address in self._read_addresses(leaving.values())]
        if not members or not add_members(self.identity, members):
            return 0
        remove_leaving(self.answers, panel, leaving)
        return len(leaving)

    def _read_addresses(self, tokens: Iterable[str]) -> set[str]:
        """What is written alike but for capitals is one address."""
        return {self.keys.decrypt(token).lower() for token in tokens}
