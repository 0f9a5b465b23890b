"""Archives of versions: all files of a questionnaire in one zip, and the questionnaire compiled from it."""

from __future__ import annotations

import errno
import io
import struct
import zlib
from collections.abc import Iterator
from lzma import LZMAError
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from survey_engine.language.interface_catalogues import find_interface_catalogue
from survey_engine.language.variants import INTERFACE, catalogue_path, find_catalogue
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import inspect_questionnaire, list_files
from survey_engine.publication.withholding import withhold_variants
from survey_engine.settings import make_absolute

_QUESTIONNAIRES, _TRANSLATIONS = "questionnaires", "translations"
_DAMAGE = (BadZipFile, EOFError, LZMAError, RuntimeError, ValueError, struct.error, zlib.error)
"""What `zipfile` raises for an archive with flipped bytes."""
_WRONG_NAMES = (None, errno.EEXIST, errno.EINVAL, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOENT, errno.ENOTDIR)
"""Numbers of an OSError for a flipped name of a file; with any other the temporary folder cannot be used."""
_MEMORY = Path("/dev", "shm")
"""Folder in memory, for a temporary folder without room."""
_WITHHELD = "withheld"
"""Member with the codes of the withheld variants, one a line: later programs may find other gaps."""


def pack(questionnaire: Questionnaire, folder: Path, catalogue_folders: list[Path]) -> bytes:
    """Pack a questionnaire's folder and its catalogues as a zip archive. Equal files give equal bytes.

    Args: catalogue_folders: folders of catalogues, in the order of precedence (`compiler.list_catalogue_folders`).
    """
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, path in sorted(_iter_members(questionnaire, folder, catalogue_folders)):
            archive.writestr(ZipInfo(name), path.read_bytes(), ZIP_DEFLATED)
        if questionnaire.withheld:
            archive.writestr(ZipInfo(_WITHHELD), "\n".join(questionnaire.withheld), ZIP_DEFLATED)
    return packed.getvalue()


def _iter_members(questionnaire: Questionnaire, folder: Path, catalogue_folders: list[Path]) -> Iterator[tuple[str, Path]]:
    """List the name in the archive and the path of each file."""
    home = Path(_QUESTIONNAIRES, questionnaire.code)
    folder = make_absolute(folder)
    yield from (((home / path.relative_to(folder)).as_posix(), path) for path in list_files(folder))
    languages = [*questionnaire.languages.values(), *questionnaire.withheld.values()]
    for locale in {language.locale for language in languages}:
        sources = {
            questionnaire.code: find_catalogue(catalogue_folders, locale, questionnaire.code),
            INTERFACE: find_interface_catalogue(catalogue_folders[0], locale),
        }
        copies = {catalogue_path(Path(_TRANSLATIONS), locale, domain): path for domain, path in sources.items()}
        yield from ((copy.as_posix(), path) for copy, path in copies.items() if path.is_file())


def unpack(files: bytes, code: str) -> Questionnaire | None:
    """Compile the questionnaire in an archive; None if it contains none.

    Nothing is checked here: a version without errors at packing time is served, even if a newer check would find some.

    Raises:
        OSError: neither the temporary folder nor the one in memory can be used.
    """
    try:
        return _unpack(files, code, None)
    except OSError:
        return _unpack(files, code, _MEMORY)


def _unpack(files: bytes, code: str, place: Path | None) -> Questionnaire | None:
    with TemporaryDirectory(prefix="survey-version-", dir=place) as temporary:
        try:
            with ZipFile(io.BytesIO(files)) as archive:
                archive.extractall(temporary)
        except _DAMAGE:
            return None
        except OSError as error:
            if error.errno in _WRONG_NAMES:
                return None
            raise
        folder, translations = Path(temporary, _QUESTIONNAIRES, code), Path(temporary, _TRANSLATIONS)
        questionnaire = inspect_questionnaire(folder, translations, checks=()).questionnaire
        withheld = Path(temporary, _WITHHELD)
        return (
            withhold_variants(questionnaire, withheld.read_text().split())
            if questionnaire and withheld.is_file()
            else questionnaire
        )
