"""Compiles a folder of YAML and its catalogues to a checked questionnaire, or reports every problem with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath

from survey_engine.analysis.checks import CHECKS, Check
from survey_engine.engine.routing import list_question_variables
from survey_engine.language.assembler import Assembler, read_languages
from survey_engine.language.definition_fields import Definition
from survey_engine.language.documents import QuestionnaireDefinition
from survey_engine.language.interface_catalogues import (
    SHIPPED,
    InterfaceCatalogue,
    find_interface_catalogue,
    list_missing_texts,
    read_interface_catalogue,
)
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.validation import Document, read_document
from survey_engine.language.variants import INTERFACE, find_catalogue, format_update_command, read_catalogue
from survey_engine.language.wordings import KnownText
from survey_engine.model.messages import BrokenQuestionnaireError, Problem
from survey_engine.model.questionnaire import Language, Place, Questionnaire
from survey_engine.publication.folders import DEFINITIONS, HEAD, find_unread_reason, iter_misnamed
from survey_engine.publication.withholding import INCOMPLETE, Gaps, report_gaps, split_gaps, withhold_variants
from survey_engine.settings import make_absolute

_LOGOS = (".svg", ".png")

_NAMED = 20
"""Maximum number of untranslated interface texts in a message, the shortest first: these are mostly on buttons."""
_LOGIC = frozenset(
    {"never-true", "always-true", "idle-part", "implied-part", "nobody-sees", "theme-part", "never-drawn", "consent-of-some"}
)
_UNKNOWN = frozenset({"unknown-name", "unknown-placeholder", "no-answer", "only-in-bank"})
_DOUBTFUL_WITHOUT_ALL = _LOGIC | {
    "derived-type",
    "empty-pool",
    "lone-arm",
    "needs-one",
    "needs-option",
    "nothing-offered",
    "same-meaning",
    "single-option",
    "true-if-answered",
    "unknown-wording",
    "unplaced-module",
    "unused-section",
}
"""Problems that cannot be decided while a part of the files is unreadable."""
_WRONG_CONDITIONS = frozenset({"condition-syntax", "condition-cycle", "condition-value", "condition-type", "unquoted-value"})
_WRONG_NAMES = frozenset({"unknown-name", "no-answer", "only-in-bank", "forward-reference"})
_DOUBTFUL = {
    _WRONG_CONDITIONS | _WRONG_NAMES: _LOGIC | {"shown-unasked"},
    frozenset({"number-of-answers", "mixed-codes"}): _LOGIC,
    frozenset({"condition-syntax", "condition-cycle"}): frozenset({"too-many-blocks"}),
    frozenset({"duplicate-code"}): frozenset({"name-clash", "unknown-wording"}),
    frozenset({"empty-value"}): frozenset({"needs-option", "needs-one"}),
    frozenset({"needs-option"}): _LOGIC | {"derived-type", "single-option"},
    frozenset({"other-word"}): frozenset({"other-without-text"}),
    frozenset({"shared-modules"}): frozenset({"too-many-choices", "empty-pool"}),
}
"""Errors → problems that may only follow from them, and are not reported beside them."""
_UNWORDED = INCOMPLETE | {"variant-withheld"}
"""Problems of a variant without wordings; one whose locale is unknown has no catalogue."""
_UNREACHED = {"unused-section": "section", "unplaced-module": "module", "no-notice": "notice"}
"""Problem → the kind of unknown name from which it may only follow, because the name was misspelt."""


@dataclass(slots=True)
class Compilation:
    """Result of compiling: the questionnaire as far as it could be built, and every problem."""

    questionnaire: Questionnaire | None
    problems: list[Problem] = field(default_factory=list)
    known_texts: dict[str, KnownText] = field(default_factory=dict)
    """Text code → text for the catalogues."""
    definitions: tuple[Definition, ...] = ()
    """The readable files, as written."""
    gaps: Gaps = field(default_factory=Gaps)
    removed_words: frozenset[str] = frozenset()
    """All words of the invalid parts, which were removed."""

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]


def compile_questionnaire(folder: Path, translations: Path | None = None) -> Questionnaire:
    """Compile the questionnaire in `folder`, without draft variants that lack wordings.

    Raises:
        BrokenQuestionnaireError: if there is an error; it has all errors.
    """
    compilation = inspect_questionnaire(folder, translations)
    if compilation.errors or compilation.questionnaire is None:
        raise BrokenQuestionnaireError(compilation.errors)
    return withhold_variants(compilation.questionnaire, compilation.gaps.withheld)


def compile_draft(folder: Path, translations: Path | None = None) -> Questionnaire:
    """Compile a questionnaire that is being written, without any variant that lacks wordings.

    Raises:
        BrokenQuestionnaireError: if there is another error; it has these errors.
    """
    compilation = inspect_questionnaire(folder, translations)
    lacking = compilation.gaps.by_language
    other = [each for each in compilation.errors if each.code not in INCOMPLETE or each.facts["language"] not in lacking]
    if other or compilation.questionnaire is None:
        raise BrokenQuestionnaireError(other or compilation.errors)
    return withhold_variants(compilation.questionnaire, lacking)


def inspect_questionnaire(folder: Path, translations: Path | None = None, checks: Sequence[Check] = CHECKS) -> Compilation:
    """Compile the questionnaire in `folder` as far as possible, with all its problems.

    Catalogues are searched in `translations` if given, then in a folder `translations` next to the questionnaires' folder, then
    among the shipped ones.
    """
    folder = make_absolute(folder)
    named = _list_named(folder)
    paths = {_show(path, folder.parent): path for path, reason in named if not reason}
    documents = {
        shown: read_document(shown, path.read_bytes()) for shown, path in paths.items() if path.suffix.lower() in DEFINITIONS
    }
    main, copies = _find_copies(documents)
    for path in copies:
        del documents[path]
    problems = [problem for document in documents.values() for problem in document.problems]
    problems += (Problem("second-questionnaire", Place(path, 1), {"other": main}) for path in copies)
    problems += (
        Problem("unread-file", Place(_show(path, folder.parent)), {"detail": reason}) for path, reason in named if reason
    )
    problems += (
        Problem("other-suffix", Place(_show(path, folder.parent), 1), {"kind": kind, "name": name})
        for path, kind, name in iter_misnamed(folder)
    )
    definitions = [document.definition for document in documents.values() if document.definition]
    heads = [definition for definition in definitions if isinstance(definition, QuestionnaireDefinition)]
    if not heads:
        if not any(document.kind == "questionnaire" for document in documents.values()):
            problems.append(Problem("no-questionnaire", Place(_show(folder, folder.parent))))
        return Compilation(None, sorted(problems, key=_order))
    compilation = _assemble(heads[0], definitions, paths, list_catalogue_folders(folder, translations), checks)
    compilation.removed_words = frozenset(word for document in documents.values() for word in document.removed_words)
    found = omit_consequences([*problems, *compilation.problems], compilation)
    compilation.problems = sorted({(each.code, each.place, str(each)): each for each in found}.values(), key=_order)
    return compilation


def list_catalogue_folders(folder: Path, translations: Path | None) -> list[Path]:
    """List the folders of catalogues for the questionnaire in `folder`, in the order of precedence."""
    beside = make_absolute(folder).parent.parent / "translations"
    return [*filter(None, [translations]), beside, *SHIPPED]


def _assemble(
    head: QuestionnaireDefinition,
    definitions: list[Definition],
    paths: dict[str, Path],
    catalogue_folders: list[Path],
    checks: Sequence[Check],
) -> Compilation:
    languages = read_languages(head)
    own = _find_catalogues(head, catalogue_folders)
    catalogues = {code: read_catalogue(path, _format_catalogue(path)) for code, path in own.items()}
    interface = {code: _read_interface(catalogue_folders[0], language) for code, language in languages.items()}
    folders = {shown: path.parent for shown, path in paths.items()}
    assembler = Assembler(head, definitions, catalogues, interface, folders)
    questionnaire = assembler.assemble(_digest(paths, own.values()))
    read = [*catalogues.values(), *interface.values()]
    problems = [problem for catalogue in read for problem in catalogue.problems]
    problems += assembler.builder.problems
    problems += _find_untranslated(head, languages.values(), interface, catalogue_folders[0])
    for check in checks:
        problems += check(questionnaire)
    others, gaps = split_gaps(problems, questionnaire)
    problems = [*others, *report_gaps(gaps, head)]
    return Compilation(questionnaire, problems, dict(assembler.builder.sources), tuple(definitions), gaps)


def _find_catalogues(head: QuestionnaireDefinition, catalogue_folders: list[Path]) -> dict[str, Path]:
    """Return the path of the questionnaire's catalogue for each translated variant, whether the file exists or not."""
    translated = [language for code, language in read_languages(head).items() if code != head.known_source]
    return {language.code: find_catalogue(catalogue_folders, language.locale, head.questionnaire) for language in translated}


