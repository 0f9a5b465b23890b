"""The next edition of a questionnaire: a copy of its folder and catalogues with another id, title and year."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from survey_engine.analysis.shown_texts import iter_shown_texts
from survey_engine.authoring.translating.pofile import format_catalogue, read_catalogue_file
from survey_engine.language.variants import catalogue_path, find_catalogue
from survey_engine.model.questionnaire import Place, Questionnaire
from survey_engine.publication.compiler import list_catalogue_folders
from survey_engine.publication.folders import DEFINITIONS

_YEAR = re.compile(r"\d{4}$")
_DAYS = re.compile(r"^(opens|closes):.*\n", re.MULTILINE)
_TITLE = re.compile(r"^title:.*\n(?:[ \t]+.*\n)*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class NewEdition:
    folder: Path
    catalogues: list[Path]
    without_days: list[Path]
    """Files from which the first or last day of fieldwork was removed."""
    year: str
    """The year of the previous edition; empty if it has none."""


def write_edition(old: Path, questionnaire: Questionnaire, code: str, translations: Path | None) -> NewEdition:
    """Copy a questionnaire and its catalogues beside the old ones.

    Args:
        old: the folder of the previous edition.
        questionnaire: the compiled questionnaire in that folder.
        code: the id of the new edition.
        translations: as in `compile_questionnaire`.

    Raises:
        FileExistsError: if the new folder exists.
    """
    new = old.parent / code
    shutil.copytree(old, new)
    before, now = ((found[0] if (found := _YEAR.search(name)) else "") for name in (questionnaire.code, code))
    years = (before, now) if before and now else ("", "")
    head = new / Path(questionnaire.place.file).name
    head.write_text(_change_head(head.read_text("utf-8"), questionnaire.code, code, years), "utf-8")
    without_days = [path for path in sorted(new.rglob("*")) if path.suffix.lower() in DEFINITIONS and _remove_days(path)]
    homes = list_catalogue_folders(old, translations)
    locales = {language.locale for language in (*questionnaire.languages.values(), *questionnaire.withheld.values())}
    sources = ((locale, find_catalogue(homes, locale, questionnaire.code)) for locale in sorted(locales))
    catalogues = [
        _copy_catalogue(source, catalogue_path(homes[0], locale, code), locale, years)
        for locale, source in sources
        if source.is_file()
    ]
    return NewEdition(new, catalogues, without_days, years[0])


def _change_head(text: str, old: str, new: str, years: tuple[str, str]) -> str:
    text = re.sub(rf"^(questionnaire:\s*)['\"]?{re.escape(old)}['\"]?", rf"\g<1>{new}", text, count=1, flags=re.MULTILINE)
    if years[0]:
        text = _TITLE.sub(lambda title: title[0].replace(*years), text, count=1)
        text = re.sub(r"^edition:.*$", f"edition: {years[1]}", text, count=1, flags=re.MULTILINE)
    return text


def _remove_days(path: Path) -> bool:
    text = path.read_text("utf-8")
    changed, count = _DAYS.subn("", text)
    if count:
        path.write_text(changed, "utf-8")
    return bool(count)


def _copy_catalogue(source: Path, path: Path, locale: str, years: tuple[str, str]) -> Path:
    """Copy a catalogue with all its translations; the title gets the new year in both languages."""
    catalogue = read_catalogue_file(source.read_bytes(), locale)
    catalogue.header_comment = catalogue.header_comment.replace(*years)
    title = next((message for message in catalogue if message.context == "title"), None)
    if title and years[0]:
        title.id, title.string = str(title.id).replace(*years), str(title.string).replace(*years)
    for message in catalogue:
        places = ((file.replace(f"/{source.stem}/", f"/{path.stem}/"), line) for file, line in message.locations)
        message.locations = [*places]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(format_catalogue(catalogue, path.stem, locale), "utf-8")
    return path


def list_mentions(questionnaire: Questionnaire, year: str) -> list[Place]:
    """Return the places of texts that mention a year."""
    texts = (shown.text for shown in iter_shown_texts(questionnaire))
    return sorted({text.place for text in texts if year and year in text.wording.get(questionnaire.source_language, "")})
