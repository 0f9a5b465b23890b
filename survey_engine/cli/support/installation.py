"""What commands find by name: a questionnaire, a database; with a remedy when it is not there."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from survey_engine.cli.support.questionnaires import find_folder
from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.publication.versions import PublishedError, read_stored
from survey_engine.settings import Folders, Settings, SettingsError, locate_answers, read_settings
from survey_engine.storage.database import Database, UnsafeDatabase
from survey_engine.storage.shared_pool import FULL, is_full
from survey_engine.storage.versions import StoredVersion, load_version, read_service


def find_settings() -> Settings:
    try:
        return read_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def find_questionnaire(name: str, settings: Settings | Folders) -> Questionnaire:
    """The questionnaire with this id, as it was published last or else as it stands; or the one in this folder."""
    url = settings.database_url if isinstance(settings, Settings) else locate_answers()
    try:
        if stored := find_published(name, url):
            return read_stored(stored)
        return compile_questionnaire(find_folder(name, settings.questionnaires), find_translations())
    except PublishedError as error:
        raise click.ClickException(str(error)) from None
    except BrokenQuestionnaireError as error:
        raise click.ClickException(f"{name} has errors; mend them first.\n{error}") from None


def find_published(name: str, url: str) -> StoredVersion | None:
    """The version that was published last; None where none was, and for a folder."""
    if "/" in name or is_missing(url):
        return None
    try:
        with closing(Database(url, "answers")) as answers:
            version = read_service(answers).get(name) if has_tables(answers) else None
            return load_version(answers, name, version) if version else None
    except (DBAPIError, UnsafeDatabase):  # who needs the store says so
        return None


def has_tables(answers: Database) -> bool:
    with answers.read() as connection:
        return bool(inspect(connection).has_table("service"))


def open_answers(settings: Settings) -> Database:
    """The answers' store, made and brought up to date where need be."""
    try:
        answers = Database(settings.database_url, "answers")
        answers.migrate()
    except (DBAPIError, UnsafeDatabase) as error:
        told = FULL if is_full(error) else error
        raise click.ClickException(
            f"The database {make_url(settings.database_url).render_as_string()} cannot be used: {told}"
        ) from None
    return answers


def find_translations() -> Path | None:
    """The folder that goes before the one beside the questionnaires, if the environment names one."""
    named = os.environ.get("SURVEY_TRANSLATIONS")
    return Path(named) if named else None


def open_store(url: str, store: str) -> Database:
    """A database that exists already; without it there is nothing to read."""
    parts = make_url(url)
    remedy = f"Set SURVEY_DATA or SURVEY_{'DATABASE' if store == 'answers' else 'IDENTITY'}_URL to where it is."
    if is_missing(url):
        raise click.ClickException(
            f"There is no database yet at {parts.database}. Run `survey-engine run` first: it makes one. Is it elsewhere? {remedy}"
        )
    try:
        database = Database(url, store)
        with database.read() as connection:
            made = inspect(connection).has_table("response" if store == "answers" else "seat")
    except (DBAPIError, UnsafeDatabase) as error:
        told = FULL if is_full(error) else f"{error}\n{remedy}"
        raise click.ClickException(f"The database at {parts.render_as_string()} cannot be read: {told}") from None
    if not made:
        raise click.ClickException(f"The database at {parts.render_as_string()} holds no {store}. {remedy}")
    return database


def is_missing(url: str) -> bool:
    """Whether it is a file that is not there."""
    parts = make_url(url)
    return parts.get_backend_name() == "sqlite" and not (parts.database and Path(parts.database).is_file())
