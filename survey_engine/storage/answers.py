"""Statements on responses: start, load, save a page, complete, change the language.

Each statement reads one response by its key, except the start, which counts the institution's other responses to balance the draw.

Sharding with Citus: distribute `response` by `id` and `page` by `response_id`, co-located. `panel_waiting` is a local table of the
coordinator, `withdrawn_response` a reference table. Citus requires the distribution key in every unique index: create
`response_pseudonym` and `response_key` without UNIQUE. A pseudonym still has one response, because starts of one institution hold an
advisory lock, as long as all starts use the coordinator.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection, text

from survey_engine.engine.assignment import Assigned, split_names
from survey_engine.engine.decisions import Save
from survey_engine.engine.response_state import Overview, Response, StoredPage
from survey_engine.engine.routing import Respondent
from survey_engine.model.questionnaire import Values
from survey_engine.storage.database import Database, make_id
from survey_engine.storage.panels import OnReplaced, WaitingAddress, store_waiting
from survey_engine.storage.private_keys import StoredKey, find_key_holder

_HEAD = (
    "r.questionnaire, r.version, r.institution, r.language, r.languages, r.background, r.modules, r.completed_at, r.saves,"
    " r.pseudonym, r.progress_bar, r.started_at"
)
_PAGES = "p.page, p.answers, p.version, p.writer, p.number, p.done, p.seconds_left, p.paradata"
_LOAD = f"SELECT {_HEAD}, {_PAGES}, p.saved_at FROM response r LEFT JOIN page p ON p.response_id = r.id WHERE r.id = :id"  # noqa: S608 - our own words
_LOAD_STACKED = (
    f"SELECT {_HEAD} FROM response r WHERE r.id = :id"  # noqa: S608 - our own words
    " UNION ALL SELECT group_concat(page, ' '), group_concat(CASE WHEN NOT done THEN page END, ' '), min(seconds_left),"
    " max(saved_at), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM page WHERE response_id = :id"
    f" UNION ALL SELECT {_PAGES}, NULL, NULL, NULL, NULL FROM page p WHERE p.response_id = :id"
)
_LOAD_NEEDED = _LOAD_STACKED + " AND p.page IN (SELECT value FROM json_each(:needed))"  # noqa: S608 - our own words
"""For SQLite, whose columns can have values of any type. Rows: the head, an overview of all pages, then all or the needed pages."""
NOW = "CURRENT_TIMESTAMP"
_DAY, _DAY_SQLITE = "CURRENT_DATE", "datetime('now', 'start of day')"
_SAVE = (
    "INSERT INTO page (response_id, page, answers, version, writer, number, done, seconds_left, paradata, saved_at)"
    " SELECT id, :page, :answers, 1, :writer, :number, :done, :seconds_left, :paradata, MOMENT"
    " FROM RESPONSE"
    " ON CONFLICT (response_id, page) DO UPDATE SET answers = excluded.answers, version = page.version + 1,"
    " writer = excluded.writer, number = excluded.number, done = (page.done OR excluded.done),"
    " seconds_left = excluded.seconds_left, paradata = excluded.paradata, saved_at = excluded.saved_at"
    " WHERE (page.writer = excluded.writer AND page.number <= excluded.number) OR page.version = :based_on"
)
_COUNT_SAVE = "WITH counted AS (UPDATE response SET saves = saves + 1 WHERE UNCHANGED RETURNING id) "
_OPEN = (
    "id = :id AND completed_at IS NULL AND NOT EXISTS (SELECT 1 FROM withdrawn_response WHERE name IN (:name, :replaced_name))"
)
_UNCHANGED = f"{_OPEN} AND saves = :saves AND language = :language"
_CHECK = "SELECT id FROM response WHERE UNCHANGED"
_COMPLETE = "UPDATE response SET completed_at = MOMENT WHERE id = :id AND completed_at IS NULL"
_SET_LANGUAGE = text(
    "UPDATE response SET language = :language, languages = languages || ',' || :language"
    " WHERE id = :id AND language <> :language AND completed_at IS NULL"
)
_FIND = "SELECT id FROM response WHERE questionnaire = :questionnaire AND pseudonym = :pseudonym"
_COMPLETION = "SELECT completed_at FROM response WHERE id = :id"
_DRAWN = (
    "SELECT drawn, id FROM response WHERE questionnaire = :questionnaire AND institution = :institution AND drawn IS NOT NULL"
)
_COUNT = text(
    "SELECT drawn, count(*) FROM (DRAWN AND completed_at IS NOT NULL"
    " UNION ALL DRAWN AND completed_at IS NULL AND started_at > :lately"
    " UNION ALL DRAWN AND completed_at IS NULL AND started_at > :since AND started_at <= :lately AND saves > 0"
    ") AS live GROUP BY drawn".replace("DRAWN", _DRAWN)
)
"""The first two parts only read the index. The last part also reads rows: those of open responses that started after `since`."""
_START = text(
    "INSERT INTO response (id, questionnaire, version, institution, pseudonym, language, languages, background, modules,"
    " drawn, progress_bar, device, channel, key_hash, key_mark)"
    " VALUES (:id, :questionnaire, :version, :institution, :pseudonym, :language, :language, :background,"
    " :modules, :drawn, :progress_bar, :device, :channel, :key_hash, :key_mark)"
)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
_NOW = text("SELECT CURRENT_TIMESTAMP")


_UNANSWERED_MINUTES = 30
"""Minutes for which a start without a saved page counts in the draw."""
_NEVER_ANSWERED = "completed_at IS NULL AND saves = 0 AND started_at < :before"
_LIST_UNANSWERED = text("SELECT id FROM response WHERE UNANSWERED ORDER BY id".replace("UNANSWERED", _NEVER_ANSWERED))
_REMOVE_UNANSWERED = text("DELETE FROM response WHERE id = :id AND UNANSWERED".replace("UNANSWERED", _NEVER_ANSWERED))
_REMOVED_AT_ONCE = 500
"""Rows per transaction: few, so that saves do not wait long."""

_write_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class StaleResponseError(Exception):
    """The response has changed since it was loaded. Load it and decide again."""


def load_response(database: Database, id: int, needed: Collection[str] | None = None) -> Response | None:
    """Load a response; None if it does not exist.

    Args: needed: codes of the pages to read; None reads all. PostgreSQL always reads all.
    """
    if not database.is_sqlite:
        rows = database.fetch(_LOAD, {"id": id})
        stored = [row[12:] for row in rows if row[12] is not None]
        saved = max((row[-1] for row in stored), default=None)
        return _build(id, rows[0][:12], _read_pages(stored, LazyAnswers), saved) if rows else None
    if needed is None:
        rows = database.fetch(_LOAD_STACKED, {"id": id})
    else:
        rows = database.fetch(_LOAD_NEEDED, {"id": id, "needed": _write_json([*needed])})
    if len(rows) == 1:  # only the overview: the response does not exist
        return None
    head, (codes, undone, seconds_left, saved, *_), *pages = rows
    present = frozenset((codes or "").split())
    overview = Overview(present, present.difference((undone or "").split()), seconds_left)
    return _build(id, head, _read_pages(pages, LazyAnswers if needed is None else json.loads), saved, overview)


def _read_pages(rows: Iterable[Sequence[Any]], read: Callable[[str], Values]) -> dict[str, StoredPage]:
    return {row[0]: StoredPage._make((read(row[1]), *row[2:8])) for row in rows}


def _build(
    id: int,
    head: Sequence[Any],
    pages: Mapping[str, StoredPage],
    saved: datetime | str | None,
    summary: Overview | None = None,
) -> Response:
    questionnaire, version, institution, language, languages, background, modules, completed, *rest = head
    (saves, pseudonym, bar, started), reasons = rest, json.loads(modules)
    return Response(
        id=id,
        questionnaire=questionnaire,
        version=version,
        respondent=Respondent(institution, language, json.loads(background), *split_names(reasons), str(started)[:10], id),
        pages=pages,
        reasons=reasons,
        languages=tuple(languages.split(",")),
        completed=completed is not None,
        saves=saves,
        pseudonym=pseudonym,
        progress_bar=bar is None or bool(bar),
        summary=summary,
        saved=_read_time(saved).timestamp() if saved else None,
    )


def find_response(database: Database, questionnaire: str, pseudonym: str) -> int | None:
    """Return the id of the pseudonym's response; None if there is none."""
    rows = database.fetch(_FIND, {"questionnaire": questionnaire, "pseudonym": pseudonym})
    return int(rows[0][0]) if rows else None


