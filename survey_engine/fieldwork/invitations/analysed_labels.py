"""Labels that go with the answers: recounted after each command that changes who may answer, or their labels.

A combination of labels goes with the answers if enough persons of the institution have it, and none or enough have no such
combination. A person counts with a link in use or a response that has begun. The labels of a response that has begun are
hidden, not lost: they stay with it, encrypted, and are shown again when enough persons share them.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure import Stores
from survey_engine.fieldwork.invitations.links import SEAT_BYTES, decrypt_seat, encrypt_seat
from survey_engine.fieldwork.invitations.seat_maker import ANALYSED, LEAST
from survey_engine.fieldwork.rosters.label_checks import Labels, find_shown
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.storage import roster_seats
from survey_engine.storage.identity import BATCH, Seat, write_seats
from survey_engine.storage.response_counts import StoredLabels, find_completion_by_pseudonym, settle_backgrounds


@dataclass(slots=True)
class SettledLabels:
    """The numbers of persons whose labels no longer go with the answers, and of responses that had begun."""

    persons: int = 0
    hidden: int = 0
    """Responses whose labels were hidden."""
    shown: int = 0
    """Responses whose labels are shown again."""

    def summarise(self) -> str:
        """Sentences for the operator; empty if no label was hidden or shown again."""
        found = []
        if self.persons or self.hidden:
            found.append(
                f"Too few persons share their labels, or would have none: the labels of {self.persons} persons no longer go with their "
                f"answers, and were hidden in {self.hidden} responses that had begun, until enough persons share them."
            )
        if self.shown:
            found.append(f"{self.shown} responses that had begun got back their labels.")
        return " ".join(found)


@dataclass(slots=True)
class LabelGroups:
    """The combinations of labels of one institution."""

    sizes: Counter[Labels] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)
    """The background variables that labels become."""
    least: int = 1

    def note(self, details: Mapping[str, Any]) -> None:
        """Note the variables that labels of a person become, before the persons are added."""
        self.names.update(details.get(ANALYSED, ()))
        self.least = max(self.least, details.get(LEAST, 1))

    def add(self, seat: Seat) -> None:
        """Add a person."""
        self.sizes[combine(gather_labels(seat, self.names))] += 1

    def find_shown(self) -> set[Labels]:
        return find_shown(self.sizes, self.least)

    def count_hidden(self) -> int:
        """The number of persons whose labels do not go with their answers."""
        shown = self.find_shown()
        return sum(size for labels, size in self.sizes.items() if labels and labels not in shown)


def gather_labels(seat: Seat, names: Collection[str]) -> dict[str, Any]:
    """The labels of a person by background variable, also those that another list gave as background.

    Args: names: the background variables that labels of anybody at the institution become.
    """
    listed = {name: seat.background[name] for name in names if name in seat.background}
    return {**listed, **(seat.details or {}).get(ANALYSED, {})}


def combine(labels: Mapping[str, object]) -> Labels:
    """The labels of a person as a combination, whatever the order of the variables."""
    return tuple([f"{name}={label}" for name, label in sorted(labels.items()) if label not in ("", None)])


def settle_labels(stores: Stores, keys: ContactKeys, questionnaire: str, institutions: Collection[str]) -> SettledLabels:
    """Give each seat of these institutions the labels that may go with its answers, and hide others in responses.

    A response gets no other labels than those of its start: a change of one seat and one response at the same time would join them.

    Raises:
        LostContactKeyError: when a seat was encrypted with an unknown key.
    """
    settled = SettledLabels()
    with write_seats(stores.identity) as connection:
        groups = _count(connection, stores, keys, questionnaire, institutions)
        changed = _find_changed(connection, keys, questionnaire, groups, settled)
        settled_seats = _iter_settled(connection, keys, questionnaire, {code: groups[code] for code in changed})
        roster_seats.change_seats(connection, (encrypt_seat(keys, seat) for _, seat in settled_seats), roster_seats.ENCRYPTED)
    for code, group in groups.items():
        change = partial(settle_response, keys, group.names, group.find_shown())
        hidden, again = settle_backgrounds(stores.answers, questionnaire, code, change)
        settled.hidden, settled.shown = settled.hidden + hidden, settled.shown + again
    return settled


def settle_response(keys: ContactKeys, names: Collection[str], shown: Collection[Labels], stored: StoredLabels) -> StoredLabels:
    """The labels of a response: encrypted those of its start, and in its background if they are shown.

    Args: names: the background variables that labels become.
    """
    sealed = json.loads(keys.decrypt(stored.sealed)) if stored.sealed else {}
    labels = {**sealed, **{name: value for name, value in stored.background.items() if name in names}}
    background = {name: value for name, value in stored.background.items() if name not in labels}
    if combine(labels) in shown:
        background |= labels
    return StoredLabels(background, keys.encrypt(json.dumps(labels, ensure_ascii=False), SEAT_BYTES))


def _count(
    connection: Connection, stores: Stores, keys: ContactKeys, questionnaire: str, institutions: Collection[str]
) -> Mapping[str, LabelGroups]:
    """Institution with labels → combinations of labels of its persons."""
    groups: dict[str, LabelGroups] = defaultdict(LabelGroups)
    for seat in roster_seats.iter_seats(connection, questionnaire, institutions):
        if seat.details:
            groups[seat.institution].note(json.loads(keys.decrypt(seat.details)))
    groups = {code: group for code, group in groups.items() if group.names}
    stored = roster_seats.iter_seats(connection, questionnaire, groups) if groups else iter(())
    while batch := list(islice(stored, BATCH)):
        pseudonyms = {seat.id: make_pseudonym(stores.key, questionnaire, seat.id) for seat in batch if seat.withdrawn}
        begun = find_completion_by_pseudonym(stores.answers, questionnaire, list(pseudonyms.values())) if pseudonyms else {}
        for seat in batch:
            if not seat.withdrawn or pseudonyms[seat.id] in begun:
                groups[seat.institution].add(decrypt_seat(keys, seat))
    return groups


def _find_changed(
    connection: Connection,
    keys: ContactKeys,
    questionnaire: str,
    groups: Mapping[str, LabelGroups],
    settled: SettledLabels,
) -> set[str]:
    """The institutions with a seat that gets other labels. All their seats are written: no row tells the changed ones."""
    changed = set()
    for before, after in _iter_settled(connection, keys, questionnaire, groups):
        if after != before:
            changed.add(before.institution)
            settled.persons += not before.withdrawn and len(after.background) < len(before.background)
    return changed


def _iter_settled(
    connection: Connection, keys: ContactKeys, questionnaire: str, groups: Mapping[str, LabelGroups]
) -> Iterator[tuple[Seat, Seat]]:
    """Iterate over the seats, withdrawn ones too, each as it is and with the labels that are shown."""
    shown = {code: group.find_shown() for code, group in groups.items()}
    for stored in roster_seats.iter_seats(connection, questionnaire, shown) if shown else ():
        seat = decrypt_seat(keys, stored)
        yield seat, settle(seat, groups[seat.institution], shown[seat.institution])


def settle(seat: Seat, group: LabelGroups, shown: Collection[Labels]) -> Seat:
    """The seat with all its labels in its details, and those that are shown in its background."""
    labels = gather_labels(seat, group.names)
    background = {name: value for name, value in seat.background.items() if name not in labels}
    if combine(labels) in shown:
        background |= {name: label for name, label in labels.items() if label != ""}
    if labels.keys() <= (seat.details or {}).get(ANALYSED, {}).keys():
        return replace(seat, background=background)
    return replace(seat, background=background, details={**(seat.details or {}), ANALYSED: labels, LEAST: group.least})
