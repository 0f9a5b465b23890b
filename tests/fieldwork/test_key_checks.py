"""The keys of the settings beside those with which the stores were made."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.key_checks import ForeignKeyError, check_keys, make_fingerprints, record_keys
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.settings import Settings, read_settings
from survey_engine.storage.answers import start_response
from survey_engine.storage.database import Database
from survey_engine.storage.fingerprints import map_fingerprints
from survey_engine.storage.identity import Seat, list_seats
from tests.databases import ENGINES

RUNS_ON = ENGINES
OTHER, THIRD = "x" * 32, "y" * 32


class Stores(NamedTuple):
    answers: Database
    identity: Database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({}, tmp_path)


@pytest.fixture
def stores(database_url: str, identity_url: str):
    with closing(Database(database_url, "answers")) as answers, closing(Database(identity_url, "identity")) as identity:
        yield Stores(answers, identity)


def add_person(settings: Settings, stores: Stores) -> None:
    """Add a seat with a response."""
    give_links(stores.identity, ContactKeys(settings.contact_keys), [Seat("q", "north", {"path": "bol"})])
    (seat,) = list_seats(stores.identity, "q")
    pseudonym = make_pseudonym(settings.pseudonym_key, "q", seat)
    start_response(
        stores.answers,
        questionnaire="q",
        version="v",
        institution="north",
        language="en",
        background={},
        pseudonym=pseudonym,
        abandoned_hours=24,
        assign=lambda counts: [],
    )


def test_the_same_keys_are_accepted_again(settings, stores) -> None:
    record_keys(settings, *stores)
    record_keys(settings, *stores)
    for store in stores:
        check_keys(settings, store)


@pytest.mark.parametrize("changed", [{"pseudonym_key": OTHER}, {"contact_keys": (OTHER,)}], ids=str)
def test_other_keys_are_refused_until_they_are_accepted(settings, stores, changed) -> None:
    record_keys(settings, *stores)
    other = replace(settings, **changed)
    with pytest.raises(ForeignKeyError, match=f"another SURVEY_{next(iter(changed)).upper()}"):
        record_keys(other, *stores)
    for store in stores:
        with pytest.raises(ForeignKeyError):
            check_keys(other, store)
    record_keys(other, *stores, accept=True)
    for store in stores:
        check_keys(other, store)
        with pytest.raises(ForeignKeyError):
            check_keys(settings, store)


def test_a_contact_key_may_go_only_after_the_data_was_renewed(settings, stores) -> None:
    (old,) = settings.contact_keys
    record_keys(replace(settings, contact_keys=(old, OTHER)), *stores)
    check_keys(settings, stores.identity)
    record_keys(replace(settings, contact_keys=(OTHER, old)), *stores)
    for kept in ((old,), (OTHER,)):
        with pytest.raises(ForeignKeyError, match="renew-keys"):
            check_keys(replace(settings, contact_keys=kept), stores.identity)
    record_keys(replace(settings, contact_keys=(OTHER, old)), *stores, accept=True)  # as `maintain --renew-keys` does
    check_keys(replace(settings, contact_keys=(OTHER,)), stores.identity)
    with pytest.raises(ForeignKeyError):
        check_keys(settings, stores.identity)


@pytest.mark.parametrize("changed", [{"pseudonym_key": OTHER}, {"contact_keys": (OTHER, THIRD)}], ids=str)
def test_wrong_keys_are_never_the_first_that_a_store_with_data_records(settings, stores, changed) -> None:
    add_person(settings, stores)
    with pytest.raises(ForeignKeyError, match=f"another SURVEY_{next(iter(changed)).upper()}"):
        record_keys(replace(settings, **changed), *stores)
    assert not map_fingerprints(stores.answers) or not map_fingerprints(stores.identity)
    record_keys(settings, *stores)


def test_signing_keys_are_not_compared(settings, stores) -> None:
    record_keys(settings, *stores)
    record_keys(replace(settings, secret_keys=(OTHER,)), *stores)
    assert map_fingerprints(stores.answers)["pseudonym_key"] == {*make_fingerprints(settings)["pseudonym_key"]}


def test_no_key_is_stored_in_clear(settings, stores) -> None:
    record_keys(settings, *stores)
    stored = str([map_fingerprints(store) for store in stores])
    assert len(map_fingerprints(stores.answers)) == 3
    assert not any(key[:8] in stored for key in (settings.pseudonym_key, *settings.contact_keys, *settings.secret_keys))


def test_a_store_of_a_release_without_fingerprints_is_accepted(settings, stores) -> None:
    with stores.answers.write() as connection:
        connection.execute(text("DROP TABLE key_fingerprint"))
    check_keys(settings, stores.answers)
