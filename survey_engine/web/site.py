"""What every page of the site needs, built once by the app factory: questionnaires, stores, signatures, templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from typing import Any

from flask import current_app, request
from jinja2 import Environment

from survey_engine.languages import LANGUAGE_NAMES
from survey_engine.links import Signatures, Visit
from survey_engine.model import Institution, Language, Questionnaire
from survey_engine.monitoring import Metrics
from survey_engine.pages import Wording, plan_page
from survey_engine.settings import Settings
from survey_engine.storage.database import Database, read_today
from survey_engine.web.assets import Assets, write_policy
from survey_engine.web.interface import Interface
from survey_engine.web.skeletons import Skeleton, Slots

COOKIE = "survey_"
"""A device remembers each questionnaire's response in a cookie of its own: this plus the questionnaire's code."""

DAY_SECONDS = 60
"""How long the day that the database told is believed; so late may a questionnaire open or close."""


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """One page for one language and institution, ready to be filled in."""

    skeleton: Skeleton
    title: str
    labels: Mapping[str, Mapping[Any, str]]


@dataclass(slots=True)
class Site:
    settings: Settings
    questionnaires: Mapping[str, Questionnaire]
    answers: Database
    identity: Database
    signatures: Signatures
    templates: Environment
    interface: Mapping[str, Interface]
    """Catalogue locale → the interface's texts."""
    assets: Assets
    metrics: Metrics | None = None
    _pages: dict[tuple[str, ...], PreparedPage] = field(default_factory=dict)
    _layouts: dict[tuple[str, ...], Skeleton] = field(default_factory=dict)
    _policies: dict[str, str] = field(default_factory=dict)
    _today: tuple[date, float] | None = None
    """The day, and when it was read."""

    def speak(self, language: Language) -> Interface:
        return self.interface[language.locale]

    def page(self, questionnaire: Questionnaire, slug: str, language: str, institution: str) -> PreparedPage:
        """One page, prepared the first time that it is asked for."""
        key = (questionnaire.code, slug, language, institution)
        found = self._pages.get(key)
        if found is None:
            found = self._pages[key] = self._prepare(questionnaire, slug, language, institution)
        return found

    def _prepare(self, questionnaire: Questionnaire, slug: str, language: str, institution: str) -> PreparedPage:
        variant = questionnaire.languages[language]
        wording = Wording(questionnaire, variant, questionnaire.institutions[institution])
        section, page = questionnaire.placed_pages[slug]
        plan = plan_page(questionnaire, page, section.title, wording)
        slots = Slots()
        html = self.templates.get_template("page.html").render(
            page=plan,
            slot=slots,
            action=f"/answer/{questionnaire.code}/{slug}",
            _=self.speak(variant).say,
            language=variant,
            languages=self.offered(questionnaire, institution),
        )
        return PreparedPage(
            Skeleton(html, slots.conditions), wording.line(page.title or section.title or questionnaire.title), plan.labels
        )

    def layout(self, questionnaire: Questionnaire | None, language: Language, institution: Institution | None) -> Skeleton:
        """What stands around a page: head, header, footer; its slots are `title`, `main` and `head`."""
        key = (
            questionnaire.code if questionnaire else "",
            language.code,
            language.locale,
            institution.code if institution else "",
        )
        found = self._layouts.get(key)
        if found is None:
            wording = Wording(questionnaire, language, institution) if questionnaire else None
            html = self.templates.get_template("layout.html").render(
                slot=Slots(),
                _=self.speak(language).say,
                language=language,
                institution=institution,
                heading=wording.line(questionnaire.title) if wording and questionnaire else "",
                assets=self.assets,
            )
            found = self._layouts[key] = Skeleton(html, [])
        return found

    def policy(self, institution: Institution | None) -> str:
        """The Content-Security-Policy of an institution's pages."""
        code = institution.code if institution else ""
        if code not in self._policies:
            self._policies[code] = write_policy(institution)
        return self._policies[code]

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

    @staticmethod
    def offered(questionnaire: Questionnaire, institution: str) -> list[Language]:
        """The language variants that an institution offers, in the questionnaire's order."""
        codes = questionnaire.institutions[institution].languages
        return [language for code, language in questionnaire.languages.items() if code in codes]


def current_site() -> Site:
    site: Site = current_app.extensions["survey_engine"]
    return site
