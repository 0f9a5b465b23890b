"""What is stored of robots, read with plain SQL, to be compared with what they gave."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.signing import hash_token, make_proof, make_pseudonym
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.operations.simulation.population import invent_background
from survey_engine.operations.simulation.walking import RobotEntry
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat


@dataclass(slots=True)
class StoredResponse:
    id: int
    modules: tuple[str, ...]
    languages: list[str]
    completed: bool
    receipt: str
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    seconds: dict[str, int] = field(default_factory=dict)
    """Page → seconds that the script measured."""


def add_students(settings: Settings, questionnaire: Questionnaire, count: int) -> list[RobotEntry]:
    """A personal link for each robot, with a background of its own; the institutions in turn."""
    institutions = list(questionnaire.institutions.values())
    seats = [
        Seat(questionnaire.code, who.code, invent_background(questionnaire, who, Random(f"student {number}")))
        for number, who in ((number, institutions[number % len(institutions)]) for number in range(count))
    ]
    identity = Database(settings.identity_url, "identity")
    identity.migrate()
    tokens = give_links(identity, ContactKeys(settings.contact_keys), seats)
    identity.close()
    return [RobotEntry(f"/l/{token}", seat.institution, seat.background) for token, seat in zip(tokens, seats, strict=True)]


def find_pseudonyms(settings: Settings, questionnaire: Questionnaire, entries: Sequence[RobotEntry]) -> list[str]:
    """What stands for each robot among the answers."""
    with closing(open_file(settings.identity_url)) as identity:
        seats = dict(identity.execute("SELECT link_hash, id FROM seat").fetchall())
    keys = (seats[hash_token(entry.path.removeprefix("/l/"))] for entry in entries)
    return [make_pseudonym(settings.pseudonym_key, questionnaire.code, seat) for seat in keys]


def read_stored(settings: Settings) -> dict[str, StoredResponse]:
    """Pseudonym → everything that is stored under it."""
    with closing(open_file(settings.database_url)) as answers:
        found = {
            pseudonym: StoredResponse(
                id,
                tuple(json.loads(modules)),
                languages.split(","),
                completed is not None,
                make_proof(settings.pseudonym_key, code, id) if completed else "",
            )
            for pseudonym, code, id, modules, languages, completed in answers.execute(
                "SELECT pseudonym, questionnaire, id, modules, languages, completed_at FROM response"
            )
        }
        pages: dict[int, list[tuple[str, str, int, str]]] = defaultdict(list)
        for id, *page in answers.execute("SELECT response_id, page, answers, done, coalesce(paradata, '') FROM page"):
            pages[id].append(tuple(page))
    for response in found.values():
        response.answers = {page: json.loads(given) for page, given, *_ in pages[response.id]}
        response.done = {page for page, _, done, _ in pages[response.id] if done}
        response.seconds = {page: int(written.split()[1]) for page, *_, written in pages[response.id] if " " in written}
    return found


def open_file(url: str) -> sqlite3.Connection:
    return sqlite3.connect(Path(url.removeprefix("sqlite:///")))