def find_completion(database: Database, id: int) -> datetime | None:
    """Return the time of completion in UTC, which is midnight if only the day is stored; None for an open response."""
    rows = database.fetch(_COMPLETION, {"id": id})
    return _read_time(rows[0][0]) if rows and rows[0][0] else None


def _read_time(stored: datetime | str) -> datetime:
    found = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class LazyAnswers(Mapping[str, Any]):
    """The answers of a page, parsed at the first access. Routing reads few pages of a response."""

    __slots__ = ("_json", "_values")

    def __init__(self, json_: str) -> None:
        self._json = json_
        self._values: dict[str, Any] | None = None

    def _read(self) -> dict[str, Any]:
        if self._values is None:
            self._values = json.loads(self._json)
        return self._values

    def __getitem__(self, name: str) -> Any:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __eq__(self, other: object) -> bool:
        return self._read() == other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._read())


class ExtraChanges(TypedDict, total=False):
    """Other changes in the transaction that stores a page."""

    complete: bool
    language: str | None
    """The new language of the response."""
    waiting: WaitingAddress | None
    """A panel address to store, change or delete."""
    on_replaced: OnReplaced
    """Required with `waiting`."""
    day_only: bool
    """Store the date without the time."""
    name: str
    """The name of the response in `withdrawn_response`. The save fails if the table has this name."""
    replaced_name: str
    """The name of the device's link in `withdrawn_response`, if it was replaced. The save fails if the table has this name."""


