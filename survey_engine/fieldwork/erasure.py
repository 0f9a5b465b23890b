"""Erases answers, and withdraws and replaces links. A list records each change; it is applied again after a restore."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from survey_engine.fieldwork.erasure_list import (
    BY_LINK,
    CANCELLED,
    ERASED,
    ERASED_KEY,
    ERASED_RESPONSE,
    NEW_KEY,
    REISSUED,
    RESTORED,
    WITHDRAWN,
    ErasureEntry,
    append_entries,
    find_current_link,
    has_line,
    read_list,
)
from survey_engine.fieldwork.list_owners import MissingListError, check_owner, number_owner
from survey_engine.fieldwork.mailed_links import MAX_MAILED_LINKS, hash_mailed_link
from survey_engine.fieldwork.private_keys import PrivateKeys
from survey_engine.fieldwork.signing import (
    hash_for,
    list_replaced_names,
    list_row_names,
    make_pseudonym,
    make_seat_number,
    make_withdrawn_name,
    name_launched_seat,
    name_reports,
    number_signup,
)
from survey_engine.storage import erasures
from survey_engine.storage.database import Database
from survey_engine.storage.identity import begin_seat_transaction, list_seats
from survey_engine.storage.leftovers import FREED, LOG, SPACE, clear_leftovers
from survey_engine.storage.lms import remove_reports, unbind_seats
from survey_engine.storage.panels import WaitingAddress, list_waiting, remove_signups
from survey_engine.storage.roster_seats import map_institutions, read_links, set_links, set_withdrawn

TABLES = {
    "answers": ("response", "page", "panel_waiting", "withdrawn_response", "later_key"),
    "identity": ("seat", "seat_address", "mailed_address", "lms_seat", "lms_report"),
}
"""Store → tables with rows that may be erased."""

COPIES = {
    LOG: "A reader kept copies in the write-ahead log. Run `survey-engine maintain --rewrite`.",
    SPACE: "Unused space of a large file may contain copies until a job has rewritten the file, between 2:00 and 5:00, or "
    "`survey-engine maintain --rewrite`.",
    FREED: "Free space of tables and the write-ahead log may still contain copies: run `survey-engine maintain --rewrite` "
    "outside fieldwork.",
}
"""Place of copies of erased rows → remedy."""
MOVE_AGAIN = (
    "Before the servers start, run survey-engine links … with the newest list of their institutions and the same --key. Otherwise these "
    "persons answer at their earlier institution."
)
"""Remedy for seats that have an earlier institution or key again."""


class ReplacedLinkError(Exception):
    """After this command read the links, another one replaced or withdrew them or erased their seats."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count


class ChangedSeatsError(Exception):
    """Another command changed the seats after this one showed them; this one changed nothing. The message has the remedy."""

    def __init__(self) -> None:
        super().__init__(
            "Another command changed these links meanwhile. Run this command again: it shows what it would change now."
        )


