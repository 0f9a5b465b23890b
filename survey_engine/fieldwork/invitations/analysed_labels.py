"""Labels that go with the answers: recounted after each command that changes who may answer, or their labels.

A combination of labels goes with the answers if enough persons of the institution have it, and none or enough have no such
combination. A person counts with a link in use or a response that has begun. The labels of a response that has begun are
hidden, not lost: they stay with it, encrypted, and are shown again when enough persons share them.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure import Stores
from survey_engine.fieldwork.invitations.begun_labels import InstitutionLabels, combine
from survey_engine.fieldwork.invitations.links import SEAT_BYTES, decrypt_seat, encrypt_seat
from survey_engine.fieldwork.invitations.seat_maker import ANALYSED, EARLIER, LEAST
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.storage import roster_seats
from survey_engine.storage.identity import Seat, begin_seat_transaction
from survey_engine.storage.response_counts import StoredLabels, map_backgrounds, settle_backgrounds


@dataclass(slots=True)
class SettledLabels:
    """The numbers of persons whose labels no longer go with the answers, and of responses that had begun."""

    persons: int = 0
    hidden: int = 0
    """Responses whose labels were hidden."""
    shown: int = 0
    """Responses whose labels are shown again."""
    corrected: int = 0
    """Responses with other labels than before, or another spelling of them."""

    def summarise(self) -> str:
        """Sentences for the operator; empty if no label changed in responses or was hidden."""
        found = []
        if self.persons or self.hidden:
            found.append(
                f"Too few persons share their labels, or would have none: the labels of {self.persons} persons no longer go with their "
                f"answers, and were hidden in {self.hidden} responses that had begun, until enough persons share them."
            )
        if self.shown:
            found.append(f"{self.shown} responses that had begun got back their labels.")
        if self.corrected:
            found.append(f"{self.corrected} responses that had begun got the corrected labels.")
        return " ".join(found)


def gather_labels(seat: Seat, names: Collection[str]) -> dict[str, Any]:
    """The labels of a person by background variable, also those that another list gave as background.

    Args: names: the background variables that labels of anybody at the institution become.
    """
    listed = {name: seat.background[name] for name in names if name in seat.background}
    return {**listed, **(seat.details or {}).get(ANALYSED, {})}


def note_labels(group: InstitutionLabels, details: Mapping[str, Any]) -> None:
    """Note the variables that labels of a person become, before the persons are added."""
    group.names.update(details.get(ANALYSED, ()))
    group.least = max(group.least, details.get(LEAST, 1))


@dataclass(frozen=True, slots=True)
class MadeLabels:
    """The labels of seats while these are made. If an institution had no seats before, its labels are counted without reading them."""

    _seats: dict[str, Counter[_Stored]] = field(default_factory=lambda: defaultdict(Counter))
    _groups: dict[str, InstitutionLabels] = field(default_factory=lambda: defaultdict(InstitutionLabels))

    def watch(self, seats: Iterable[Seat]) -> Iterator[Seat]:
        """Iterate over new seats of a list, of whom all have the same variables as labels, and count their labels."""
        for seat in seats:
            details = seat.details or {}
            note_labels(self._groups[seat.institution], details)
            self._seats[seat.institution][_outline(seat, details.get(ANALYSED, {}), None)] += 1
            yield seat

    def list_settled(self) -> list[str]:
        """The institutions whose seats all have the labels that may go with their answers."""
        for code, group in self._groups.items():
            _add_all(group, self._seats[code])
        return [code for code, group in self._groups.items() if _count_fewer(group, self._seats[code]) is None]


def settle_labels(
    stores: Stores, keys: ContactKeys, questionnaire: str, institutions: Collection[str], settled: Collection[str] = ()
) -> SettledLabels:
    """Give each seat of these institutions the labels that may go with its answers, and correct or hide others in responses.

    Args: settled: institutions whose seats have these labels. They are counted only if there are responses by personal links.

    Raises:
        LostContactKeyError: when a seat was encrypted with an unknown key.
    """
    result, groups = SettledLabels(), dict[str, InstitutionLabels]()
    with begin_seat_transaction(stores.identity) as connection:
        for code in institutions:
            if code in settled and not map_backgrounds(stores.answers, questionnaire, code):
                continue
            group, seats = _count(connection, stores, keys, questionnaire, code)
            if group.names:
                groups[code] = group
            if (fewer := _count_fewer(group, seats)) is not None:  # all seats are written: no row tells the changed ones
                result.persons += fewer
                stored = roster_seats.iter_seats(connection, questionnaire, [code])
                after = (encrypt_seat(keys, settle(decrypt_seat(keys, seat), group)) for seat in stored)
                roster_seats.change_seats(connection, after, roster_seats.ENCRYPTED)
    for code, group in groups.items():
        found = settle_backgrounds(stores.answers, questionnaire, code, partial(settle_response, keys, group))
        result.hidden, result.shown = result.hidden + found.hidden, result.shown + found.shown
        result.corrected += found.changed
    return result


def settle_response(keys: ContactKeys, group: InstitutionLabels, pseudonym: str, stored: StoredLabels) -> StoredLabels:
    """The labels of a response: encrypted all of them, and in its background if they are shown."""
    labels = read_response_labels(keys, group.names, stored)
    background = {name: value for name, value in stored.background.items() if name not in labels}
    current = group.current.get(pseudonym, {})
    if is_corrected := (combine(labels), combine(current)) in group.corrected:
        labels = dict(current) if combine(current) else labels
    if combine(labels) in group.responses and not (is_corrected and not combine(current)):
        background |= group.spell(labels)
    return StoredLabels(background, keys.encrypt(json.dumps(labels, ensure_ascii=False), SEAT_BYTES))


def read_response_labels(keys: ContactKeys, names: Collection[str], stored: StoredLabels) -> dict[str, Any]:
    """The labels of a response, shown or hidden.

    Args: names: the background variables that labels become.
    """
    sealed = json.loads(keys.decrypt(stored.sealed)) if stored.sealed else {}
    return {**sealed, **{name: value for name, value in stored.background.items() if name in names}}


class _Stored(NamedTuple):
    """The labels of a seat as stored. Many seats have equal ones."""

    labels: tuple[tuple[str, Any], ...]
    before: tuple[tuple[str, Any], ...] | None
    """Those before the last change; None if there was none."""
    begun: tuple[tuple[str, Any], ...]
    """Those of its response."""
    shown: tuple[tuple[str, Any], ...]
    """Those in its background."""
    is_listed: bool
    """Whether its details have all of them."""
    withdrawn: bool
    counts: bool
    """Whether the link is in use, or a response has begun."""


def _count(
    connection: Connection, stores: Stores, keys: ContactKeys, questionnaire: str, institution: str
) -> tuple[InstitutionLabels, Counter[_Stored]]:
    """The labels of the persons of an institution, without names if nobody has any, and those of its seats as stored.

    Each seat is decrypted once, if the first one with labels has all variables that labels become; else once more.
    """
    group, seats = InstitutionLabels(), Counter[_Stored]()
    for encrypted in roster_seats.iter_seats(connection, questionnaire, [institution]):
        if encrypted.details:
            note_labels(group, json.loads(keys.decrypt(encrypted.details)))
        if group.names:
            break
    begun, names = map_backgrounds(stores.answers, questionnaire, institution) if group.names else {}, set[str]()
    while group.names != names:
        names, seats = group.names, Counter()
        group = InstitutionLabels({*names}, group.least)
        for encrypted in roster_seats.iter_seats(connection, questionnaire, [institution]):
            seat = decrypt_seat(keys, encrypted)
            note_labels(group, seat.details or {})
            now = gather_labels(seat, names)
            pseudonym = make_pseudonym(stores.key, questionnaire, seat.id) if begun else ""
            if response := begun.get(pseudonym):
                group.current[pseudonym] = now
            seats[_outline(seat, now, read_response_labels(keys, names, response) if response else None)] += 1
    _add_all(group, seats)
    return group, seats


def _add_all(group: InstitutionLabels, seats: Mapping[_Stored, int]) -> None:
    """Add the persons who count, and decide which labels are shown."""
    for stored, count in seats.items():
        if stored.counts:
            group.add(dict(stored.labels), None if stored.before is None else dict(stored.before), dict(stored.begun), count)
    group.decide()


def _outline(seat: Seat, labels: Mapping[str, Any], begun: Mapping[str, Any] | None) -> _Stored:
    """Args: labels: `gather_labels` · begun: the labels of its response, if there is one."""
    details = seat.details or {}
    return _Stored(
        (*labels.items(),),
        (*details[EARLIER].items(),) if EARLIER in details else None,
        (*(begun or {}).items(),),
        tuple([(name, seat.background[name]) for name in labels if name in seat.background]),
        labels.keys() <= details.get(ANALYSED, {}).keys(),
        seat.withdrawn,
        begun is not None or not seat.withdrawn,
    )


def _count_fewer(group: InstitutionLabels, seats: Mapping[_Stored, int]) -> int | None:
    """The number of persons whose labels will no longer go with their answers; None if no seat gets other labels."""
    fewer, is_changed = 0, False
    for stored, count in seats.items():
        shown = group.show(dict(stored.labels))
        is_changed |= not stored.is_listed or stored.before is not None or shown != dict(stored.shown)
        fewer += count if not stored.withdrawn and len(shown) < len(stored.shown) else 0
    return fewer if is_changed else None


def settle(seat: Seat, group: InstitutionLabels) -> Seat:
    """The seat with all its labels in its details, and those that are shown in its background.

    The labels before the last change are forgotten: a later change would count with persons who changed before.
    """
    labels = gather_labels(seat, group.names)
    background = {name: value for name, value in seat.background.items() if name not in labels}
    background |= group.show(labels)
    details = {kind: value for kind, value in (seat.details or {}).items() if kind != EARLIER}
    if not labels.keys() <= details.get(ANALYSED, {}).keys():
        details |= {ANALYSED: labels, LEAST: group.least}
    return replace(seat, background=background, details=seat.details if details == (seat.details or {}) else details)
