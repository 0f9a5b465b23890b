"""The questionnaires in service in this process: the one for new respondents, and every version with responses.

All versions are in the answers' store. A process knows the names of the versions in service, and compiles a version when a
request needs it, or in the background (`compile_all`). A request looks for newly published versions every `REFRESH_SECONDS`;
after `_MAX_AGE_SECONDS` without a refresh, all requests wait for one. Every decision uses the response's own version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from math import inf
from pathlib import Path
from threading import Lock
from time import monotonic

import structlog
from sqlalchemy.exc import SQLAlchemyError

from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import find_consulted_pages
from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.acceptance import accept_questionnaire
from survey_engine.publication.compiler import name_version
from survey_engine.publication.folders import list_folders
from survey_engine.publication.versions import (
    ReusedCodesError,
    RewordedTextsError,
    StoredVersionError,
    compare_with_answered,
    pack_version,
    read_version,
)
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.versions import map_versions, read_service, store_version
from survey_engine.telemetry.monitoring import Metrics

REFRESH_SECONDS = 2
"""Interval between refreshes in a process with requests."""
_MAX_AGE_SECONDS = 4
"""Maximum age of the refresh that a request relies on."""
_COMPILE_TIMEOUT = 2
"""Seconds that a request waits while another thread compiles the same version."""
REREAD_SECONDS = 10
"""Seconds until an unreadable version is tried again."""
_LEAST_REST = 0.1
"""Minimum of the seconds between two compilations in the background."""


class VersionUnavailableError(Exception):
    """The version cannot be served at the moment; no decision is possible."""


@dataclass(slots=True)
class Registry:
    answers: Database
    metrics: Metrics | None = None
    clock: Callable[[], float] = monotonic
    """Returns seconds since any fixed moment."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Questionnaire, or questionnaire and version → reason why it cannot be served."""
    _served: dict[str, str] = field(default_factory=dict)
    _versions: dict[tuple[str, str], Questionnaire] = field(default_factory=dict)
    _failed: dict[tuple[str, str], float] = field(default_factory=dict)
    """Unreadable version → time of the attempt."""
    _retired: frozenset[str] = frozenset()
    """Questionnaires with stored versions but none in service."""
    _needed: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    _refreshed_at: float = -inf
    """Start of the last successful refresh, or end of the last failed one."""
    _refreshing: Lock = field(default_factory=Lock)
    _compiling: defaultdict[tuple[str, str], Lock] = field(default_factory=partial(defaultdict, Lock))
    """Version → lock of the thread that compiles it."""

    @property
    def served(self) -> Mapping[str, str]:
        """The version for new respondents by code, including everything published at least `_MAX_AGE_SECONDS` ago.

        While the store is unreachable, this is the result of the last refresh.
        """
        age = self.clock() - self._refreshed_at
        if age >= REFRESH_SECONDS and self._refreshing.acquire(blocking=age >= _MAX_AGE_SECONDS):
            try:
                if self.clock() - self._refreshed_at >= REFRESH_SECONDS:  # another request may have refreshed meanwhile
                    self.refresh()
            finally:
                self._refreshing.release()
        return self._served

    @property
    def current(self) -> Mapping[str, Questionnaire]:
        """The questionnaire for new respondents by code, without those that cannot be served. It compiles all that are missing."""
        found: dict[str, Questionnaire] = {}
        for code in self.served:
            with suppress(VersionUnavailableError):
                if questionnaire := self.find_current(code):
                    found[code] = questionnaire
        return found

    def find_current(self, code: str) -> Questionnaire | None:
        """Return the questionnaire for new respondents. If it cannot be read, that is the version which was served before it.

        Raises:
            VersionUnavailableError: if no version can be read at the moment.
        """
        version = self.served.get(code)
        if version is None:
            return None
        try:
            return self._get(code, version)
        except VersionUnavailableError:
            if (code, version) not in self._failed:  # another thread compiles it
                raise
        for version in map_versions(self.answers).get(code, []):
            with suppress(VersionUnavailableError):
                found = self._get(code, version)
                self.serve(code, version)
                return found
        raise VersionUnavailableError

    def find(self, code: str) -> Questionnaire | None:
        """As `find_current`; the version that was served last if none is in service."""
        found = self.find_current(code)
        if found is None and code in self._retired:
            version = map_versions(self.answers)[code][0]
            return self._get(code, version)
        return found

    def find_compiled(self, code: str) -> Questionnaire | None:
        """Return the questionnaire for new respondents if this process has compiled it."""
        return self._versions.get((code, self._served.get(code, "")))

    def find_version(self, response: Response) -> Questionnaire:
        """Return the questionnaire in the version of a response.

        Raises:
            VersionUnavailableError: if it cannot be read at the moment.
        """
        return self._get(response.questionnaire, response.version)

    def list_compiled(self) -> list[Questionnaire]:
        """List the versions that this process has compiled."""
        return [*self._versions.values()]

    def list_unknown(self) -> list[str]:
        """List the questionnaires in service of which this process does not know yet whether it can serve them."""
        known = {*self._versions, *self._failed}
        return sorted(code for code, version in self.served.items() if (code, version) not in known)

    def map_servable(self) -> dict[str, str]:
        """The versions for new respondents by code, without those that are known to be unreadable."""
        return {code: version for code, version in self.served.items() if (code, version) not in self._failed}

    def list_needed_pages(self, code: str, slug: str) -> frozenset[str]:
        """List the pages whose answers are needed to process a posted page, for every known version."""
        needed = self._needed  # keep this dict: `add` replaces it, and a result for older versions must not get into the new one
        if (code, slug) not in needed:
            versions = [version for version in self.list_compiled() if version.code == code]
            here = {version.placed_pages[slug][1].code for version in versions if slug in version.placed_pages}
            if not here:  # an invented address is not cached
                return frozenset().union(*map(find_consulted_pages, versions))
            needed[code, slug] = frozenset(here.union(*map(find_consulted_pages, versions)))
        return needed[code, slug]

    def add(self, questionnaire: Questionnaire, *, current: bool = False) -> None:
        """Register a stored version."""
        self._versions[questionnaire.code, questionnaire.version] = questionnaire
        self._needed = {}
        if current:
            self.serve(questionnaire.code, questionnaire.version)
            self._clear_failure(questionnaire.code)

    def serve(self, code: str, version: str) -> None:
        """Serve a stored version to new respondents."""
        self._served = {**self._served, code: version}

    def leave_out(self, name: str, why: str) -> None:
        if self.left_out.get(name) != why:
            structlog.get_logger().error("left_out", questionnaire=name, why=why)
        self.left_out[name] = why
        if self.metrics:
            self.metrics.left_out.labels(name).set(1)

    def _clear_failure(self, name: str) -> None:
        if self.left_out.pop(name, None) and self.metrics:
            self.metrics.left_out.labels(name).set(0)

    def _get(self, code: str, version: str) -> Questionnaire:
        return self._versions.get((code, version)) or self._compile(code, version)

    def _compile(self, code: str, version: str) -> Questionnaire:
        """Compile in one thread. Other requests wait a moment, then ask their respondents to try again."""
        lock = self._compiling[code, version]
        if not lock.acquire(timeout=_COMPILE_TIMEOUT):
            raise VersionUnavailableError
        try:
            return self._versions.get((code, version)) or self._read(code, version)
        finally:
            lock.release()

    def _read(self, code: str, version: str) -> Questionnaire:
        if self.clock() - self._failed.get((code, version), -REREAD_SECONDS) < REREAD_SECONDS:
            raise VersionUnavailableError
        try:
            questionnaire = read_version(self.answers, code, version)
        except StoredVersionError as error:
            self._failed[code, version] = self.clock()
            self.leave_out(f"{code} {version}", str(error))
            raise VersionUnavailableError from error
        self._failed.pop((code, version), None)
        self._clear_failure(f"{code} {version}")
        self.add(questionnaire)
        return questionnaire

    def refresh(self) -> None:
        """Take newly published versions into service. If the store is unreachable, the current ones stay."""
        began = self.clock()
        try:
            for code, version in read_service(self.answers).items():
                self._exchange(code, version)
            self._retired = frozenset(map_versions(self.answers)).difference(self._served)
        except (SQLAlchemyError, OSError):  # pages report the failure; requests that waited for this refresh do not start another
            self._refreshed_at = self.clock()
        else:
            self._refreshed_at = began

    def _exchange(self, code: str, version: str) -> None:
        """Serve a published version. It is compiled first if it replaces one in use, which stays if it cannot be read."""
        with suppress(VersionUnavailableError):
            if self.find_compiled(code) or (code, version) in self._failed:
                self._get(code, version)
            if self._served.get(code) != version:
                self.serve(code, version)

    def compile_all(self, rest: Callable[[float], object]) -> None:
        """Compile every version in service, one after the other, so that no respondent waits for it.

        Args: rest: called after each with the seconds for which requests have the processor for themselves.
        """
        while unknown := self.list_unknown():
            for code in unknown:
                began = self.clock()
                with suppress(VersionUnavailableError, SQLAlchemyError, OSError):
                    self.find_current(code)
                rest(max(self.clock() - began, _LEAST_REST))


