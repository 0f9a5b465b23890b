"""Versions of questionnaires, kept in the answers' store: who began with one ends with it, whatever is published meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from survey_engine.analysis.checks.trends import check_codes
from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.archives import pack, unpack
from survey_engine.publication.compiler import compile_questionnaire, inspect_questionnaire, list_homes
from survey_engine.publication.folders import check_folder
from survey_engine.publication.meaning import digest_meaning
from survey_engine.storage.database import Database
from survey_engine.storage.snapshot import list_versions as list_begun
from survey_engine.storage.versions import StoredVersion, list_versions, load_version, read_service, store_version


class PublishedError(Exception):
    """A stored version cannot be served as it was stored; the message ends with the remedy."""


class ReusedCodesError(BrokenQuestionnaireError):
    """Codes mean something else than in a version that was published or answered; carries every problem."""


def publish(folder: Path, translations: Path | None, answers: Database) -> tuple[Questionnaire | None, Questionnaire]:
    """Make the questionnaire in `folder` what new respondents get; returns what they got before, and what they get now.

    Of a questionnaire that was never published, the version before is the one that was served last.

    Raises:
        BrokenQuestionnaireError: when it has errors; nothing changes then.
        ReusedCodesError: when answers that are stored would be taken for something else; nothing changes then.
        PublishedError: when the version before cannot be read.
    """
    new = compile_questionnaire(folder, translations)
    if problems := [*check_folder(folder, new)]:
        raise BrokenQuestionnaireError(problems)
    service = read_service(answers).get(new.code)
    before = service or next(iter(list_versions(answers).get(new.code, [])), None)
    old = new if before == new.version else read_version(answers, new.code, before) if before else None
    published = [old] if old and service else []
    if reused := [*check_codes(new, [*published, *_list_answered(answers, new.code, service)])]:
        raise ReusedCodesError(reused)
    store_version(answers, describe(new, folder, translations), publish=True)
    return old, new


def _list_answered(answers: Database, code: str, service: str | None) -> Iterator[Questionnaire]:
    """The versions that responses began with, newest first, but the one in service; `doctor` names those that cannot be read."""
    with answers.read() as connection:
        begun = list_begun(connection, code)
    for version in begun:
        if version != service:
            with suppress(PublishedError):
                yield read_version(answers, code, version)


def describe(questionnaire: Questionnaire, folder: Path, translations: Path | None) -> StoredVersion:
    """What is stored of a version."""
    files = pack(questionnaire, folder, list_homes(folder, translations))
    return StoredVersion(questionnaire.code, questionnaire.version, files, digest_meaning(questionnaire))


def read_version(answers: Database, code: str, version: str) -> Questionnaire:
    """A version as it was stored.

    Raises:
        PublishedError: when it is not there, is damaged, or this program reads it differently than the one that stored it.
    """
    stored = load_version(answers, code, version)
    if stored is None:
        raise PublishedError(f"Version {version} of {code} is not stored. Restore the answers' store from a backup that has it.")
    return read_stored(stored)


def read_stored(stored: StoredVersion) -> Questionnaire:
    """What was stored as a version, compiled again.

    Raises:
        PublishedError: when it is damaged, or this program reads it differently than the one that stored it.
    """
    code, version = stored.questionnaire, stored.version
    questionnaire = unpack(stored.files, code)
    if questionnaire is None or questionnaire.version != version:
        raise PublishedError(f"Version {version} of {code} is damaged. Publish the same files again, or restore a backup.")
    if digest_meaning(questionnaire) != stored.digest:
        raise PublishedError(
            f"Version {version} of {code} shows or decides something else under this program than under the one that stored it. "
            "Serve it with the earlier program until its respondents have finished."
        )
    return questionnaire


def read_versions(answers: Database, code: str) -> dict[str, Questionnaire]:
    """Every version of a questionnaire, by its name, the one that was served last first.

    Raises:
        PublishedError: when one of them cannot be read.
    """
    return {version: read_version(answers, code, version) for version in list_versions(answers).get(code, [])}


def import_published(published: Path, answers: Database) -> None:
    """Store the versions that program 0.1 kept in a folder: `CODE/current` and `CODE/VERSION/{questionnaires,translations}`.

    What is stored already stays as it is; what cannot be compiled is passed over.
    """
    known, service = list_versions(answers), read_service(answers)
    for pointer in sorted(published.glob("*/current")):
        code, current = pointer.parent.name, pointer.read_text().strip()
        for home in (path for path in pointer.parent.iterdir() if path.is_dir() and not path.name.startswith(".")):
            folder, translations = home / "questionnaires" / code, home / "translations"
            questionnaire = inspect_questionnaire(folder, translations).questionnaire
            if home.name not in known.get(code, []) and questionnaire and questionnaire.version == home.name:
                publishes = home.name == current and code not in service
                store_version(answers, describe(questionnaire, folder, translations), publish=publishes)