@dataclass(frozen=True, slots=True)
class Stores:
    """Both stores, with the key that joins seats with responses."""

    answers: Database
    identity: Database
    key: str
    """The pseudonym key: it computes a seat's pseudonym."""
    on_wait: Callable[[], object] = lambda: None
    """On PostgreSQL, called once per change that has to wait for saves of respondents."""
    _numbered: dict[str, dict[int, int]] = field(default_factory=dict)
    """Questionnaire → number on the list → response; filled at the first access."""
    _signups: list[dict[int, WaitingAddress]] = field(default_factory=list)
    """Number on the list → waiting address; filled at the first access."""

    def pseudonym(self, entry: ErasureEntry) -> str:
        return make_pseudonym(self.key, entry.questionnaire, entry.number)

    def name_withdrawn(self, entry: ErasureEntry) -> str:
        return make_withdrawn_name(self.key, self.pseudonym(entry))

    def name_replaced(self, entry: ErasureEntry) -> list[str]:
        """Names of all replaced links, of links mailed for them, and of cookies of older releases (without link mark)."""
        *replaced, current = entry.by.split("/")
        mailed = {
            hash_mailed_link(self.key, entry.number, link, turn) for link in replaced for turn in range(1, MAX_MAILED_LINKS + 1)
        }
        return list_replaced_names(self.key, self.pseudonym(entry), {*replaced, *mailed} - {current})

    def list_names(self, response: int) -> list[str]:
        return list_row_names(self.key, response)

    def set_names(self, names: Iterable[str], *, withdrawn: bool) -> int:
        """Add or remove names of withdrawn links; return the number of changed rows."""
        return erasures.set_names(self.answers, names, withdrawn=withdrawn, on_wait=self.on_wait)

    def hash_number(self, questionnaire: str, response: int) -> int:
        """The number on the list of a response without a seat."""
        return int.from_bytes(hash_for("erased", self.key, questionnaire, response)[:7], "big")

    def find_response(self, entry: ErasureEntry) -> int | None:
        """The response id of an entry of kind ERASED_RESPONSE. The first call hashes the ids of all responses to the questionnaire."""
        code = entry.questionnaire
        if code not in self._numbered:
            self._numbered[code] = {self.hash_number(code, id): id for id in erasures.list_response_ids(self.answers, code)}
        return self._numbered[code].get(entry.number)

    def find_signup(self, entry: ErasureEntry) -> WaitingAddress | None:
        """The waiting address of an entry of kind CANCELLED. The first call hashes all waiting addresses."""
        if not self._signups:
            self._signups.append({number_signup(self.key, it.name, it.panel, it.signup): it for it in list_waiting(self.answers)})
        return self._signups[0].get(entry.number)


class ErasureResult(NamedTuple):
    """The result of an erasure."""

    answered: bool
    """Whether a response was erased."""
    copies: list[str]
    """Values of COPIES: remedies for the places that may still contain copies."""


def erase(stores: Stores, path: Path, entry: ErasureEntry) -> ErasureResult:
    """Append an entry to the list, then erase its seat and response."""
    append_entries(path, [entry, *_list_keys(stores, entry)], owner=number_owner(stores.key))
    answered = entry.kind != ERASED or erasures.has_answers(stores.answers, entry.questionnaire, stores.pseudonym(entry))
    apply_entries(stores, [entry])
    return ErasureResult(answered, clear_files(stores))


def erase_own(stores: Stores, path: Path, questionnaire: str, response: int) -> None:
    """Append an entry to the list, then erase one response, at the request of its respondent.

    The seat and its link stay: no request of a respondent changes a seat. A job clears the bytes in the files.

    Raises:
        OSError: the list cannot be written; nothing was erased.
    """
    entry = ErasureEntry(ERASED_RESPONSE, questionnaire, stores.hash_number(questionnaire, response))
    append_entries(path, [entry], owner=number_owner(stores.key))
    _erase_one(stores, questionnaire, response)


def _list_keys(stores: Stores, entry: ErasureEntry) -> list[ErasureEntry]:
    """A note of kind ERASED_KEY, if the seat's number is not the one that its key gives: the key was changed, or the number was in use."""
    key_hash = erasures.find_seat_key(stores.identity, entry.number) if entry.kind == ERASED else None
    number = make_seat_number(stores.key, key_hash, 0) if key_hash else entry.number
    return [] if number == entry.number else [ErasureEntry(ERASED_KEY, entry.questionnaire, number)]


def count_responses_without_seat(stores: Stores) -> tuple[int, int]:
    """Return the number of responses by personal links that have no seat, and of all responses by personal links.

    Seats are missing after a restore of an older backup of the identity store.
    """
    named = erasures.map_pseudonyms(stores.answers)
    lost = 0
    for questionnaire, places in named.items():
        seats = list_seats(stores.identity, questionnaire)
        lost += len(places.keys() - {make_pseudonym(stores.key, questionnaire, seat) for seat in seats})
    return lost, sum(map(len, named.values()))


def count_begun_elsewhere(stores: Stores) -> int:
    """Return the number of responses by personal links whose institution is not that of their seat."""
    count = 0
    for questionnaire, places in erasures.map_pseudonyms(stores.answers).items():
        seats = map_institutions(stores.identity, questionnaire)
        begun = ((places.get(make_pseudonym(stores.key, questionnaire, seat)), place) for seat, place in seats.items())
        count += sum(at is not None and at != place for at, place in begun)
    return count