def save_page(database: Database, id: int, save: Save, **also: Unpack[ExtraChanges]) -> None:
    """Store one page (if the save changes it) and the other changes in one transaction. Durable on return.

    Raises:
        StaleResponseError: the page or response changed since it was loaded, or its link was withdrawn or replaced. Nothing is stored.
    """
    values = {
        "name": also.get("name", ""),
        "replaced_name": also.get("replaced_name", ""),
        "id": id,
        "page": save.page,
        "answers": _write_json(save.answers),
        "writer": save.writer,
        "number": save.number,
        "done": save.done,
        "seconds_left": save.seconds_left,
        "paradata": save.paradata,
        "based_on": save.based_on,
    }
    if save.expected_state:
        values["saves"], values["language"] = save.expected_state
    moment = NOW if not also.get("day_only") else _DAY_SQLITE if database.is_sqlite else _DAY
    make = make_save_statement if save.changes else _make_check
    statement = make(save.expected_state is not None, database.is_sqlite, moment)
    if also.get("complete") or also.get("language") or also.get("waiting"):
        with database.write() as connection:
            if not _execute(connection, statement, values):
                raise StaleResponseError
            _save_more(connection, id, also, moment)
    elif database.change(statement, values) == 0:
        raise StaleResponseError


def _execute(connection: Connection, statement: str, values: Mapping[str, Any]) -> int:
    """Execute a statement and return the number of changed or found rows."""
    found = connection.execute(text(statement), values)
    return len(found.all()) if found.returns_rows else found.rowcount


def _make_check(as_seen: bool, is_sqlite: bool, _moment: str) -> str:
    """Return the statement that finds (and on PostgreSQL locks) a response if it has not changed."""
    check = _CHECK.replace("UNCHANGED", _UNCHANGED if as_seen else _OPEN)
    return check if is_sqlite else check + " FOR UPDATE"


def _save_more(connection: Connection, id: int, also: ExtraChanges, moment: str) -> None:
    if waiting := also.get("waiting"):
        store_waiting(connection, waiting, also["on_replaced"])
    if language := also.get("language"):
        connection.execute(_SET_LANGUAGE, {"id": id, "language": language})
    if also.get("complete"):
        connection.execute(text(_COMPLETE.replace("MOMENT", moment)), {"id": id})


