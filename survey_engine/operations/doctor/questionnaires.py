"""Examinations of questionnaires: the folder, the stored versions, the catalogues of the interface."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.language.interface_catalogues import find_interface_catalogue, read_interface_catalogue
from survey_engine.language.variants import INTERFACE, LANGUAGE_NAMES
from survey_engine.operations.doctor.finding import UNREADABLE, Finding, connect_store
from survey_engine.publication.acceptance import inspect_folder
from survey_engine.publication.folders import list_folders
from survey_engine.publication.registry import list_unpublished
from survey_engine.publication.versions import StoredVersionError, read_version
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.versions import list_orphans, map_versions, read_service

EXAMPLE = "gallery"
"""A questionnaire that is shipped as an example."""


def examine_catalogues(settings: Settings) -> Finding:
    """Examine whether the folder of catalogues that the settings name is there."""
    found = settings.translations.is_dir()
    remedy = "" if found else "Point SURVEY_TRANSLATIONS at the folder of catalogues."
    return Finding("translations", f"in {settings.translations}" if found else f"no folder {settings.translations}", remedy)


def examine_interface(settings: Settings) -> Iterator[Finding]:
    """Examine the catalogues of the interface, also in languages without a questionnaire."""
    folders = sorted(path.parents[1].name for path in settings.translations.glob(f"*/LC_MESSAGES/{INTERFACE}.po"))
    for locale in dict.fromkeys([*LANGUAGE_NAMES, *folders]):
        path = find_interface_catalogue(settings.translations, locale)
        for problem in read_interface_catalogue(path, path.as_posix(), locale).problems:
            yield Finding(f"interface in {locale}", f"{problem.place}: {problem.wrong}", problem.remedy)


def examine_questionnaires(settings: Settings) -> Iterator[Finding]:
    folders = list_folders(settings.questionnaires)
    if not folders:
        remedy = "Point SURVEY_QUESTIONNAIRES at a folder with questionnaires."
        yield Finding("questionnaires", f"none in {settings.questionnaires}", remedy)
    for folder in folders:
        errors = len(inspect_folder(folder, settings.translations).errors)
        remedy = f"survey-engine check {folder}" if errors else ""
        yield Finding(folder.name, f"{errors} errors" if errors else "compiles", remedy)


def examine_versions(settings: Settings) -> Iterator[Finding]:
    """Examine whether every version with responses can be served."""
    try:
        with connect_store(settings.database_url, "answers") as answers:
            stored = {(code, version) for code, versions in map_versions(answers).items() for version in versions}
            found = sorted(stored.union(read_service(answers).items()))
            wrong = {pair: why for pair in found if (why := _find_problem(answers, *pair))}
            orphans = list_orphans(answers)
            unpublished = list_unpublished(settings, answers)
    except UNREADABLE:
        yield Finding("versions", "cannot be read", "Repair the answers store first.")
        return
    yield Finding("versions", f"{len(found)} stored, {len(found) - len(wrong)} can be served")
    for folder in unpublished:
        yield Finding(folder.name, f"not served, because it was never published. To serve it: survey-engine publish {folder}")
    for (code, version), why in wrong.items():
        yield Finding(f"{code} {version}", "cannot be served", why)
    for code, version, count in orphans:
        yield Finding(f"{code} {version}", f"{count} responses belong to it, but it is not stored", "Restore it from a backup.")


def examine_examples(settings: Settings) -> Iterator[Finding]:
    """Report the shipped examples at an address for respondents."""
    shown = [folder.name for folder in list_folders(settings.questionnaires)]
    if settings.secure_cookies and EXAMPLE in shown:
        remedy = f"Set SURVEY_QUESTIONNAIRES to the folder of your own, or remove {EXAMPLE} and other examples from it."
        yield Finding("examples", f"everybody can open {', '.join(shown)}", remedy)


def _find_problem(answers: Database, code: str, version: str) -> str:
    try:
        read_version(answers, code, version)
    except StoredVersionError as error:
        return str(error)
    return ""
