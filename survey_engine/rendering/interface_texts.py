"""The interface's own texts in one language, and how a fault is said."""

from __future__ import annotations

import gettext
import io
from datetime import date
from pathlib import Path

import structlog
from babel.dates import format_date
from babel.messages.mofile import write_mo
from markupsafe import Markup, escape

from survey_engine.language.interface_catalogues import iter_catalogue_problems, list_catalogues
from survey_engine.language.question_types.question_type import InputError
from survey_engine.language.variants import find_locale, parse_catalogue
from survey_engine.model.messages import Problem


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "to be translated later"
    return message


FAULTS = {
    "number": N_("Enter a whole number from %(low)s to %(high)s."),
    "date": N_("Enter a date from %(earliest)s to %(latest)s, for example %(latest)s."),
    "too_long": N_("The text is too long. Maximum number of characters: %(limit)s. Now: %(count)s."),
    "option": N_("Choose one of the answers below."),
    "unticked": N_("You wrote this beside an answer that you did not choose. Choose that answer, or go on without the text."),
    "consent": N_("Choose Yes if you want to go on. If you do not agree, you can close this page."),
    "address": N_("Enter a full e-mail address, for example name@example.org. Or leave it empty."),
}
"""Fault code → message."""

MODULE_REASON_TEXTS = {
    "council": N_("The student council of your school chose this topic."),
    "institution": N_("Your school chose this topic."),
    "random": N_("You got this topic by chance. Others may get another one."),
}
"""Why a respondent gets a module."""


class InterfaceTextsByLocale(dict[str, "InterfaceTexts"]):
    """Catalogue locale → the interface's texts, read when a page first needs them."""

    def __init__(self, translations: Path) -> None:
        super().__init__()
        self._translations = translations

    def __missing__(self, locale: str) -> InterfaceTexts:
        found = self[locale] = InterfaceTexts(self._translations, locale)
        return found


def _load(path: Path, locale: str, fallback: gettext.NullTranslations) -> gettext.NullTranslations:
    """One catalogue over another; a text that would break a page is left out, and an unreadable catalogue altogether."""
    parsed, log = parse_catalogue(path.read_bytes(), path.name), structlog.get_logger()
    if isinstance(parsed, Problem):
        log.error("interface_catalogue_unreadable", locale=locale, line=parsed.place.line, reason=parsed.wrong)
        return fallback
    catalogue, compiled = parsed.catalogue, io.BytesIO()
    for message, problem in list(iter_catalogue_problems(catalogue, path.name, locale)):
        log.error("interface_text_left_out", locale=locale, line=problem.place.line, reason=problem.wrong)
        catalogue.delete(message.id, message.context)
    catalogue.locale = catalogue.locale or locale  # Babel writes no rule for plurals where no language is named
    write_mo(compiled, catalogue)
    found = gettext.GNUTranslations(io.BytesIO(compiled.getvalue()))
    found.add_fallback(fallback)
    return found


class InterfaceTexts:
    """The interface's texts in one language; a text without translation is in the language it is based on, or in English."""

    def __init__(self, translations: Path, locale: str) -> None:
        self.locale = find_locale(locale)
        self._catalogue = gettext.NullTranslations()
        for path in reversed(list_catalogues(translations, locale)):
            self._catalogue = _load(path, locale, self._catalogue)
        self.onward = (escape(self.say("Next")), escape(self.say("Finish")))
        """What the button says that leads on, as HTML; on the last page the second."""
        self._left: dict[int, Markup] = {}

    def say(self, message: str, **facts: object) -> str:
        """One text; facts are escaped when the result goes into HTML as Markup."""
        text = self._catalogue.gettext(message)
        return text % facts if facts else text

    def count(self, one: str, many: str, number: int) -> str:
        return self._catalogue.ngettext(one, many, number) % {"number": number}

    def fault(self, fault: InputError) -> Markup:
        """What is wrong with an input, as HTML."""
        facts = dict(fault.facts)
        for name in ("earliest", "latest"):
            if name in facts:
                facts[name] = self.date(date.fromisoformat(facts[name]))
        return escape(self.say(FAULTS[fault.message], **facts) if facts else self.say(FAULTS[fault.message]))

    def reason(self, reason: str) -> str:
        return self.say(MODULE_REASON_TEXTS[reason])

    def long_date(self, day: date) -> str:
        """With the month in words."""
        return format_date(day, "long", locale=self.locale)

    def date(self, day: date) -> str:
        return format_date(day, "d-M-y", locale=self.locale)

    def minutes_left(self, seconds: int) -> Markup:
        """Remaining time in words, as HTML."""
        minutes = round(seconds / 60)
        if minutes not in self._left:
            self._left[minutes] = escape(self._say_left(minutes))
        return self._left[minutes]

    def _say_left(self, minutes: int) -> str:
        """CLDR has no units for every locale (Papiamentu lacks them), so these are our own messages."""
        if minutes < 1:
            return self.say(N_("Less than a minute to go"))
        return self.count("About %(number)s minute to go", "About %(number)s minutes to go", minutes)
