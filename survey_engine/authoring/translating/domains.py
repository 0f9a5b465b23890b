"""Domains to translate: messages of the interface or texts of a questionnaire, and the languages they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from survey_engine.analysis.shown_texts import iter_shown_texts
from survey_engine.authoring.translating.contexts import Context, map_contexts
from survey_engine.authoring.translating.interface import list_messages
from survey_engine.language.interface_catalogues import SHIPPED
from survey_engine.language.variants import INTERFACE, LANGUAGE_NAMES
from survey_engine.language.wordings import KnownText
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place, Questionnaire
from survey_engine.publication.compiler import Compilation, inspect_questionnaire, list_catalogue_folders
from survey_engine.publication.withholding import INCOMPLETE

_INTERFACE_SOURCE = "en"
_CATALOGUE_PROBLEMS = {*INCOMPLETE, "placeholders-differ", "unknown-placeholder", "markup-differs"}
"""Message codes of problems that translators can solve."""


class BrokenSourceError(Exception):
    """The texts of a questionnaire cannot be determined because of its errors. The message ends with the remedy."""

    def __init__(self, folder: Path, problems: Iterable[Problem]) -> None:
        first, *more = problems
        others = f" (and {len(more)} more)" if more else ""
        super().__init__(f"{first}{others}\nCorrect the errors that `survey-engine check {folder}` reports, then translate.")


class PlacedWording(NamedTuple):
    """A translation in the questionnaire's files, and its place."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class SourceMessage:
    """One text to translate, with its context for translators."""

    code: str
    """Code of the text; for messages of the interface, which have no code, a digest."""
    source: str
    plural: str = ""
    """Plural of the English source, for a text with a number; otherwise empty."""
    context: Context = field(default_factory=Context)
    places: tuple[Place, ...] = ()
    languages: frozenset[str] = frozenset()
    """Variants that show the text and take its wording from catalogues."""
    remarks: tuple[str, ...] = ()
    """Programmers' comments for translators."""
    in_place: Mapping[str, PlacedWording] = field(default_factory=dict)
    """Variant → its wording in the questionnaire's files."""

    @property
    def in_catalogues(self) -> bool:
        """Whether catalogues contain the text. They do not if all its translations are in the questionnaire's files."""
        return bool(self.languages) or not self.in_place

    @property
    def key(self) -> str | tuple[str, str]:
        """The key in gettext: msgid, or msgid and msgid_plural."""
        return (self.source, self.plural) if self.plural else self.source


@dataclass(frozen=True, slots=True)
class Variant:
    """One language of a domain, and the locale of its catalogue."""

    code: str
    locale: str
    name: str
    others: frozenset[str] = frozenset()
    """Codes of the language variants with this locale, such as nt2 for nl@nt2."""


@dataclass(frozen=True, slots=True)
class Domain:
    code: str
    source_language: str
    messages: tuple[SourceMessage, ...]
    variants: tuple[Variant, ...]
    catalogue_folders: tuple[Path, ...] = ()
    """Further folders of catalogues, in order of precedence."""
    has_codes: bool = True
    """Whether messages are identified by a text code (msgctxt). Messages of the interface are identified by their source."""
    by_code: Mapping[str, SourceMessage] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {message.code: message for message in self.messages})

    def name(self, message: SourceMessage) -> str:
        """Return the identifier of a message in catalogues."""
        return message.code if self.has_codes else message.source


class Sources:
    """The domains: the interface below `root` (which contains templates/ and survey_engine/), and questionnaires in folders."""

    def __init__(self, folders: Iterable[Path], translations: Path, root: Path) -> None:
        compiled = [(folder, inspect_questionnaire(folder, translations)) for folder in folders]
        self._root = root
        self._found = {c.questionnaire.code if c.questionnaire else folder.name: (folder, c) for folder, c in compiled}
        self._described: dict[str, Domain] = {}

    @property
    def codes(self) -> list[str]:
        """The codes of all domains."""
        return [INTERFACE, *self._found]

    def describe(self, code: str) -> Domain:
        """Return one domain. The result is cached, because a command needs it for each variant.

        Raises:
            BrokenSourceError: if the questionnaire's files have errors.
        """
        if code not in self._described:
            questionnaires = (c.questionnaire for _, c in self._found.values() if c.questionnaire)
            self._described[code] = (
                describe_interface(self._root, questionnaires)
                if code == INTERFACE
                else describe_questionnaire(*self._found[code])
            )
        return self._described[code]