def name_version(folder: Path, translations: Path | None = None) -> str:
    """Return the version of the questionnaire in `folder` without compiling it; empty if its head is not where it belongs."""
    head = folder / HEAD
    definition = read_document(head.name, head.read_bytes()).definition if head.is_file() else None
    if not isinstance(definition, QuestionnaireDefinition):
        return ""
    paths = {_show(path, make_absolute(folder).parent): path for path in list_files(make_absolute(folder))}
    return _digest(paths, _find_catalogues(definition, list_catalogue_folders(folder, translations)).values())


def _read_interface(home: Path, language: Language) -> InterfaceCatalogue:
    path = find_interface_catalogue(home, language.locale)
    return read_interface_catalogue(path, _format_catalogue(path), language.code)


def _find_untranslated(
    head: QuestionnaireDefinition, languages: Iterable[Language], interface: Mapping[str, InterfaceCatalogue], home: Path
) -> Iterator[Problem]:
    """Find languages with untranslated interface texts."""
    for language in languages:
        catalogue = interface[language.code]
        lacking = list_missing_texts(home, language.locale, catalogue.worded)
        if lacking and not catalogue.problems:
            code = "interface-incomplete" if catalogue.worded or "@" in language.locale else "interface-untranslated"
            place = Place(catalogue.path) if catalogue.entries else head.key_place("languages", language.code)
            shortest = sorted((f"“{text}”" for text in lacking), key=len)[:_NAMED]
            texts = ", ".join(shortest) + (f" … ({len(lacking)} in all)" if len(lacking) > _NAMED else "")
            command = format_update_command([INTERFACE], language.locale, head.key_place("languages", language.code))
            facts = {"language": language.code, "count": len(lacking), "texts": texts, "command": command}
            yield Problem(code, place, facts)


