"""What is to be translated: the interface's messages and the texts of questionnaires, and into which variants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from survey_engine.authoring.translating.contexts import Context, list_contexts
from survey_engine.authoring.translating.interface import list_messages
from survey_engine.language.interface_catalogues import SHIPPED
from survey_engine.language.variants import INTERFACE, LANGUAGE_NAMES
from survey_engine.language.wordings import INLINE, KnownText
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place, Questionnaire
from survey_engine.publication.compiler import Compilation, inspect_questionnaire, list_homes

INTERFACE_SOURCE = "en"
_OF_CATALOGUES = {"missing-wording", "placeholders-differ", "unknown-placeholder", "markup-differs"}
"""Problems that translators mend, whatever file they are reported in."""


class BrokenSourceError(Exception):
    """A questionnaire is too broken to say what is to be translated; the message ends with the remedy."""

    def __init__(self, folder: Path, problems: Iterable[Problem]) -> None:
        first, *more = problems
        others = f" (and {len(more)} more)" if more else ""
        super().__init__(f"{first}{others}\nMend what `survey-engine check {folder}` reports, then translate.")


@dataclass(frozen=True, slots=True)
class SourceMessage:
    """One text to be translated, with what a translator must know of it."""

    code: str
    """The text's code; of the interface's messages, which have none, a digest of the text."""
    source: str
    plural: str = ""
    """The source for more than one, where a number stands in the text."""
    context: Context = field(default_factory=Context)
    places: tuple[Place, ...] = ()
    languages: frozenset[str] = frozenset()
    """The variants that show it."""
    remarks: tuple[str, ...] = ()
    """What a programmer says to translators."""

    @property
    def key(self) -> str | tuple[str, str]:
        """The message as gettext knows it: msgid, or msgid and msgid_plural."""
        return (self.source, self.plural) if self.plural else self.source


@dataclass(frozen=True, slots=True)
class Variant:
    """One language of a domain, and the locale whose folder holds its catalogue."""

    code: str
    locale: str
    name: str
    others: frozenset[str] = frozenset()
    """Codes of the questionnaires' variants that are read in this locale, such as nt2 for nl@nt2."""
    untranslated: int = 0
    """How many texts lack this language among those whose author writes all languages in place."""


@dataclass(frozen=True, slots=True)
class Domain:
    code: str
    source_language: str
    messages: tuple[SourceMessage, ...]
    variants: tuple[Variant, ...]
    homes: tuple[Path, ...] = ()
    """Where a catalogue is read that the folder of catalogues does not have."""
    has_codes: bool = True
    """Whether messages are told apart by the text's code (msgctxt) or, in the interface, by the text itself."""
    by_code: Mapping[str, SourceMessage] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {message.code: message for message in self.messages})

    def name(self, message: SourceMessage) -> str:
        """What catalogues know a message by."""
        return message.code if self.has_codes else message.source


class Sources:
    """The interface below `root` (which holds templates/ and survey_engine/) and the questionnaires in some folders."""

    def __init__(self, folders: Iterable[Path], translations: Path, root: Path) -> None:
        compiled = [(folder, inspect_questionnaire(folder, translations)) for folder in folders]
        self._root = root
        self._found = {c.questionnaire.code if c.questionnaire else folder.name: (folder, c) for folder, c in compiled}

    @property
    def codes(self) -> list[str]:
        """The codes of all domains."""
        return [INTERFACE, *self._found]

    def describe(self, code: str) -> Domain:
        """What is to be translated in one domain.

        Raises:
            UntranslatableError: when that questionnaire's own files have errors.
        """
        if code == INTERFACE:
            return describe_interface(self._root, [c.questionnaire for _, c in self._found.values() if c.questionnaire])
        return describe_questionnaire(*self._found[code])


def describe_interface(root: Path, questionnaires: Iterable[Questionnaire]) -> Domain:
    """The interface is translated into its own languages and into every variant of a questionnaire."""
    names, codes = dict(LANGUAGE_NAMES), dict[str, set[str]]()
    for questionnaire in questionnaires:
        for language in questionnaire.languages.values():
            names.setdefault(language.locale, language.name)
            codes.setdefault(language.locale, set()).add(language.code)
    variants = tuple(
        Variant(locale, locale, name, frozenset(codes.get(locale, ())))
        for locale, name in names.items()
        if locale != INTERFACE_SOURCE
    )
    messages = tuple(
        SourceMessage(found.code, found.source, found.plural, found.context, found.places, frozenset(names), found.remarks)
        for found in list_messages(root)
    )
    return Domain(INTERFACE, INTERFACE_SOURCE, messages, variants, SHIPPED, has_codes=False)


def describe_questionnaire(folder: Path, compilation: Compilation) -> Domain:
    """The texts of a questionnaire in the order in which they are read."""
    questionnaire = compilation.questionnaire
    broken = [problem for problem in compilation.errors if not _is_for_translators(problem)]
    if questionnaire is None or broken:
        raise BrokenSourceError(folder, broken)
    contexts = list_contexts(questionnaire)
    known = compilation.known_texts
    order = [*(code for code in contexts if code in known), *(code for code in known if code not in contexts)]
    messages = tuple(_describe_text(code, known[code], contexts, folder) for code in order)
    missing = (problem.facts for problem in compilation.problems if problem.code == "missing-wording")
    lacking = Counter(str(facts["language"]) for facts in missing if facts["catalogue"] == INLINE)
    variants = tuple(
        Variant(language.code, language.locale, language.name, untranslated=lacking[language.code])
        for language in questionnaire.languages.values()
        if language.code != questionnaire.source_language
    )
    homes = tuple(list_homes(folder, None))
    return Domain(questionnaire.code, questionnaire.source_language, messages, variants, homes)


def _describe_text(code: str, text: KnownText, contexts: Mapping[str, Context], folder: Path) -> SourceMessage:
    context = contexts.get(code) or Context(kind=code.partition(".")[0])
    return SourceMessage(code, text.source, "", context, (_show_from_project(text.place, folder),), text.languages)


def _show_from_project(place: Place, folder: Path) -> Place:
    """The same place whatever folder a command is called in, so that catalogues do not change with it."""
    project = folder.resolve().parent.parent
    files = (path.resolve() for path in (Path.cwd() / place.file, folder.parent / place.file) if path.is_file())
    shown = next((file.relative_to(project).as_posix() for file in files if file.is_relative_to(project)), place.file)
    return replace(place, file=shown)


def _is_for_translators(problem: Problem) -> bool:
    return problem.code in _OF_CATALOGUES or problem.place.file.endswith(".po")
