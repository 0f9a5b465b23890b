"""All files that make a version, packed into one archive, and compiled from it again."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from survey_engine.language.interface_catalogues import find_interface_catalogue
from survey_engine.language.variants import INTERFACE, catalogue_path, find_catalogue
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import inspect_questionnaire, list_files
from survey_engine.settings import spell_out

_QUESTIONNAIRES, _TRANSLATIONS = "questionnaires", "translations"


def pack(questionnaire: Questionnaire, folder: Path, homes: list[Path]) -> bytes:
    """A zip archive with the questionnaire's folder and every catalogue that it is read with; the same for the same files.

    Args: homes: where catalogues are looked for (`compiler.list_homes`).
    """
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, path in sorted(_list_members(questionnaire, folder, homes)):
            archive.writestr(ZipInfo(name), path.read_bytes(), ZIP_DEFLATED)
    return packed.getvalue()


def _list_members(questionnaire: Questionnaire, folder: Path, homes: list[Path]) -> Iterator[tuple[str, Path]]:
    """The name of each file in the archive, and where it lies."""
    home = Path(_QUESTIONNAIRES, questionnaire.code)
    folder = spell_out(folder)
    yield from (((home / path.relative_to(folder)).as_posix(), path) for path in list_files(folder))
    for locale in {language.locale for language in questionnaire.languages.values()}:
        sources = {
            questionnaire.code: find_catalogue(homes, locale, questionnaire.code),
            INTERFACE: find_interface_catalogue(homes[0], locale),
        }
        copies = {catalogue_path(Path(_TRANSLATIONS), locale, domain): path for domain, path in sources.items()}
        yield from ((copy.as_posix(), path) for copy, path in copies.items() if path.is_file())


def unpack(files: bytes, code: str) -> Questionnaire | None:
    """The questionnaire in an archive; None where it holds none.

    What was fit to be asked when it was packed is not checked again.
    """
    with TemporaryDirectory(prefix="survey-version-") as temporary:
        try:
            with ZipFile(io.BytesIO(files)) as archive:
                archive.extractall(temporary)
        except (BadZipFile, OSError, ValueError):
            return None
        return inspect_questionnaire(Path(temporary, _QUESTIONNAIRES, code), Path(temporary, _TRANSLATIONS)).questionnaire