def list_files(folder: Path) -> list[Path]:
    """List the files of the questionnaire. Hidden files belong to editors and operating systems."""
    return [path for path, reason in _list_named(folder) if not reason]


def _list_named(folder: Path) -> list[tuple[Path, str]]:
    """List the files that have the suffix of a definition or logo, each with the reason if it cannot be read."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in (*DEFINITIONS, *_LOGOS))
    paths = sorted(path for path in found if not path.is_dir() and not path.name.startswith("."))
    return [(path, find_unread_reason(path, folder)) for path in paths]


def _show(path: Path, base: Path) -> str:
    """Return the path for messages: relative to the current folder or to `base` if it is in one of them, otherwise absolute."""
    path = path.absolute()
    home = next((home for home in (Path.cwd(), base.absolute()) if path.is_relative_to(home)), None)
    return (path.relative_to(home) if home else path).as_posix()


def _format_catalogue(path: Path) -> str:
    """Return a catalogue's path for messages: relative to the folder that contains `translations`."""
    return _show(path, path.parents[3])


def _digest(paths: dict[str, Path], catalogues: Iterable[Path]) -> str:
    """Return a digest of the files' names and contents, independent of their folder."""
    digest = sha256()
    for path in [*paths.values(), *(path for path in catalogues if path.is_file())]:
        digest.update(sha256(path.name.encode() + b"\0" + path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def omit_consequences(problems: Iterable[Problem], compilation: Compilation) -> list[Problem]:
    """Return the problems that are not only due to an unreadable part or to another error."""
    listed = list(problems)
    every = [*listed, *compilation.problems]
    codes = {problem.code for problem in every if problem.facts.get("kind", "variable") in ("variable", "scale")}
    unknown = {problem.facts["kind"] for problem in every if problem.code == "unknown-name"}
    twice = {problem.facts["code"] for problem in every if problem.code == "duplicate-code"}
    unspoken = {problem.facts["code"] for problem in every if problem.code == "unknown-locale"}
    miscounted = {problem.facts["code"] for problem in every if problem.code == "number-of-answers"}
    lost = set(_iter_unbuilt(compilation))
    lost.update(_iter_lost_names(compilation) if compilation.removed_words or "section" in unknown else ())
    unnamed = any(map(_lacks_names, every))
    return [
        problem
        for problem in listed
        if not _is_consequence(problem, compilation.removed_words, codes)
        and not (problem.code == "condition-value" and problem.facts["name"] in twice)
        and not (problem.code in _UNWORDED and problem.facts["language"] in unspoken)
        and not (problem.code == "too-few-offered" and problem.facts["code"] in miscounted)
        and _UNREACHED.get(problem.code) not in unknown
        and not (_is_unknown_answer(problem) and (problem.facts["name"] in lost or (unnamed and not problem.facts["meant"])))
        and not (problem.code == "unknown-placeholder" and problem.facts["name"] in lost)
    ]


def _iter_lost_names(compilation: Compilation) -> Iterator[str]:
    """Yield the names of answers in sections and modules that are in no group, which may be due to a mistake in the order."""
    if questionnaire := compilation.questionnaire:
        placed = {section.code for section in questionnaire.all_sections}
        for section in (*questionnaire.sections.values(), *questionnaire.modules.values()):
            if section.code not in placed:
                yield from (name for question in section.iter_questions() for name in list_question_variables(question))


def _iter_unbuilt(compilation: Compilation) -> Iterator[str]:
    """Yield the names of derived values that an error left out."""
    if questionnaire := compilation.questionnaire:
        for definition in compilation.definitions:
            if isinstance(definition, QuestionnaireDefinition):
                yield from definition.derived.keys() - questionnaire.derived.keys()


def _lacks_names(problem: Problem) -> bool:
    """Whether a question has no code, or a grid no items, so that conditions cannot name its answers."""
    if problem.code == "empty-value":
        return problem.facts["key"] in QUESTION_TYPES
    return problem.code == "needs-option" and str(problem.facts["keys"]).startswith("items")


def _is_unknown_answer(problem: Problem) -> bool:
    return problem.code == "unknown-name" and problem.facts["kind"] in ("question", "variable")


def _is_consequence(problem: Problem, removed_words: frozenset[str], codes: set[str]) -> bool:
    """Whether it may exist only because of an unreadable part or another error."""
    named = str(problem.facts.get("name", problem.facts.get("code", "")))
    if problem.code == "condition-value" and str(problem.facts["value"]) in removed_words:
        return True
    if problem.code in _UNKNOWN and any(word in removed_words for word in (named, *named.split("."))):
        return True
    if problem.code == "not-in-instrument" and str(problem.facts["kind"]) in removed_words:
        return True
    if problem.code in _DOUBTFUL_WITHOUT_ALL and removed_words:
        return True
    return any(problem.code in doubtful and codes & errors for errors, doubtful in _DOUBTFUL.items())


def _find_copies(documents: Mapping[str, Document]) -> tuple[str, list[str]]:
    """Return the path of the head, `questionnaire.yaml` if there is one, and those of further heads, whatever they lack."""
    heads = [path for path, document in documents.items() if document.kind == "questionnaire" and not document.unreadable]
    main, *copies = sorted(heads, key=lambda path: PurePosixPath(path).stem != "questionnaire") or [""]
    return main, copies


def _order(problem: Problem) -> tuple[Place, str]:
    return problem.place, problem.code
