"""Versions of questionnaires in the answers store. A response keeps the version of its start, whatever is published later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from survey_engine.analysis.checks.stored_codes import check_codes
from survey_engine.analysis.new_labels import NewLabels, list_new_labels
from survey_engine.analysis.rewordings import Rewording, list_rewordings
from survey_engine.analysis.second_labels import list_second_labels
from survey_engine.analysis.withdrawn_languages import WithdrawnLanguage, iter_withdrawn_languages
from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.acceptance import accept_questionnaire
from survey_engine.publication.archives import pack, unpack
from survey_engine.publication.compiler import inspect_questionnaire, list_catalogue_folders
from survey_engine.publication.meaning import digest_meaning
from survey_engine.storage.database import Database
from survey_engine.storage.snapshot import list_answered_versions as list_begun
from survey_engine.storage.versions import (
    StoredVersion,
    load_version,
    map_versions,
    publish_compared,
    read_service,
    store_version,
)

Doubt = Rewording | NewLabels | WithdrawnLanguage
Confirm = Callable[[Sequence[Doubt]], bool]


class StoredVersionError(Exception):
    """A stored version cannot be served as it was stored, or not now. The message ends with the remedy."""


class OvertakenError(Exception):
    """Another version was published, or answered first, while this one was compared."""


class ReusedCodesError(BrokenQuestionnaireError):
    """Codes have another meaning than in a published or answered version; it has all problems."""


class RewordedTextsError(Exception):
    """Nobody confirmed that texts of answered codes with other words or a new language mean the same, or that a language may go."""

    def __init__(self, doubts: Sequence[Doubt]) -> None:
        super().__init__("\n".join(map(str, doubts)))
        self.doubts = doubts


def publish(
    folder: Path, translations: Path | None, answers: Database, confirm: Confirm | None = None
) -> tuple[Questionnaire | None, Questionnaire]:
    """Take the questionnaire in `folder` into service for new respondents.

    Args: confirm: whether answered codes mean the same with these other words or in a new language, and these languages may go;
        without it they do not.

    Returns: the previous version and the new one. If none was published before, the previous is the one served last.

    Raises:
        BrokenQuestionnaireError: if `check` finds an error; nothing changes.
        ReusedCodesError: if stored answers would change their meaning; nothing changes.
        RewordedTextsError: if they perhaps would; nothing changes.
        StoredVersionError: if the previous version cannot be read.
        OvertakenError: if another version was published, or answered first, meanwhile; nothing changes.
    """
    new = accept_questionnaire(folder, translations)
    packed = pack_version(new, folder, translations)  # before a person is asked, who may save files meanwhile
    service = read_service(answers).get(new.code)
    before = service or next(iter(map_versions(answers).get(new.code, [])), None)
    old = _read_before(answers, new, before) if before else None
    compared = compare_with_answered(new, answers, old if service else None, confirm)
    if not publish_compared(answers, packed, service, compared):
        raise OvertakenError(
            f"Another version of {new.code} was published, or got its first response, while this one was compared. Nothing is "
            "published. Publish again: it is compared with that one, too."
        )
    return old, new


def _read_before(answers: Database, new: Questionnaire, before: str) -> Questionnaire:
    """Read the version before; a damaged one that is published again is repaired. Interface texts may differ under one version."""
    try:
        return read_version(answers, new.code, before)
    except StoredVersionError:
        if before != new.version:
            raise
        return new


def compare_with_answered(
    new: Questionnaire, answers: Database, served: Questionnaire | None = None, confirm: Confirm | None = None
) -> list[str]:
    """Compare with the version in service, if there is one, and those with responses.

    Returns: the versions that it was compared with; none if no version has responses.

    Raises:
        ReusedCodesError: if stored answers would change their meaning.
        RewordedTextsError: if they perhaps would.
    """
    with answers.read() as connection:
        begun = list_begun(connection, new.code)
    others = (version for version in begun if not (served and version == served.version))
    earlier = [*([served] if served else []), *_read_readable(answers, new.code, others)]
    if reused := [*check_codes(new, earlier)]:
        raise ReusedCodesError(reused)
    doubts: list[Doubt] = _list_doubts(new, earlier) if begun else []
    if served:
        doubts += iter_withdrawn_languages(new, served)
    if doubts and not (confirm and confirm(doubts)):
        raise RewordedTextsError(doubts)
    return [*begun, served.version] if begun and served else begun


def _list_doubts(new: Questionnaire, earlier: Sequence[Questionnaire]) -> list[Doubt]:
    return [*list_rewordings(new, earlier), *list_second_labels(new, earlier), *list_new_labels(new, earlier)]


def _read_readable(answers: Database, code: str, versions: Iterable[str]) -> Iterator[Questionnaire]:
    """Read versions, without those that cannot be read: `doctor` reports these."""
    for version in versions:
        with suppress(StoredVersionError):
            yield read_version(answers, code, version)


def pack_version(questionnaire: Questionnaire, folder: Path, translations: Path | None) -> StoredVersion:
    """Pack a version for the store."""
    files = pack(questionnaire, folder, list_catalogue_folders(folder, translations))
    return StoredVersion(questionnaire.code, questionnaire.version, files, digest_meaning(questionnaire))


def read_version(answers: Database, code: str, version: str) -> Questionnaire:
    """Read a version as it was stored.

    Raises:
        StoredVersionError: if it is missing or damaged, or has another meaning in this program than in the one that stored it.
    """
    stored = load_version(answers, code, version)
    if stored is None:
        raise StoredVersionError(
            f"Version {version} of {code} is not stored. Restore the answers' store from a backup that has it."
        )
    return compile_stored(stored)


def compile_stored(stored: StoredVersion) -> Questionnaire:
    """Compile a stored version.

    Raises:
        StoredVersionError: if it is damaged, has another meaning in this program than in the one that stored it, or cannot be unpacked.
    """
    code, version = stored.questionnaire, stored.version
    try:
        questionnaire = unpack(stored.files, code)
    except OSError as error:
        raise StoredVersionError(
            f"Version {version} of {code} cannot be unpacked into a temporary folder ({error.strerror or error}). Make room there, or "
            "set TMPDIR to another folder and restart. A server tries again every ten seconds."
        ) from error
    if questionnaire is None or questionnaire.version != version:
        raise StoredVersionError(f"Version {version} of {code} is damaged. Publish the same files again or restore a backup.")
    if digest_meaning(questionnaire) != stored.digest:
        raise StoredVersionError(
            f"Version {version} of {code} has another meaning in this program than in the one that stored it. "
            "Serve it with the earlier program until its respondents have finished."
        )
    return questionnaire


def read_versions(answers: Database, code: str) -> dict[str, Questionnaire]:
    """Read every version of a questionnaire: name → questionnaire, the one served last first.

    Raises:
        StoredVersionError: if one of them cannot be read.
    """
    return {version: read_version(answers, code, version) for version in map_versions(answers).get(code, [])}


def import_published(published: Path, answers: Database) -> None:
    """Store the versions that program 0.1 kept in a folder: `CODE/current` and `CODE/VERSION/{questionnaires,translations}`.

    Stored versions stay as they are; versions that do not compile are skipped.
    """
    known, service = map_versions(answers), read_service(answers)
    for pointer in sorted(published.glob("*/current")):
        code, current = pointer.parent.name, pointer.read_text().strip()
        for version_folder in (path for path in pointer.parent.iterdir() if path.is_dir() and not path.name.startswith(".")):
            folder, translations = version_folder / "questionnaires" / code, version_folder / "translations"
            questionnaire = inspect_questionnaire(folder, translations).questionnaire
            if version_folder.name not in known.get(code, []) and questionnaire and questionnaire.version == version_folder.name:
                publishes = version_folder.name == current and code not in service
                store_version(answers, pack_version(questionnaire, folder, translations), publish=publishes)
