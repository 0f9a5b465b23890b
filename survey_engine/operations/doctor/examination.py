"""All examinations of an installation, in the order in which `doctor` prints them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from survey_engine.operations.doctor.contents import (
    examine_erasures,
    examine_jobs,
    examine_moves,
    examine_requests,
    examine_seats,
)
from survey_engine.operations.doctor.finding import Finding
from survey_engine.operations.doctor.questionnaires import (
    examine_examples,
    examine_interface,
    examine_questionnaires,
    examine_versions,
)
from survey_engine.operations.doctor.stores import count_stores, examine_disk, examine_replica, examine_server, examine_store
from survey_engine.operations.doctor.surroundings import (
    examine_address,
    examine_keys,
    examine_mail,
    examine_metrics,
    examine_names,
    examine_port,
    examine_rotation,
)
from survey_engine.settings import Settings
from survey_engine.storage.database import is_missing


def examine(settings: Settings, environment: Mapping[str, str], port: int) -> Iterator[Finding]:
    """Examine everything that matters before respondents arrive.

    Args:
        settings: of the installation.
        environment: the names and values that the settings were read from.
        port: the port on which the server is to listen.
    """
    yield from examine_names(environment)
    yield examine_address(settings)
    yield from examine_keys(settings, environment)
    yield examine_metrics(settings, environment)
    yield examine_port(settings.data, port)
    for store, url in (("answers", settings.database_url), ("identity", settings.identity_url)):
        yield examine_store(store, url, settings)
        if url.startswith("postgresql"):
            yield from examine_server(store, url, count_stores(settings))
        if url.startswith("sqlite:///") and not is_missing(url):
            yield examine_disk(store, Path(url.removeprefix("sqlite:///")))
    if settings.replica_url:
        yield examine_replica(settings)
    yield examine_rotation(settings)
    yield examine_erasures(settings)
    yield examine_seats(settings)
    yield examine_moves(settings)
    yield from examine_jobs(settings)
    yield from examine_requests(settings)
    yield examine_mail(settings)
    yield from examine_interface(settings)
    yield from examine_questionnaires(settings)
    yield from examine_versions(settings)
    yield from examine_examples(settings)
