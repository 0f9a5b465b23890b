"""The questionnaires in service in this process: what new respondents get, and each version that somebody began with.

Every version lies in the answers' store. A process compiles one that it lacks once, when a response asks for it. Requests look for
what was published: one of them every `LOOK_SECONDS`, and after `LATEST_SECONDS` without a look, all wait for one. No decision is ever
made with another version than the response's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from threading import Lock
from time import monotonic

import structlog
from sqlalchemy.exc import SQLAlchemyError

from survey_engine.engine.decisions import Response
from survey_engine.engine.routing import find_consulted_pages
from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.publication.folders import check_folder, list_folders
from survey_engine.publication.versions import PublishedError, describe, read_version
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.versions import list_versions, read_service, store_version
from survey_engine.telemetry.monitoring import Metrics

LOOK_SECONDS = 2
"""How often a process that has requests looks for what was published."""
LATEST_SECONDS = 4
"""How long ago the look may have begun whose result a request gets."""
PATIENCE = 2
"""Seconds that a request waits while another thread compiles."""
RETRY_SECONDS = 10
"""After how long a version that could not be read is tried again."""


class VersionUnavailableError(Exception):
    """The version cannot be served at this moment; nothing may be decided."""


@dataclass(slots=True)
class Registry:
    answers: Database
    metrics: Metrics | None = None
    clock: Callable[[], float] = monotonic
    """Seconds, from any moment on."""
    _current: dict[str, Questionnaire] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    """Questionnaire, or questionnaire and version → why it cannot be served."""
    _versions: dict[tuple[str, str], Questionnaire] = field(default_factory=dict)
    _failed: dict[tuple[str, str], float] = field(default_factory=dict)
    """Versions that could not be read, and when."""
    _retired: frozenset[str] = frozenset()
    """Questionnaires with stored versions of which none is current."""
    _needed: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    _looked: float = -inf
    """When the last look began that succeeded, or when one that failed ended."""
    _turn: Lock = field(default_factory=Lock)

    @property
    def current(self) -> Mapping[str, Questionnaire]:
        """What new respondents get, by code; what was published `LATEST_SECONDS` ago or earlier is in it.

        While the store cannot be reached it is what the last look found.
        """
        age = self.clock() - self._looked
        if age >= LOOK_SECONDS and self._turn.acquire(blocking=age >= LATEST_SECONDS):
            try:
                if self.clock() - self._looked >= LOOK_SECONDS:  # nobody looked while this request waited
                    self.look()
            finally:
                self._turn.release()
        return self._current

    def find(self, code: str) -> Questionnaire | None:
        """What new respondents get; of a questionnaire that is no longer in service the version that was served last."""
        found = self.current.get(code)
        if found is None and code in self._retired:
            version = list_versions(self.answers)[code][0]
            return self._get(code, version)
        return found

    def version_of(self, response: Response) -> Questionnaire:
        """The questionnaire as it was when the response began.

        Raises:
            VersionUnavailableError: while it cannot be had.
        """
        return self._get(response.questionnaire, response.version)

    def list_all(self) -> list[Questionnaire]:
        """Every version that this process has compiled."""
        return [*self._versions.values()]

    def list_needed(self, code: str, slug: str) -> frozenset[str]:
        """The pages of a response that a posted page cannot do without, whichever known version the response began with."""
        if (code, slug) not in self._needed:
            versions = [version for version in self.list_all() if version.code == code]
            here = {version.placed_pages[slug][1].code for version in versions if slug in version.placed_pages}
            if not here:  # an address that somebody made up is not worth keeping
                return frozenset().union(*map(find_consulted_pages, versions))
            self._needed[code, slug] = frozenset(here.union(*map(find_consulted_pages, versions)))
        return self._needed[code, slug]

    def add(self, questionnaire: Questionnaire, *, current: bool = False) -> None:
        """Know a version that is stored."""
        self._versions = {**self._versions, (questionnaire.code, questionnaire.version): questionnaire}
        self._needed = {}
        if current:
            self._current = {**self._current, questionnaire.code: questionnaire}
            self._serve_again(questionnaire.code)

    def serve_last(self, code: str) -> None:
        """Go on with the version that was served last, if there is one."""
        if versions := list_versions(self.answers).get(code):
            with suppress(VersionUnavailableError):
                self._current = {**self._current, code: self._get(code, versions[0])}

    def leave_out(self, name: str, why: str) -> None:
        if self.left_out.get(name) != why:
            structlog.get_logger().error("left_out", questionnaire=name, why=why)
        self.left_out[name] = why
        if self.metrics:
            self.metrics.left_out.labels(name).set(1)

    def _serve_again(self, name: str) -> None:
        if self.left_out.pop(name, None) and self.metrics:
            self.metrics.left_out.labels(name).set(0)

    def _get(self, code: str, version: str) -> Questionnaire:
        found = self._versions.get((code, version))
        if found:
            return found
        with self._compiling():
            return self._versions.get((code, version)) or self._read(code, version)

    @contextmanager
    def _compiling(self) -> Iterator[None]:
        """One thread compiles; the others wait for a moment, then ask their respondents to try again."""
        if not self._turn.acquire(timeout=PATIENCE):
            raise VersionUnavailableError
        try:
            yield
        finally:
            self._turn.release()

    def _read(self, code: str, version: str) -> Questionnaire:
        if self.clock() - self._failed.get((code, version), -RETRY_SECONDS) < RETRY_SECONDS:
            raise VersionUnavailableError
        try:
            questionnaire = read_version(self.answers, code, version)
        except PublishedError as error:
            self._failed[code, version] = self.clock()
            self.leave_out(f"{code} {version}", str(error))
            raise VersionUnavailableError from error
        self._serve_again(f"{code} {version}")
        self.add(questionnaire)
        return questionnaire

    def look(self) -> None:
        """Take into service what was published since; what cannot be read leaves what serves."""
        began = self.clock()
        try:
            for code, version in read_service(self.answers).items():
                if code not in self._current or self._current[code].version != version:
                    self._take(code, version)
            self._retired = frozenset(list_versions(self.answers)).difference(self._current)
        except (SQLAlchemyError, OSError):  # pages say so themselves; who waited for this look need not wait for another
            self._looked = self.clock()
        else:
            self._looked = began

    def _take(self, code: str, version: str) -> None:
        with suppress(VersionUnavailableError):
            self.add(self._versions.get((code, version)) or self._read(code, version), current=True)


def open_registry(settings: Settings, answers: Database, metrics: Metrics | None = None) -> Registry:
    """Every questionnaire that can be served: the published ones, and those in the folder that were never published.

    A questionnaire of the folder is stored as a version before it is served. If it has errors, the version that was served
    last is served instead.
    """
    registry, published = Registry(answers, metrics), read_service(answers)
    for folder in list_folders(settings.questionnaires):
        if folder.name not in published:
            _serve_folder(registry, folder, settings.translations)
    registry.look()
    return registry


def _serve_folder(registry: Registry, folder: Path, translations: Path) -> None:
    try:
        questionnaire = compile_questionnaire(folder, translations)
        if problems := [*check_folder(folder, questionnaire)]:
            raise BrokenQuestionnaireError(problems)
    except BrokenQuestionnaireError:
        registry.leave_out(folder.name, f"It has errors. See: survey-engine check {folder}")
        registry.serve_last(folder.name)
        return
    store_version(registry.answers, describe(questionnaire, folder, translations))
    registry.add(questionnaire, current=True)
