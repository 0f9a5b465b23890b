"""The questionnaires in service: what new respondents get, and every version that somebody may have begun with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from survey_engine.engine.decisions import Response
from survey_engine.engine.routing import list_consulted
from survey_engine.model.questionnaire import Questionnaire


@dataclass(slots=True)
class Registry:
    current: Mapping[str, Questionnaire]
    """What new respondents get, by code."""
    versions: Mapping[tuple[str, str], Questionnaire] = field(default_factory=dict)
    """Code and version → what was published."""
    _needed: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def version_of(self, response: Response) -> Questionnaire:
        """The questionnaire as it was when the response began; the current one if that version was not published."""
        code = response.questionnaire
        return self.versions.get((code, response.version)) or self.current[code]

    def list_all(self) -> list[Questionnaire]:
        """What new respondents get, and everything else that was published."""
        return [*self.current.values(), *self.versions.values()]

    def list_needed(self, code: str, slug: str) -> frozenset[str]:
        """The pages of a response that a posted page cannot do without, whichever version the response began with.

        Args: slug: of a real page, since what is found is kept.
        """
        if (code, slug) not in self._needed:
            versions = [version for version in self.list_all() if version.code == code]
            here = {version.placed_pages[slug][1].code for version in versions if slug in version.placed_pages}
            self._needed[code, slug] = frozenset(here.union(*map(list_consulted, versions)))
        return self._needed[code, slug]