def describe_interface(root: Path, questionnaires: Iterable[Questionnaire]) -> Domain:
    """Return the domain of the interface, with its own languages and the locales of all questionnaires' variants."""
    names, codes = dict(LANGUAGE_NAMES), dict[str, set[str]]()
    for questionnaire in questionnaires:
        for language in questionnaire.languages.values():
            names.setdefault(language.locale, language.name)
            codes.setdefault(language.locale, set()).add(language.code)
    variants = tuple(
        Variant(locale, locale, name, frozenset(codes.get(locale, ())))
        for locale, name in names.items()
        if locale != _INTERFACE_SOURCE
    )
    messages = tuple(
        SourceMessage(found.code, found.source, found.plural, found.context, found.places, frozenset(names), found.remarks)
        for found in list_messages(root)
    )
    return Domain(INTERFACE, _INTERFACE_SOURCE, messages, variants, SHIPPED, has_codes=False)


def describe_questionnaire(folder: Path, compilation: Compilation) -> Domain:
    """Return the domain of a questionnaire, with its texts in reading order."""
    questionnaire = compilation.questionnaire
    broken = [problem for problem in compilation.errors if not _is_for_translators(problem)]
    if questionnaire is None or broken:
        raise BrokenSourceError(folder, broken)
    contexts = map_contexts(questionnaire)
    written = _map_in_place(questionnaire, folder)
    known = {**{code: text for code, (text, _) in written.items()}, **compilation.known_texts}
    order = [*(code for code in contexts if code in known), *(code for code in known if code not in contexts)]
    messages = tuple(
        replace(_describe_text(code, known[code], contexts, folder), in_place=written[code][1] if code in written else {})
        for code in order
    )
    variants = tuple(
        Variant(language.code, language.locale, language.name)
        for language in questionnaire.languages.values()
        if language.code != questionnaire.source_language
    )
    catalogue_folders = tuple(list_catalogue_folders(folder, None))
    return Domain(questionnaire.code, questionnaire.source_language, messages, variants, catalogue_folders)


def _map_in_place(questionnaire: Questionnaire, folder: Path) -> dict[str, tuple[KnownText, dict[str, PlacedWording]]]:
    """Return code → (text without catalogue languages, variant → translation), for texts translated in the questionnaire's files."""
    found = {}
    source = questionnaire.source_language
    for shown in iter_shown_texts(questionnaire):
        text = shown.text
        wordings = {
            language: PlacedWording(wording, _show_from_project(text.places[language], folder))
            for language, wording in shown.wordings()
            if language != source and language in text.places and not text.places[language].file.endswith(".po")
        }
        if wordings and source in text.wording:
            found[text.code] = KnownText(text.wording[source], text.place, frozenset()), wordings
    return found


def _describe_text(code: str, text: KnownText, contexts: Mapping[str, Context], folder: Path) -> SourceMessage:
    context = contexts.get(code) or Context(kind=code.partition(".")[0])
    return SourceMessage(code, text.source, "", context, (_show_from_project(text.place, folder),), text.languages)


def _show_from_project(place: Place, folder: Path) -> Place:
    """Return a place relative to the project, so that catalogues do not depend on the working directory."""
    project = folder.resolve().parent.parent
    files = (path.resolve() for path in (Path.cwd() / place.file, folder.parent / place.file) if path.is_file())
    shown = next((file.relative_to(project).as_posix() for file in files if file.is_relative_to(project)), place.file)
    return replace(place, file=shown)


def _is_for_translators(problem: Problem) -> bool:
    return problem.code in _CATALOGUE_PROBLEMS or problem.place.file.endswith(".po")
