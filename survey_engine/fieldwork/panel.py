"""Panel sign-up. Addresses are stored encrypted with the answers until they join the panel in batches, in random order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from survey_engine.engine.response_state import Response
from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.erasure_list import CANCELLED, CANCELLING, ErasureEntry, append_entries, list_unconfirmed
from survey_engine.fieldwork.signing import make_waiting_name, number_signup
from survey_engine.storage.database import Database, make_id
from survey_engine.storage.panels import (
    Member,
    OnReplaced,
    WaitingAddress,
    add_members,
    change_waiting,
    count_members,
    count_waiting,
    find_members,
    find_waiting,
    list_waiting,
    map_leaving,
    mark_leaving,
    remove_leaving,
    remove_signups,
)

FEWEST_WAITING = 20
"""Smallest number of different addresses in a batch. The time of a batch links an address only to this many responses.

Addresses that an attacker signed up do not add to this protection.
"""
SHARE = 100
"""A batch of a large panel has at least 1/SHARE of its members, because each batch rewrites all members."""
_ADDRESS_BYTES = 512
"""Size of a padded address in bytes."""


@dataclass(frozen=True, slots=True)
class Panels:
    """The panels of an installation."""

    answers: Database
    identity: Database
    keys: ContactKeys
    pseudonym_key: str
    erasures: Path
    """Path of the list of erasures, which records cancelled and corrected sign-ups."""
    limit_change: Callable[[str], object] | None = None
    """Called with the name of a response before its waiting address is replaced. An exception prevents the change."""

    def encrypt(self, response: Response, question: str, address: str) -> WaitingAddress:
        """Return an encrypted address to store. Storing an empty address deletes the waiting one."""
        token = self.keys.encrypt(address, _ADDRESS_BYTES) if address else None
        name = make_waiting_name(self.pseudonym_key, response.id)
        return WaitingAddress(name, f"{response.questionnaire}/{question}", token, make_id())

    @contextmanager
    def record_cancelled(self) -> Iterator[OnReplaced]:
        """Append replaced sign-ups to the list of erasures, so that a restored backup does not bring them back.

        An entry CANCELLING is appended inside the transaction: if the list cannot be written, nothing is committed. An entry CANCELLED
        follows after the commit: until then the sign-up is still valid. After a crash, `complete_cancelled` appends it.
        """
        announced = list[ErasureEntry]()

        def announce(before: WaitingAddress, after: WaitingAddress) -> bool:
            """Raises OSError when the list cannot be written."""
            if self._is_same(before, after):
                return True
            if self.limit_change:
                self.limit_change(before.name)
            entry = ErasureEntry(CANCELLING, after.panel.partition("/")[0], self._number(before))
            append_entries(self.erasures, [entry])
            announced.append(entry)
            return False

        yield announce
        try:
            self._confirm(announced)
        except OSError as error:
            structlog.get_logger().warning("cancelled_later", reason=type(error).__name__)

    def complete_cancelled(self) -> int:
        """Append CANCELLED for each CANCELLING whose sign-up no longer waits; return their number.

        Do not call it between a restore of the answers and `erase --again`.
        """
        announced = list_unconfirmed(self.erasures)
        waiting = set(map(self._number, list_waiting(self.answers))) if announced else set()
        gone = [entry for entry in announced if entry.number not in waiting]
        self._confirm(gone)
        return len(gone)

    def _confirm(self, announced: Iterable[ErasureEntry]) -> None:
        append_entries(self.erasures, (entry._replace(kind=CANCELLED) for entry in announced))

    def _number(self, waiting: WaitingAddress) -> int:
        return number_signup(self.pseudonym_key, waiting.name, waiting.panel, waiting.signup)

    def _is_same(self, before: WaitingAddress, after: WaitingAddress) -> bool:
        """Whether both have the same address; False when a contact key is lost and this is unknown."""
        try:
            one, other = (self.keys.decrypt(waiting.token) if waiting.token else None for waiting in (before, after))
            return one == other
        except LostContactKeyError:
            return False

    def read_waiting(self, response: Response) -> dict[str, str]:
        """Return code of the question → waiting address, for a response."""
        found = find_waiting(self.answers, make_waiting_name(self.pseudonym_key, response.id))
        return {panel.rpartition("/")[2]: self.keys.decrypt(token) for panel, token in found.items()}

    def waits(self, response: Response, question: str, address: str) -> bool:
        """Whether this address of the response still waits for its batch."""
        return self.read_waiting(response).get(question) == address

    def change(self, response: Response, question: str, address: str) -> bool:
        """Replace a waiting address; an empty `address` deletes it. Return False when it no longer waits."""
        with self.record_cancelled() as on_replaced:
            return change_waiting(self.answers, self.encrypt(response, question, address), on_replaced)

    def remove_joined(self) -> int:
        """Delete waiting addresses that have joined their panel; return their number.

        A restored backup brings them back as waiting: a respondent could then cancel a sign-up that has already joined.
        """
        waiting = [(one, self.keys.decrypt(one.token or "").lower()) for one in list_waiting(self.answers)]
        members = {panel: find_members(self.identity, panel) for panel in {one.panel for one, _ in waiting}}
        return remove_signups(self.answers, (one for one, address in waiting if address in members[one.panel]))

    def hand_over_batch(self, panel: str) -> int:
        """Move the waiting addresses to the panel if there are enough; return the number of moved addresses."""
        if count_waiting(self.answers).get(panel, 0) >= FEWEST_WAITING:
            mark_leaving(self.answers, panel, partial(self._is_batch, panel))
        return self._add_marked(panel)

    def hand_over(self, panel: str) -> int:
        """Move all waiting addresses to the panel; return the number of moved addresses."""
        mark_leaving(self.answers, panel, lambda tokens: bool(self._read_addresses(tokens)))
        return self._add_marked(panel)

    def _is_batch(self, panel: str, tokens: Sequence[str]) -> bool:
        """Whether the tokens have enough different addresses that are not yet members."""
        least = max(FEWEST_WAITING, count_members(self.identity) // SHARE)
        addresses = self._read_addresses(tokens)
        return len(addresses) >= least and len(addresses - find_members(self.identity, panel)) >= least

    def _add_marked(self, panel: str) -> int:
        """Add the addresses that an earlier commit marked; return their number. Idempotent: after a crash, call it again.

        When a reader has locked the table of members, the addresses wait for the next call.
        """
        leaving = map_leaving(self.answers, panel)
        members = [Member(panel, address) for address in self._read_addresses(leaving.values())]
        if not members or not add_members(self.identity, members):
            return 0
        remove_leaving(self.answers, panel, leaving)
        return len(leaving)

    def _read_addresses(self, tokens: Iterable[str]) -> set[str]:
        """Return the addresses of tokens in lower case: case makes no difference."""
        return {self.keys.decrypt(token).lower() for token in tokens}
