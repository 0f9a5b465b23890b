"""Reads all responses to one questionnaire from one snapshot, in batches."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text

from survey_engine.engine.assignment import split_names
from survey_engine.engine.routing import Respondent
from survey_engine.model.questionnaire import Values

RESPONSES_PER_READ = 200
"""Responses per batch."""
_LIST = text("SELECT id FROM response WHERE questionnaire = :questionnaire")
_LIST_OF_INSTITUTION = text("SELECT id FROM response WHERE questionnaire = :questionnaire AND institution = :institution")
_VERSIONS = text(
    "SELECT version FROM response WHERE questionnaire = :questionnaire GROUP BY version ORDER BY max(started_at) DESC, version"
)
_RESPONSES = text(
    "SELECT id, version, institution, language, languages, background, modules, started_at, completed_at, pseudonym,"
    " progress_bar, device, channel FROM response WHERE id IN :ids"
).bindparams(bindparam("ids", expanding=True))
_PAGES = text("SELECT response_id, page, answers, done, paradata FROM page WHERE response_id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)


@dataclass(frozen=True, slots=True)
class Record:
    """One response for export: dates without time, pages without writer."""

    id: int
    version: str
    respondent: Respondent
    reasons: Mapping[str, str]
    """Module or arm → reason of the assignment."""
    languages: tuple[str, ...]
    """Languages in the order of first use, each once."""
    started: str
    completed: str
    """YYYY-MM-DD; empty while the response is open."""
    pseudonym: str | None
    answers: dict[str, Values] = field(default_factory=dict)
    """Page → answers."""
    done: set[str] = field(default_factory=set)
    """Completed pages."""
    progress_bar: bool | None = None
    """Whether pages showed the progress bar; None for responses of older releases."""
    device: str = ""
    """Class of the device's width; empty if unknown."""
    channel: str = ""
    """Channel of the link by which the response started; empty if the link named none."""
    switches: int = 0
    """Number of times that the language was changed."""
    paradata: dict[str, str | None] = field(default_factory=dict)
    """Stored page → its paradata, in the format of `engine/paradata.py`."""


def iter_responses(connection: Connection, questionnaire: str, institution: str = "") -> Iterator[int]:
    """Iterate over the ids of the responses to a questionnaire; only those of `institution`, if given."""
    statement, names = (_LIST_OF_INSTITUTION, {"institution": institution}) if institution else (_LIST, {})
    wanted = {"questionnaire": questionnaire, **names}
    for row in connection.execute(statement, wanted, execution_options={"yield_per": 10_000}):
        yield row[0]


def list_answered_versions(connection: Connection, questionnaire: str) -> list[str]:
    """List the versions with responses; the version of the most recently started response comes first."""
    return [row[0] for row in connection.execute(_VERSIONS, {"questionnaire": questionnaire})]


def read_responses(
    connection: Connection, ids: Sequence[int], find_zone: Callable[[str], tzinfo] = lambda institution: UTC
) -> list[Record]:
    """Return the responses in the order of `ids`.

    Args:
        find_zone: returns the time zone of an institution, for the dates of its responses.
    """
    found = {row[0]: _build(row, find_zone(row[2])) for row in connection.execute(_RESPONSES, {"ids": ids})}
    for id, page, answers, done, paradata in connection.execute(_PAGES, {"ids": ids}):
        record = found[id]
        record.answers[page] = json.loads(answers)
        record.paradata[page] = paradata
        if done:
            record.done.add(page)
    return [found[id] for id in ids]


def _build(row: Row[Any], zone: tzinfo) -> Record:
    id, version, institution, language, languages, background, modules, started, completed, pseudonym, *rest = tuple(row)
    bar, device, channel = rest
    reasons = json.loads(modules)
    return Record(
        id=id,
        version=version,
        respondent=Respondent(institution, language, json.loads(background), *split_names(reasons), str(started)[:10], id),
        reasons=reasons,
        languages=tuple(dict.fromkeys(languages.split(","))),
        started=_name_day(started, zone),
        completed=_name_day(completed, zone) if completed else "",
        pseudonym=pseudonym,
        progress_bar=None if bar is None else bool(bar),
        device=device or "",
        channel=channel or "",
        switches=languages.count(","),
    )


def _name_day(stored: object, zone: tzinfo) -> str:
    """Return the day of a stored UTC time as YYYY-MM-DD. Midnight means that only the day was stored: it is not converted to `zone`."""
    moment = datetime.fromisoformat(str(stored)).replace(tzinfo=UTC)
    return (moment if moment.time() == time.min else moment.astimezone(zone)).date().isoformat()
