"""Careless variants of the engine: each removes one precaution, so that a scenario must fail.

A variant changes a server of the harness before its first request. No setting of the engine enables a variant.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from survey_engine.cli.support import installation
from survey_engine.fieldwork import participation
from survey_engine.fieldwork.response_cache import ResponseCache
from survey_engine.publication.registry import Registry
from survey_engine.storage import answers
from survey_engine.storage.database import Database
from survey_engine.web import app
from survey_engine.web.respondent import entry

LATER_SECONDS = 0.3


class CarelessDatabase(Database):
    """A store that acknowledges commits before they are on disk: it does not sync on SQLite, and accepts any settings of PostgreSQL."""

    pragmas = ("journal_mode=WAL", "synchronous=OFF", "foreign_keys=ON")

    @staticmethod
    def check(connection: Any) -> None:
        """Accept any database."""


def be_careful() -> None:
    """Change nothing."""


def forget_to_sync() -> None:
    installation.Database = CarelessDatabase
    app.create_app = partial(app.create_app, store=CarelessDatabase)


def acknowledge_first() -> None:
    """Acknowledge a page before it is stored, and store it a little later, or when the response is loaded.

    In a server with one worker, this has no visible effect without a failure.
    """
    waiting: dict[int, list[Callable[[], None]]] = defaultdict(list)
    turn = threading.Lock()
    save_page, load_response = participation.save_page, participation.load_response

    def catch_up(id: int) -> None:
        with turn:
            for save in waiting.pop(id, []):
                save()

    def save_later(database: Any, id: int, *given: Any, **more: Any) -> None:
        waiting[id].append(lambda: save_page(database, id, *given, **more))
        threading.Timer(LATER_SECONDS, catch_up, [id]).start()

    def load_after(database: Any, id: int, *needed: Any) -> Any:
        catch_up(id)
        return load_response(database, id, *needed)

    ResponseCache.keep = lambda *_: None  # type: ignore[method-assign]
    participation.save_page = save_later
    participation.load_response = entry.load_response = load_after


def overlook_failure() -> None:
    """Continue as if a page were stored if the database reports an error."""
    save_page = participation.save_page

    def save_perhaps(*given: Any, **more: Any) -> None:
        with suppress(SQLAlchemyError):
            save_page(*given, **more)

    participation.save_page = save_perhaps


def forget_versions() -> None:
    """Treat every posted page as if it were based on the stored version."""
    answer_page = participation.answer_page

    def answer_blindly(questionnaire: Any, response: Any, slug: str, post: Any) -> Any:
        stored = response.pages.get(questionnaire.placed_pages[slug][1].code)
        return answer_page(questionnaire, response, slug, post._replace(based_on=stored.saves if stored else 0))

    participation.answer_page = answer_blindly


def take_newest() -> None:
    """Decide on every response with the version that new respondents get."""
    Registry.find_version = lambda self, response: self.current[response.questionnaire]  # type: ignore[method-assign]


def complete_again() -> None:
    """Let every post that finds the response open complete it again."""
    answers._OPEN = answers._UNCHANGED = "id = :id"
    answers._SAVE = answers._SAVE.replace("page.version = :based_on", "page.version > 0")
    answers._COMPLETE = answers._COMPLETE.replace(" AND completed_at IS NULL", "")


VARIANTS: dict[str, Callable[[], None]] = {
    "careful": be_careful,
    "forgets to sync": forget_to_sync,
    "acknowledges first": acknowledge_first,
    "overlooks failure": overlook_failure,
    "forgets versions": forget_versions,
    "completes again": complete_again,
    "takes the newest version": take_newest,
}
"""Name of the variant → function that changes the server."""
