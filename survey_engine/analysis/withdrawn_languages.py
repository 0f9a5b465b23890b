"""Language variants that respondents can choose in the version before, and no longer in this one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Place, Questionnaire


@dataclass(frozen=True, slots=True)
class WithdrawnLanguage:
    language: str
    institutions: tuple[str, ...]
    """The institutions that no longer offer it; empty if none offers it."""
    withheld: bool
    """Whether it is a draft that lacks wordings."""
    place: Place

    def __str__(self) -> str:
        where = f" at {join_names(self.institutions)}" if self.institutions else ""
        why = ", because a draft without all wordings is withheld" if self.withheld else ""
        return f"{self.place}: new respondents can no longer choose '{self.language}'{where}{why}"


def iter_withdrawn_languages(questionnaire: Questionnaire, before: Questionnaire) -> Iterator[WithdrawnLanguage]:
    for language in before.languages:
        if language not in questionnaire.languages:
            yield WithdrawnLanguage(language, (), language in questionnaire.withheld, questionnaire.place)
            continue
        pairs = ((before.institutions.get(code), now) for code, now in questionnaire.institutions.items())
        lost = [now for was, now in pairs if was and language in was.languages and language not in now.languages]
        if lost:
            yield WithdrawnLanguage(language, tuple(each.code for each in lost), False, lost[0].place_of("languages"))