def list_moved_back(stores: Stores, notes: Iterable[ErasureEntry]) -> list[ErasureEntry]:
    """Return the notes of kind NEW_KEY that a restored backup undid: their seats have an earlier institution or key again."""
    found = ((note, erasures.find_seat_key(stores.identity, note.number)) for note in notes if note.kind == NEW_KEY)
    return [note for note, key_hash in found if key_hash and make_seat_number(stores.key, key_hash, 0) != int(note.by)]


def clear_files(stores: Stores, *, large: bool = False) -> list[str]:
    """Clear the bytes of erased rows in both stores; return the values of COPIES for places where copies may remain.

    Args: large: as in `clear_leftovers`.
    """
    left = {clear_leftovers(store, *TABLES[store.store], large=large) for store in (stores.answers, stores.identity)}
    return [note for place, note in COPIES.items() if place in left]


def find_by_private_key(stores: Stores, questionnaire: str, private_key: str) -> ErasureEntry | None:
    """Return an entry that erases the response with this private key, and its seat, if any; None when there is no such response."""
    found = PrivateKeys(stores.answers, stores.key).find(questionnaire, private_key)
    if found is None:
        return None
    id, pseudonym = found.id, found.pseudonym
    for seat in list_seats(stores.identity, questionnaire) if pseudonym else ():
        if make_pseudonym(stores.key, questionnaire, seat) == pseudonym:
            return ErasureEntry(ERASED, questionnaire, seat)
    return ErasureEntry(ERASED_RESPONSE, questionnaire, stores.hash_number(questionnaire, id))


def withdraw(stores: Stores, path: Path, questionnaire: str, seats: Collection[int], by: str = BY_LINK) -> int:
    """Append entries to the list, then withdraw the links. The answers stay, but no device can see or change them.

    A link that was withdrawn before keeps the origin of that withdrawal. Both stores are changed, also after an attempt that stopped
    halfway. Responses are marked after the seats: a valid link could start a response that is not marked.

    Args: seats: numbers; or number → (hash of the link, whether it is withdrawn), as the operator saw them.

    Returns:
        The number of links that were in use in one of the stores.

    Raises:
        ChangedSeatsError: when the seats are not as the operator saw them.
    """
    with begin_seat_transaction(stores.identity) as connection:
        held = _read_shown(connection, seats)
        withdrawn = _find_withdrawn(path, questionnaire).intersection(seat for seat, (_, gone) in held.items() if gone)
        entries = [ErasureEntry(WITHDRAWN, questionnaire, seat, by) for seat in seats if seat not in withdrawn]
        append_entries(path, entries, owner=number_owner(stores.key))
        changed = set_withdrawn(connection, seats, withdrawn=True)
    return max(changed, mark_responses(stores, questionnaire, seats, withdrawn=True))


def restore_links(stores: Stores, path: Path, questionnaire: str, seats: Collection[int]) -> int:
    """Append entries to the list, then restore withdrawn links and the access of their devices.

    Both stores are changed, also after an attempt that stopped halfway.

    Args: seats: as in `withdraw`.

    Returns:
        The number of links that were withdrawn in one of the stores.

    Raises:
        ChangedSeatsError: when the seats are not as the operator saw them.
    """
    with begin_seat_transaction(stores.identity) as connection:
        held = _read_shown(connection, seats)
        withdrawn = _find_withdrawn(path, questionnaire).union(seat for seat, (_, gone) in held.items() if gone)
        append_entries(path, (ErasureEntry(RESTORED, questionnaire, seat) for seat in seats if seat in withdrawn))
        changed = set_withdrawn(connection, seats, withdrawn=False)
    return max(changed, mark_responses(stores, questionnaire, seats, withdrawn=False))


def _read_shown(connection: Connection, seats: Collection[int]) -> Mapping[int, tuple[str, bool]]:
    held = read_links(connection, seats)
    if isinstance(seats, Mapping) and held != seats:
        raise ChangedSeatsError
    return held


def _find_withdrawn(path: Path, questionnaire: str) -> set[int]:
    entries = read_list(path).entries
    return {entry.number for entry in entries if entry.kind == WITHDRAWN and entry.questionnaire == questionnaire}