@lru_cache
def make_save_statement(as_seen: bool, is_sqlite: bool, moment: str = NOW) -> str:
    """Return the statement that stores a page.

    On PostgreSQL it first updates, and so locks, the row of `response`: saves and completions of a response run one after another,
    without deadlocks. SQLite has one writer.
    """
    unchanged = _UNCHANGED if as_seen else _OPEN
    if is_sqlite:
        return _SAVE.replace("RESPONSE", f"response WHERE {unchanged}").replace("MOMENT", moment)
    return _COUNT_SAVE.replace("UNCHANGED", unchanged) + _SAVE.replace("RESPONSE", "counted").replace("MOMENT", moment)


def change_language(database: Database, id: int, language: str) -> None:
    """Change the language of a response that is not complete."""
    with database.write(single=True) as connection:
        connection.execute(_SET_LANGUAGE, {"id": id, "language": language})


def start_response(  # noqa: PLR0913 - one column each
    database: Database,
    *,
    questionnaire: str,
    version: str,
    institution: str,
    language: str,
    background: Values,
    pseudonym: str | None,
    abandoned_hours: int,
    progress_share: int = 100,
    device: str = "",
    channel: str = "",
    assign: Callable[[Mapping[str, int]], Iterable[Assigned]],
    make_key: Callable[[int], StoredKey] = lambda id: StoredKey(None, ""),
) -> int:
    """Start a response, or find the response of the pseudonym; return the id.

    Args:
        progress_share: percentage of responses with a progress bar.
        device: class of the device's width; empty if unknown.
        channel: channel of the link; empty if the link names none.
        assign: takes module or arm → number of live or completed responses to which it was assigned, and returns the assignment. It
        runs in the transaction of the start; an institution has one such transaction at a time.
        make_key: takes the id of the new response and returns the hash and mark of its private key.
    """
    named = {"questionnaire": questionnaire, "institution": institution, "pseudonym": pseudonym}
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(_LOCK, {"name": f"{questionnaire}/{institution}"})
        found = connection.execute(text(_FIND), named).scalar() if pseudonym else None
        if found is not None:
            return int(found)
        now = _read_clock(connection)
        times = {"since": now - timedelta(hours=abandoned_hours), "lately": now - timedelta(minutes=_UNANSWERED_MINUTES)}
        rows = connection.execute(_COUNT, {**named, **{name: _stamp(time) for name, time in times.items()}})
        counts: Counter[str] = Counter()
        for drawn, count in rows:
            counts.update(dict.fromkeys(drawn.split(), count))
        assigned = tuple(assign(counts))
        id = make_id()
        key = make_key(id)
        if key.key_hash and find_key_holder(connection, questionnaire, key.key_hash):
            key = StoredKey(None, "")  # another response has this key: a new key is made when it is first shown
        row = {
            "id": id,
            **named,
            "version": version,
            "language": language,
            "background": json.dumps(dict(background), ensure_ascii=False),
            "modules": json.dumps({a.name: a.reason for a in assigned}),
            "progress_bar": id % 100 < progress_share,
            "device": device or None,
            "channel": channel or None,
            **key._asdict(),
            "drawn": " ".join(a.name for a in assigned if a.reason == "random") or None,
        }
        connection.execute(_START, row)
    return id


def remove_unanswered(database: Database, hours: int) -> int:
    """Delete responses without a saved page that started more than `hours` ago; return their number."""
    with database.read() as connection:
        before = {"before": _stamp(_read_clock(connection) - timedelta(hours=hours))}
        ids = connection.execute(_LIST_UNANSWERED, before).scalars().all()
    removed = 0
    for at in range(0, len(ids), _REMOVED_AT_ONCE):
        with database.write() as connection:  # the statement checks again, because a page may have been saved meanwhile
            for id in ids[at : at + _REMOVED_AT_ONCE]:
                removed += connection.execute(_REMOVE_UNANSWERED, {"id": id, **before}).rowcount
    return removed


def _read_clock(connection: Connection) -> datetime:
    """Return the time of the database's clock: the clocks of application servers may differ."""
    now = connection.execute(_NOW).scalar_one()
    return now if isinstance(now, datetime) else datetime.fromisoformat(now)


def _stamp(moment: datetime) -> Any:
    return moment if moment.tzinfo else moment.strftime("%Y-%m-%d %H:%M:%S")