def open_registry(settings: Settings, answers: Database, metrics: Metrics | None = None) -> Registry:
    """Open all servable questionnaires: the published ones, and those in the folder that need no publication.

    A questionnaire of the folder is checked and stored as a version before it is served for the first time. If it has errors, or
    gives answered codes another meaning or other words, the version that was served last is served instead.
    """
    registry, published = Registry(answers, metrics), read_service(answers)
    unpublished = list_unpublished(settings, answers)
    for folder in list_folders(settings.questionnaires):
        if folder in unpublished:
            structlog.get_logger().warning("not_published", questionnaire=folder.name, to_serve=f"survey-engine publish {folder}")
        elif folder.name not in published:
            _serve_folder(registry, folder, settings.translations)
    registry.refresh()
    return registry


def list_unpublished(settings: Settings, answers: Database) -> list[Path]:
    """List the folders that are not served because others were published: those of which no version is stored."""
    stored = map_versions(answers) if read_service(answers) else None
    return [folder for folder in list_folders(settings.questionnaires) if stored is not None and folder.name not in stored]


def _serve_folder(registry: Registry, folder: Path, translations: Path) -> None:
    stored = map_versions(registry.answers).get(folder.name, [])
    if stored and stored[0] == name_version(folder, translations):
        registry.serve(folder.name, stored[0])
        return
    try:
        questionnaire = accept_questionnaire(folder, translations)
        compare_with_answered(questionnaire, registry.answers)
    except (ReusedCodesError, RewordedTextsError):
        why = f"It has answers, and some of its codes now mean something else, or perhaps do. See: survey-engine publish {folder}"
    except BrokenQuestionnaireError:
        why = f"It has errors. See: survey-engine check {folder}"
    else:
        store_version(registry.answers, pack_version(questionnaire, folder, translations))
        registry.add(questionnaire, current=True)
        return
    registry.leave_out(folder.name, why)
    if stored:
        registry.serve(folder.name, stored[0])