def reissue(stores: Stores, path: Path, questionnaire: str, links: Collection[tuple[int, str, str]]) -> None:
    """Append entries to the list, then replace personal links, all or none.

    Devices that used an old link lose access to the answers, also those whose link an earlier attempt replaced.

    Args: links: (number of the seat, hash of its link, hash of its new link).

    Raises:
        ReplacedLinkError: when another command replaced or withdrew some of the links or erased their seats; nothing was changed.
    """
    appended = [ErasureEntry(REISSUED, questionnaire, seat, f"{old}/{new}") for seat, old, new in links]
    named = {entry[:3] for entry in appended}
    with begin_seat_transaction(stores.identity) as connection:
        held = read_links(connection, [seat for seat, _, _ in links])
        if replaced := sum(held.get(seat) != (old, False) for seat, old, _ in links):
            raise ReplacedLinkError(replaced)
        append_entries(path, appended, owner=number_owner(stores.key))
        entries = [entry for entry in read_list(path).entries if entry[:3] in named]
        set_links(connection, ((entry.number, find_current_link(entry)) for entry in entries))
        _unbind(stores, connection, questionnaire, [entry.number for entry in entries])
    stores.set_names((name for entry in entries for name in stores.name_replaced(entry)), withdrawn=True)


def unbind_launched_seats(stores: Stores, questionnaire: str, seats: Iterable[int]) -> int:
    """Unbind seats from accounts of learning environments: the next account that launches a seat gets it. Return their number."""
    with stores.identity.write() as connection:
        return _unbind(stores, connection, questionnaire, seats)


def _unbind(stores: Stores, connection: Connection, questionnaire: str, seats: Iterable[int]) -> int:
    """Also removes the reports of completion: they name the account that had the seat."""
    pseudonyms = [make_pseudonym(stores.key, questionnaire, seat) for seat in seats]
    remove_reports(connection, (name_reports(stores.key, one) for one in pseudonyms))
    return unbind_seats(connection, (name_launched_seat(stores.key, one) for one in pseudonyms))


def mark_responses(stores: Stores, questionnaire: str, seats: Collection[int], *, withdrawn: bool) -> int:
    """Close the responses of withdrawn seats to all devices, and reopen those of other seats; return the number of changed responses.

    Reads the seats first: another command may have restored or withdrawn them meanwhile.

    Args: withdrawn: whether seats that do not exist count as withdrawn.
    """
    if not seats:
        return 0
    names: dict[bool, list[str]] = {True: [], False: []}
    with begin_seat_transaction(stores.identity) as connection:
        held = read_links(connection, seats)
        for seat in seats:
            is_withdrawn = held[seat][1] if seat in held else withdrawn
            names[is_withdrawn].append(stores.name_withdrawn(ErasureEntry(WITHDRAWN, questionnaire, seat)))
        return sum(stores.set_names(found, withdrawn=is_withdrawn) for is_withdrawn, found in names.items())


def apply_entries(stores: Stores, entries: Iterable[ErasureEntry]) -> int:
    """Apply entries to both stores. Idempotent. Return the number of entries that were not in effect."""
    return sum([_APPLY[entry.kind](stores, entry) for entry in entries])


def apply_list(stores: Stores, path: Path) -> tuple[int, int]:
    """Apply the whole list, after a backup was restored. Invalid lines are skipped.

    Returns:
        The number of entries, and the number of those that were not in effect.

    Raises:
        BrokenListError: when a line is invalid, after all others were applied.
        MissingListError: see `check_list`.
    """
    check_list(stores, path)
    found = read_list(path)
    back = apply_entries(stores, found.entries)
    erasures.erase_rest(stores.answers)
    clear_files(stores)
    found.check()
    return len(found.entries), back


def check_list(stores: Stores, path: Path) -> None:
    """Raises MissingListError when there is no list although the stores contain changes that belong on it; errors of `check_owner`."""
    check_owner(path, stores.key)
    if not has_line(path) and erasures.has_traces(stores.answers, stores.identity):
        raise MissingListError(
            f"There is no list of erasures at {path}, or it is empty, but the stores contain erased answers, or withdrawn or replaced "
            "links. Set SURVEY_ERASURES to its location, or restore it from a copy."
        )


