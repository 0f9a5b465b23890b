"""All examinations of an installation, in the order in which `doctor` prints them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from survey_engine.operations.doctor.contents import (
    examine_deletions,
    examine_erasures,
    examine_jobs,
    examine_moves,
    examine_requests,
    examine_restore,
    examine_seats,
)
from survey_engine.operations.doctor.finding import Finding
from survey_engine.operations.doctor.questionnaires import (
    examine_catalogues,
    examine_examples,
    examine_interface,
    examine_questionnaires,
    examine_versions,
)
from survey_engine.operations.doctor.stores import (
    count_stores,
    examine_disk,
    examine_locks,
    examine_replica,
    examine_server,
    examine_store,
)
from survey_engine.operations.doctor.surroundings import (
    examine_address,
    examine_contact,
    examine_keys,
    examine_mail,
    examine_marks,
    examine_metrics,
    examine_names,
    examine_port,
    examine_rotation,
    examine_temporary,
)
from survey_engine.settings import Settings
from survey_engine.storage.database import is_missing_file
from survey_engine.storage.sqlite_files import find_file


def iter_findings(settings: Settings, environment: Mapping[str, str], port: int) -> Iterator[Finding]:
    """Examine everything that matters before respondents arrive.

    Args:
        settings: of the installation.
        environment: the names and values that the settings were read from.
        port: the port on which the server is to listen.
    """
    silent = set[str]()
    for stores, examination in _iter_examinations(settings, environment, port):
        if silent.intersection(stores):
            continue
        try:
            found = examination()
            for finding in (found,) if isinstance(found, Finding) else found:
                yield finding
                if finding.is_silent:
                    silent.add(finding.what)
        except OSError as error:
            remedy = "Check its disk, and the rights of the user of the servers on it and its folders."
            yield Finding("files", f"{error.filename} cannot be used ({error.strerror})", remedy)


def _iter_examinations(
    settings: Settings, environment: Mapping[str, str], port: int
) -> Iterator[tuple[tuple[str, ...], Callable[[], Finding | Iterable[Finding]]]]:
    """Iterate over examinations, each with the stores that it reads."""
    yield (), lambda: examine_restore(settings)
    yield (), lambda: examine_names(environment)
    yield (), lambda: examine_address(settings)
    yield (), lambda: examine_marks(settings)
    yield (), lambda: examine_keys(settings, environment)
    yield (), lambda: examine_metrics(settings, environment)
    yield (), lambda: examine_contact(settings)
    yield (), lambda: examine_temporary(environment)
    yield (), lambda: examine_port(settings.data, port)
    for store, url in (("answers", settings.database_url), ("identity", settings.identity_url)):
        yield (store,), partial(examine_store, store, url, settings)
        if url.startswith("postgresql"):
            yield (store,), partial(examine_locks, store, url)
            yield (store,), partial(examine_server, store, url, count_stores(settings))
        if (path := find_file(url)) and not is_missing_file(url):
            yield (), partial(examine_disk, store, path)
    if settings.replica_url:
        yield ("answers",), lambda: examine_replica(settings)
    if environment.get("SURVEY_TRANSLATIONS"):
        yield (), lambda: examine_catalogues(settings)
    for stores, examine_installation in _INSTALLATION:
        yield stores, partial(examine_installation, settings)


_INSTALLATION: tuple[tuple[tuple[str, ...], Callable[[Settings], Finding | Iterable[Finding]]], ...] = (
    (("answers",), examine_rotation),
    (("answers", "identity"), examine_erasures),
    (("answers", "identity"), examine_deletions),
    (("answers", "identity"), examine_seats),
    (("answers", "identity"), examine_moves),
    (("identity",), examine_jobs),
    (("identity",), examine_requests),
    ((), examine_mail),
    ((), examine_interface),
    ((), examine_questionnaires),
    (("answers",), examine_versions),
    ((), examine_examples),
)
"""The stores that an examination of the whole installation reads, and the examination."""
