"""What every page of the site needs, built once by the app factory: questionnaires, stores, signatures, templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from time import monotonic

from flask import current_app, request

from survey_engine.engine.decisions import Response
from survey_engine.engine.routing import list_consulted
from survey_engine.fieldwork.response_cache import Recent
from survey_engine.fieldwork.signing import Signatures, Visit
from survey_engine.language.variants import LANGUAGE_NAMES
from survey_engine.model.questionnaire import Institution, Language, Questionnaire, Theme
from survey_engine.rendering.assets import write_policy
from survey_engine.rendering.page_cache import Shelf
from survey_engine.settings import Settings
from survey_engine.storage.database import Database, read_today
from survey_engine.telemetry.monitoring import Metrics
from survey_engine.web.respondent.rate_limits import Limits

COOKIE = "survey_"
"""A device remembers each questionnaire's response in a cookie of its own: this plus the questionnaire's code."""

DAY_SECONDS = 60
"""How long the day that the database told is believed; so late may a questionnaire open or close."""


@dataclass(slots=True, kw_only=True)
class Site(Shelf):
    settings: Settings
    questionnaires: Mapping[str, Questionnaire]
    """What new respondents get, by code."""
    versions: Mapping[tuple[str, str], Questionnaire] = field(default_factory=dict)
    """Code and version → what was published."""
    answers: Database
    identity: Database
    signatures: Signatures
    metrics: Metrics | None = None
    limits: Limits = field(default_factory=Limits)
    recent: Recent = field(default_factory=Recent)
    _policies: dict[tuple[Theme, tuple[str, ...]] | None, str] = field(default_factory=dict)
    """By what they depend on: an institution may look otherwise in another questionnaire or version."""
    _needed: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    _today: tuple[date, float] | None = None
    """The day, and when it was read."""

    def version_of(self, response: Response) -> Questionnaire:
        """The questionnaire as it was when the response began; the current one if that version was not published."""
        code = response.questionnaire
        return self.versions.get((code, response.version)) or self.questionnaires[code]

    def all_versions(self) -> list[Questionnaire]:
        """What new respondents get, and everything else that was published."""
        return [*self.questionnaires.values(), *self.versions.values()]

    def list_needed(self, code: str, slug: str) -> frozenset[str]:
        """The pages of a response that a submitted page cannot do without, whichever version the response began with.

        Args: slug: of a real page, since what is found is kept.
        """
        if (code, slug) not in self._needed:
            versions = [version for version in self.all_versions() if version.code == code]
            here = {version.placed_pages[slug][1].code for version in versions if slug in version.placed_pages}
            self._needed[code, slug] = frozenset(here.union(*map(list_consulted, versions)))
        return self._needed[code, slug]

    def policy(self, institution: Institution | None) -> str:
        """The Content-Security-Policy of an institution's pages."""
        key = (institution.theme, institution.embed) if institution else None
        if key not in self._policies:
            self._policies[key] = write_policy(institution)
        return self._policies[key]

    def read_visit(self, questionnaire: Questionnaire) -> Visit | None:
        """Which response this device may resume."""
        signed = request.cookies.get(COOKIE + questionnaire.code)
        return self.signatures.read_visit(questionnaire.code, signed) if signed else None

    @property
    def plain_languages(self) -> dict[str, Language]:
        """The interface's own languages, for pages that belong to no questionnaire."""
        return {code: Language(code, name, code, code) for code, name in LANGUAGE_NAMES.items()}

    def today(self) -> date:
        """The day by the database's clock, asked anew every `DAY_SECONDS`."""
        if self._today is None or monotonic() - self._today[1] > DAY_SECONDS:
            self._today = read_today(self.answers), monotonic()
        return self._today[0]


def current_site() -> Site:
    site: Site = current_app.extensions["survey_engine"]
    return site
