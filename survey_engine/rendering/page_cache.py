"""Caches prepared pages of questionnaires per language and institution, for the site and the author's preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from typing import Any

from jinja2 import Environment

from survey_engine.engine.follow_ups import list_page_variables
from survey_engine.model.questionnaire import Institution, Language, Questionnaire
from survey_engine.rendering.assets import Assets
from survey_engine.rendering.interface_texts import InterfaceTexts
from survey_engine.rendering.page_plan import Wording, plan_page
from survey_engine.rendering.page_template import PageTemplate, Slots


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """One page for one language and institution, ready to be filled with a respondent's state."""

    template: PageTemplate
    title: str
    title_tag: bytes
    """The window title for htmx, with the name of the institution."""
    labels: Mapping[str, Mapping[Any, str]]


def make_address(questionnaire: Questionnaire, slug: str) -> str:
    """Return the address of a page."""
    return f"/a/{questionnaire.code}/{slug}"


@dataclass(slots=True, kw_only=True)
class PageCache:
    """Caches prepared pages and the layouts around them."""

    templates: Environment
    interface: Mapping[str, InterfaceTexts]
    """Catalogue locale → texts of the interface."""
    assets: Assets
    new_slots: type[Slots] = Slots
    _pages: dict[tuple[str, ...], PreparedPage] = field(default_factory=dict)
    _page_templates: dict[tuple[object, ...], PageTemplate] = field(default_factory=dict)
    """Digest of the HTML and of the `id` of each condition in it → template, because most pages are equal at all institutions.
    A template keeps its conditions alive, so that their `id` is not reused.
    """
    _layouts: dict[tuple[str, ...], PageTemplate] = field(default_factory=dict)

    def find_texts(self, language: Language) -> InterfaceTexts:
        return self.interface[language.locale]

    def page(self, questionnaire: Questionnaire, slug: str, language: str, institution: str) -> PreparedPage:
        """Return one page, prepared at first use."""
        key = (questionnaire.code, questionnaire.version, slug, language, institution)
        found = self._pages.get(key)
        if found is None:
            found = self._pages[key] = self._prepare(questionnaire, slug, language, institution)
        return found

    def _prepare(self, questionnaire: Questionnaire, slug: str, language: str, institution: str) -> PreparedPage:
        variant = questionnaire.languages[language]
        owner = questionnaire.institutions[institution]
        wording = Wording(questionnaire, variant, owner)
        section, page = questionnaire.placed_pages[slug]
        plan = plan_page(questionnaire, page, section.title, wording)
        slots = self.new_slots(list_page_variables(page))
        html = self.templates.get_template("respondent/page.html").render(
            page=plan,
            slot=slots,
            action=make_address(questionnaire, slug),
            _=self.find_texts(variant).translate,
            language=variant,
            languages=self.offered(questionnaire, institution),
        )
        title = wording.line(page.title or section.title or questionnaire.title)
        tag = f"<title>{escape(title)} – {escape(owner.name)}</title>"
        alike = (sha256(html.encode()).digest(), *map(id, slots.conditions))
        if alike not in self._page_templates:
            self._page_templates[alike] = PageTemplate(html, slots)
        return PreparedPage(self._page_templates[alike], title, tag.encode(), plan.labels)

    @property
    def answers_script(self) -> str:
        """The element that loads answers.js in a document with questions. Fragments do not need it: page.js loads the script for them."""
        return f'<script src="{self.assets.url("answers.js")}" defer></script>'

    def layout(self, questionnaire: Questionnaire | None, language: Language, institution: Institution | None) -> PageTemplate:
        """Return the layout of a page (head, header, footer) with the slots `title`, `main` and `head`."""
        key = (
            questionnaire.code if questionnaire else "",
            questionnaire.version if questionnaire else "",
            language.code,
            language.locale,
            institution.code if institution else "",
        )
        found = self._layouts.get(key)
        if found is None:
            wording = Wording(questionnaire, language, institution) if questionnaire else None
            html = self.templates.get_template("respondent/layout.html").render(
                slot=Slots(),
                _=self.find_texts(language).translate,
                language=language,
                institution=institution,
                heading=wording.line(questionnaire.title) if wording and questionnaire else "",
                assets=self.assets,
            )
            found = self._layouts[key] = PageTemplate(html, Slots())
        return found

    @staticmethod
    def offered(questionnaire: Questionnaire, institution: str) -> list[Language]:
        """List the language variants of an institution in the questionnaire's order."""
        codes = questionnaire.institutions[institution].languages
        return [language for code, language in questionnaire.languages.items() if code in codes]
