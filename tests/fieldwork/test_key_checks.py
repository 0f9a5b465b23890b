"""The keys of the settings beside those with which the stores were made."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.key_checks import ForeignKeyError, check_keys, record_keys
from survey_engine.settings import Settings, read_settings
from survey_engine.storage.database import Database
from survey_engine.storage.fingerprints import list_fingerprints

OTHER = "x" * 32


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({}, tmp_path)


@pytest.fixture(params=["answers", "identity"])
def store(request: pytest.FixtureRequest, database_url: str):
    with closing(Database(database_url, request.param)) as database:
        database.migrate()
        yield database


def test_the_same_keys_are_accepted_again(settings, store) -> None:
    record_keys(settings, store)
    record_keys(settings, store)
    check_keys(settings, store)


@pytest.mark.parametrize("changed", [{"pseudonym_key": OTHER}, {"contact_keys": (OTHER,)}], ids=str)
def test_other_keys_are_refused_until_they_are_accepted(settings, store, changed) -> None:
    record_keys(settings, store)
    other = replace(settings, **changed)
    for refuse in (check_keys, record_keys):
        with pytest.raises(ForeignKeyError, match=f"another SURVEY_{next(iter(changed)).upper()}"):
            refuse(other, store)
    record_keys(other, store, accept=True)
    check_keys(other, store)
    with pytest.raises(ForeignKeyError):
        check_keys(settings, store)


def test_contact_keys_can_be_rotated(settings, store) -> None:
    record_keys(settings, store)
    record_keys(replace(settings, contact_keys=(OTHER, *settings.contact_keys)), store)
    check_keys(replace(settings, contact_keys=(OTHER,)), store)


def test_signing_keys_are_not_compared(settings, store) -> None:
    record_keys(settings, store)
    check_keys(replace(settings, secret_keys=(OTHER,)), store)


def test_no_key_is_stored_in_clear(settings, store) -> None:
    record_keys(settings, store)
    stored = str(list_fingerprints(store))
    assert len(list_fingerprints(store)) == 2
    assert not any(key[:8] in stored for key in (settings.pseudonym_key, *settings.contact_keys))


def test_a_store_of_a_release_without_fingerprints_is_accepted(settings, store) -> None:
    with store.write() as connection:
        connection.execute(text("DROP TABLE key_fingerprint"))
    check_keys(settings, store)
