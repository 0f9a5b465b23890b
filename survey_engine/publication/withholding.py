"""Language variants without all wordings: reported once each, and withheld while they are drafts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from survey_engine.language.documents import QuestionnaireDefinition
from survey_engine.language.variants import INTERFACE, format_update_command
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Institution, Questionnaire

_GAPS = frozenset({"missing-wording", "stale-wording", "interface-untranslated"})
"""Codes of problems of a text that has no current wording in a variant."""
INCOMPLETE = _GAPS | {"wordings-missing", "wordings-stale", "drafts-only"}
"""Codes of errors that only concern the variants that lack wordings."""
_NAMED = 3
"""Number of texts named in a message about several."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """Problems of texts without a current wording."""

    by_language: Mapping[str, Sequence[Problem]] = field(default_factory=dict)
    """Variant → its problems; the source language is never among them."""
    withheld: frozenset[str] = frozenset()
    """The draft variants among these; every institution offers another one."""
    needed: Mapping[str, Sequence[Institution]] = field(default_factory=dict)
    """The other draft variants → the institutions that offer such drafts only."""


def split_gaps(problems: Iterable[Problem], questionnaire: Questionnaire) -> tuple[list[Problem], Gaps]:
    """Return the problems that are no gaps of a translation, and the gaps."""
    others: list[Problem] = []
    gaps: dict[str, list[Problem]] = {}
    for problem in problems:
        language = str(problem.facts.get("language", ""))
        is_gap = problem.code in _GAPS and language != questionnaire.source_language
        (gaps.setdefault(language, []) if is_gap else others).append(problem)
    drafts = {code for code in gaps if questionnaire.languages[code].draft}
    lacking = [institution for institution in questionnaire.institutions.values() if drafts.issuperset(institution.languages)]
    needed = {code: [each for each in lacking if code in each.languages] for code in drafts}
    needed = {code: institutions for code, institutions in needed.items() if institutions}
    return others, Gaps(gaps, frozenset(drafts - needed.keys()), needed)


def report_gaps(gaps: Gaps, head: QuestionnaireDefinition) -> Iterator[Problem]:
    """Report each withheld variant once, and several gaps of a catalogue once."""
    for language, problems in gaps.by_language.items():
        place = head.key_place("languages", language)
        if language in gaps.withheld:
            yield Problem("variant-withheld", place, _summarise(language, problems, head))
            continue
        if institutions := gaps.needed.get(language, ()):
            first, *others = (each.place_of("languages") for each in institutions)
            facts = {"institution": institutions[0].code, **_summarise(language, problems, head)}
            yield Problem("drafts-only", first, facts, tuple(others))
            continue
        untranslated = [problem for problem in problems if problem.code == "interface-untranslated"]
        yield from untranslated
        missing = [
            problem for problem in problems if problem.code == "missing-wording" and not (untranslated and _is_label(problem))
        ]
        stale = [problem for problem in problems if problem.code == "stale-wording"]
        for code, family in (("wordings-missing", missing), ("wordings-stale", stale)):
            texts = {problem.facts["code"] for problem in family}  # a label of the interface is reported at each use
            yield from [Problem(code, place, _summarise(language, family, head))] if len(texts) > 1 else family[:1]


def _is_label(problem: Problem) -> bool:
    """Whether a text without wording belongs to the interface."""
    return bool(problem.facts.get("is_label"))


def _summarise(language: str, problems: Sequence[Problem], head: QuestionnaireDefinition) -> dict[str, object]:
    """Return the facts about the gaps of a variant; the texts of an interface without a catalogue are counted, not named."""
    interface = sum(int(str(each.facts["count"])) for each in problems if each.code == "interface-untranslated")
    texts = [each for each in problems if "code" in each.facts and not (interface and _is_label(each))]
    names = list(dict.fromkeys(f"'{each.facts['code']}'" for each in texts))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    parts = [", ".join(names[:_NAMED]) + more] if names else []
    parts += [f"{interface} of the interface"] if interface else []
    domains = [head.questionnaire] if not all(map(_is_label, texts)) else []
    domains += [INTERFACE] if interface or any(map(_is_label, texts)) else []
    facts = {"language": language, "count": len(names) + interface, "texts": ", and ".join(parts)}
    return {**facts, "command": format_update_command(domains, language, head.key_place("languages", language))}


def withhold_variants(questionnaire: Questionnaire, codes: Iterable[str]) -> Questionnaire:
    """Return the questionnaire without these variants, and without institutions that offer no other."""
    left_out = {code: language for code, language in questionnaire.languages.items() if code in set(codes)}
    if not left_out:
        return questionnaire
    offered = (
        replace(each, languages=tuple(code for code in each.languages if code not in left_out))
        for each in questionnaire.institutions.values()
    )
    return replace(
        questionnaire,
        languages={code: language for code, language in questionnaire.languages.items() if code not in left_out},
        institutions={institution.code: institution for institution in offered if institution.languages},
        withheld=left_out,
    )