def complete_entries(stores: Stores, path: Path, questionnaire: str) -> int:
    """Apply the entries about seats of a questionnaire that an interrupted command did not apply completely; return their number."""
    others = (ERASED_RESPONSE, CANCELLED)
    entries = (entry for entry in read_list(path).entries if entry.questionnaire == questionnaire and entry.kind not in others)
    return apply_entries(stores, list_not_in_effect(stores, entries))


def list_not_in_effect(stores: Stores, entries: Iterable[ErasureEntry]) -> list[ErasureEntry]:
    """Return the entries that are not in effect, for example after an older backup was restored."""
    return [entry for entry in entries if _is_not_in_effect(stores, entry)]


def _is_not_in_effect(stores: Stores, entry: ErasureEntry) -> bool:
    if entry.kind == ERASED_RESPONSE:
        return stores.find_response(entry) is not None
    if entry.kind == CANCELLED:
        return stores.find_signup(entry) is not None
    if entry.kind == REISSUED:
        closed = all(erasures.has_name(stores.answers, name) for name in stores.name_replaced(entry))
        return not closed or erasures.find_link(stores.identity, entry.number) not in (None, find_current_link(entry))
    withdrawn = erasures.is_withdrawn(stores.identity, entry.number)
    if entry.kind != ERASED:
        return (entry.kind == RESTORED) in (withdrawn, erasures.has_name(stores.answers, stores.name_withdrawn(entry)))
    return withdrawn is not None or erasures.has_answers(stores.answers, entry.questionnaire, stores.pseudonym(entry))


def _erase(stores: Stores, entry: ErasureEntry) -> bool:
    """Delete the seat first: its link could start the response again."""
    seat = erasures.erase_seat(stores.identity, entry.number)
    unbind_launched_seats(stores, entry.questionnaire, [entry.number])
    found = erasures.erase_by_pseudonym(stores.answers, entry.questionnaire, stores.pseudonym(entry), stores.list_names)
    mark_responses(stores, entry.questionnaire, [entry.number], withdrawn=False)
    return found or seat


def _erase_response(stores: Stores, entry: ErasureEntry) -> bool:
    id = stores.find_response(entry)
    return id is not None and _erase_one(stores, entry.questionnaire, id)


def _erase_one(stores: Stores, questionnaire: str, id: int) -> bool:
    """Erase a response, after its reports of completion that wait for a learning environment."""
    if pseudonym := erasures.find_pseudonym(stores.answers, questionnaire, id):
        with stores.identity.write() as connection:
            remove_reports(connection, [name_reports(stores.key, pseudonym)])
    return erasures.erase_response(stores.answers, questionnaire, id, stores.list_names)


def _cancel_signup(stores: Stores, entry: ErasureEntry) -> bool:
    waiting = stores.find_signup(entry)
    return waiting is not None and bool(remove_signups(stores.answers, [waiting]))


def _set_withdrawn(stores: Stores, entry: ErasureEntry) -> bool:
    """Mark the seat first: a valid link could start a response that is not marked."""
    withdrawn = entry.kind == WITHDRAWN
    seat = erasures.mark_withdrawn(stores.identity, [entry.number], withdrawn=withdrawn)
    return bool(mark_responses(stores, entry.questionnaire, [entry.number], withdrawn=withdrawn) or seat)


def _reissue(stores: Stores, entry: ErasureEntry) -> bool:
    """A seat that is missing after a restore has no link to replace."""
    lost = erasures.find_link(stores.identity, entry.number) not in (None, find_current_link(entry))
    if lost:
        erasures.replace_links(stores.identity, [(entry.number, find_current_link(entry))])
        unbind_launched_seats(stores, entry.questionnaire, [entry.number])
    return bool(stores.set_names(stores.name_replaced(entry), withdrawn=True)) or lost


_APPLY: dict[str, Callable[[Stores, ErasureEntry], bool]] = {
    ERASED: _erase,
    ERASED_RESPONSE: _erase_response,
    WITHDRAWN: _set_withdrawn,
    RESTORED: _set_withdrawn,
    REISSUED: _reissue,
    CANCELLED: _cancel_signup,
}
"""Kind of entry → function that applies it and returns whether it was not in effect."""
