"""Published versions of questionnaires: who began with one ends with it, whatever is published meanwhile.

A folder keeps every version of a questionnaire as it was published, and the name of the one that new respondents get:

    published/job-2026/current                                         the version's name, a digest of its files
    published/job-2026/6f1c…/questionnaires/job-2026/questionnaire.yaml …
    published/job-2026/6f1c…/translations/en/LC_MESSAGES/job-2026.po …
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from survey_engine.language.interface_catalogues import find_interface
from survey_engine.language.variants import INTERFACE, catalogue_path, find_catalogue
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import compile_questionnaire, inspect_questionnaire, list_homes

CURRENT = "current"


class PublishedError(Exception):
    """A published version is not as it was published; the message ends with the remedy."""


@dataclass(frozen=True, slots=True)
class Published:
    """One questionnaire: what new respondents get, and every version that somebody may have begun with."""

    current: Questionnaire
    versions: Mapping[str, Questionnaire]


def publish(folder: Path, translations: Path | None, published: Path) -> tuple[Questionnaire | None, Questionnaire]:
    """Make the questionnaire in `folder` what new respondents get; returns what they got before, and what they get now.

    Raises:
        BrokenQuestionnaireError: when it has errors; nothing changes then.
        PublishedError: when the version before cannot be read.
    """
    new = compile_questionnaire(folder, translations)
    shelf = published / new.code
    old = read_version(shelf, name_current(shelf)) if (shelf / CURRENT).is_file() else None
    if not (shelf / new.version).is_dir():
        _keep(new, folder, translations, shelf)
    pointer = shelf / f".{CURRENT}"
    pointer.write_text(new.version + "\n")
    pointer.replace(shelf / CURRENT)
    return old, new


def _keep(questionnaire: Questionnaire, folder: Path, translations: Path | None, shelf: Path) -> None:
    """Copy all that makes a version; it appears as a whole or not at all."""
    shelf.mkdir(parents=True, exist_ok=True)
    incoming = Path(mkdtemp(prefix=".incoming-", dir=shelf))
    incoming.chmod(0o755)
    shutil.copytree(folder, incoming / "questionnaires" / questionnaire.code)
    for source, target in _list_catalogues(questionnaire, list_homes(folder, translations), incoming / "translations"):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    incoming.rename(shelf / questionnaire.version)


def _list_catalogues(questionnaire: Questionnaire, homes: list[Path], copies: Path) -> Iterator[tuple[Path, Path]]:
    """Each catalogue that the questionnaire is read with, and where its copy goes."""
    for locale in {language.locale for language in questionnaire.languages.values()}:
        sources = {
            questionnaire.code: find_catalogue(homes, locale, questionnaire.code),
            INTERFACE: find_interface(homes[0], locale),
        }
        yield from ((path, catalogue_path(copies, locale, domain)) for domain, path in sources.items() if path.is_file())


def read_published(published: Path) -> dict[str, Published]:
    """All that was published, by the questionnaires' codes.

    Raises:
        PublishedError: when a version is not what its name says.
    """
    found = {}
    for pointer in sorted(published.glob(f"*/{CURRENT}")):
        shelf, current = pointer.parent, name_current(pointer.parent)
        names = {current, *(path.name for path in shelf.iterdir() if path.is_dir() and not path.name.startswith("."))}
        versions = {name: read_version(shelf, name) for name in sorted(names)}
        found[shelf.name] = Published(versions[current], versions)
    return found


def name_current(shelf: Path) -> str:
    return (shelf / CURRENT).read_text().strip()


def read_version(shelf: Path, version: str) -> Questionnaire:
    """A version as it was published; what was fit to be asked then is not checked again.

    Raises:
        PublishedError: when it is not there, or was changed.
    """
    folder = shelf / version
    questionnaire = inspect_questionnaire(folder / "questionnaires" / shelf.name, folder / "translations").questionnaire
    if questionnaire is None or questionnaire.version != version:
        raise PublishedError(
            f"{folder} is not the version that was published. Put it back from a backup, or publish that version again."
        )
    return questionnaire
