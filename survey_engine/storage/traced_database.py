"""A store with a span for each read and write. Requires the extra `tracing`; imported only when tracing is enabled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry.trace import SpanKind, Tracer
from sqlalchemy import Connection

from survey_engine.storage.database import Database


class TracedDatabase(Database):
    """A store with a span for each read and write."""

    def __init__(self, url: str, store: str, tracer: Tracer) -> None:
        self._tracer = tracer
        super().__init__(url, store)

    @contextmanager
    def _span(self, what: str) -> Iterator[None]:
        attributes = {"db.system.name": self.engine.dialect.name, "db.namespace": self.store}
        with self._tracer.start_as_current_span(
            f"{what} {self.store}",
            kind=SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,  # an exception's text may contain answers
            set_status_on_exception=False,
        ):
            yield

    def fetch(self, statement: str, values: Mapping[str, Any]) -> list[Any]:
        with self._span("load"):
            return super().fetch(statement, values)

    def change(self, statement: str, values: Mapping[str, Any]) -> int:
        with self._span("save"):
            return super().change(statement, values)

    @contextmanager
    def write(self, *, single: bool = False) -> Iterator[Connection]:
        with self._span("save"), super().write(single=single) as connection:
            yield connection
