"""What every page of the site needs, built once by the app factory: questionnaires, stores, signatures, templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import current_app, request

from survey_engine.engine.decisions import Response
from survey_engine.fieldwork.participation import Participation
from survey_engine.fieldwork.signing import DeviceCookie, Signatures
from survey_engine.language.variants import LANGUAGE_NAMES
from survey_engine.model.questionnaire import Institution, Language, Questionnaire, Theme
from survey_engine.rendering.assets import write_policy
from survey_engine.rendering.page_cache import PageCache
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.telemetry.monitoring import Metrics
from survey_engine.web.respondent.rate_limits import Limits, UsedTurns

COOKIE = "survey_"
"""A device remembers each questionnaire's response in a cookie of its own: this plus the questionnaire's code."""


@dataclass(slots=True, kw_only=True)
class Site(PageCache):
    settings: Settings
    participation: Participation
    signatures: Signatures
    metrics: Metrics | None = None
    limits: Limits = field(default_factory=Limits)
    turns: UsedTurns = field(default_factory=UsedTurns)
    _policies: dict[tuple[Theme, tuple[str, ...]] | None, str] = field(default_factory=dict)
    """By what they depend on: an institution may look otherwise in another questionnaire or version."""

    @property
    def questionnaires(self) -> Mapping[str, Questionnaire]:
        """What new respondents get, by code."""
        return self.participation.registry.current

    @property
    def answers(self) -> Database:
        return self.participation.answers

    @property
    def identity(self) -> Database:
        return self.participation.identity

    def policy(self, institution: Institution | None) -> str:
        """The Content-Security-Policy of an institution's pages."""
        key = (institution.theme, institution.embed) if institution else None
        if key not in self._policies:
            self._policies[key] = write_policy(institution)
        return self._policies[key]

    def read_cookie(self, questionnaire: Questionnaire) -> DeviceCookie | None:
        """Which response this device may resume."""
        signed = request.cookies.get(COOKIE + questionnaire.code)
        return self.signatures.read_cookie(questionnaire.code, signed) if signed else None

    def resumes(self, questionnaire: Questionnaire, response: Response) -> bool:
        """Whether it is this response that the device may resume."""
        visit = self.read_cookie(questionnaire)
        return visit is not None and visit.response == response.id

    @property
    def plain_languages(self) -> dict[str, Language]:
        """The interface's own languages, for pages that belong to no questionnaire."""
        return {code: Language(code, name, code, code) for code, name in LANGUAGE_NAMES.items()}


def current_site() -> Site:
    site: Site = current_app.extensions["survey_engine"]
    return site
