"""Interface texts in one language, with messages on invalid input."""

from __future__ import annotations

import gettext
import io
from datetime import date, datetime
from pathlib import Path

import structlog
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from markupsafe import Markup, escape

from survey_engine.language.interface_catalogues import iter_catalogue_problems, list_catalogues
from survey_engine.language.question_types.question_type import InputError
from survey_engine.language.variants import find_locale, parse_catalogue
from survey_engine.model.messages import Problem
from survey_engine.model.text_direction import is_right_to_left


def N_(message: str) -> str:  # noqa: N802 - gettext's name for marking a message
    return message


INPUT_ERRORS = {
    "number": N_("Enter a whole number from %(low)s to %(high)s."),
    "date": N_("Enter a date from %(earliest)s to %(latest)s, for example %(earliest)s."),
    "year": N_("Write the year with four digits, for example %(earliest)s."),
    "too_long": N_("The text is too long. Maximum number of characters: %(limit)s. Now: %(count)s."),
    "option": N_("Choose one of the answers below."),
    "too_many": N_("Choose at most %(most)s."),
    "too_few": N_("Choose at least %(least)s, or none."),
    "exclusive": N_("One of the answers that you chose does not go with others. Choose that one only, or the others."),
    "unticked": N_("You wrote this beside an answer that you did not choose. Choose that answer, or go on without the text."),
    "consent": N_("Choose Yes if you want to go on. If you do not agree, you can close this page."),
    "address": N_("Enter a full e-mail address, for example name@example.org. Or leave it empty."),
}
"""Code of an input error → message."""

_MODULE_REASON_TEXTS = {
    "council": N_("The student council of your school chose this topic."),
    "institution": N_("Your school chose this topic."),
    "random": N_("You got this topic by chance. Others may get another one."),
}
"""Reason of an assignment → explanation for the respondent."""


class InterfaceTextsByLocale(dict[str, "InterfaceTexts"]):
    """Catalogue locale → interface texts, read at first use."""

    def __init__(self, translations: Path) -> None:
        super().__init__()
        self._translations = translations

    def __missing__(self, locale: str) -> InterfaceTexts:
        found = self[locale] = InterfaceTexts(self._translations, locale)
        return found


def _load(path: Path, locale: str, fallback: gettext.NullTranslations) -> gettext.NullTranslations:
    """Load a catalogue with a fallback. Texts that would break a page are skipped and logged, and so are unreadable catalogues."""
    parsed, log = parse_catalogue(path.read_bytes(), path.name), structlog.get_logger()
    if isinstance(parsed, Problem):
        log.error("interface_catalogue_unreadable", locale=locale, line=parsed.place.line, reason=parsed.wrong)
        return fallback
    catalogue, compiled = parsed.catalogue, io.BytesIO()
    for message, problem in list(iter_catalogue_problems(catalogue, path.name, locale)):
        log.error("interface_text_left_out", locale=locale, line=problem.place.line, reason=problem.wrong)
        catalogue.delete(message.id, message.context)
    catalogue.locale = catalogue.locale or locale  # Babel writes no plural rule without a locale
    write_mo(compiled, catalogue)
    found = gettext.GNUTranslations(io.BytesIO(compiled.getvalue()))
    found.add_fallback(fallback)
    return found


class InterfaceTexts:
    """Interface texts in one language. An untranslated text is shown in the base language, or else in English."""

    def __init__(self, translations: Path, locale: str) -> None:
        self.locale = find_locale(locale)
        self._is_right_to_left = is_right_to_left(locale)
        self._catalogue = gettext.NullTranslations()
        for path in reversed(list_catalogues(translations, locale)):
            self._catalogue = _load(path, locale, self._catalogue)
        self.next_labels = (escape(self.translate("Next")), escape(self.translate("Finish")))
        """Labels of the button to the next page, as HTML: on most pages, and on the last page."""
        self._left: dict[int, Markup] = {}
        self._parts: dict[tuple[int, int], Markup] = {}

    def translate(self, message: str, **facts: object) -> str:
        """Translate a text and fill in facts. The result is escaped later, when it becomes Markup."""
        text = self._catalogue.gettext(message)
        return text % facts if facts else text

    def translate_plural(self, one: str, many: str, number: int) -> str:
        return self._catalogue.ngettext(one, many, number) % {"number": number}

    def describe_error(self, error: InputError) -> Markup:
        """Return the message on an invalid input as HTML."""
        facts = dict(error.facts)
        for name in ("earliest", "latest"):
            if name in facts:
                facts[name] = self.date(date.fromisoformat(facts[name]))
        return escape(self.translate(INPUT_ERRORS[error.message], **facts))

    def reason(self, reason: str) -> str:
        return self.translate(_MODULE_REASON_TEXTS[reason])

    def long_date(self, day: date) -> str:
        """Format a date with the month in words."""
        return format_date(day, "long", locale=self.locale)

    def clock_time(self, moment: datetime) -> str:
        """Format hours and minutes."""
        return format_time(moment, "short", locale=self.locale)

    def date(self, day: date) -> str:
        """Format a date in numbers. Lines do not break at its hyphens, and its order does not change within right-to-left text."""
        written = format_date(day, "d\u2011M\u2011y", locale=self.locale)
        return f"\u2066{written}\u2069" if self._is_right_to_left else written

    def minutes_left(self, seconds: int) -> Markup:
        """Return the remaining time in words, as HTML."""
        minutes = round(seconds / 60)
        if minutes not in self._left:
            self._left[minutes] = escape(self._describe_time_left(minutes))
        return self._left[minutes]

    def describe_part(self, part: int, parts: int) -> Markup:
        """Return "Part 3 of 9" as HTML; "Part 3" if `parts` is 0."""
        if (part, parts) not in self._parts:
            text = self.translate(N_("Part %(part)s of %(parts)s") if parts else N_("Part %(part)s"), part=part, parts=parts)
            self._parts[part, parts] = escape(text)
        return self._parts[part, parts]

    def _describe_time_left(self, minutes: int) -> str:
        """Return the remaining time in words. Units come from our catalogue, because CLDR has none for some locales (Papiamentu)."""
        if minutes < 1:
            return self.translate(N_("Less than a minute to go"))
        return self.translate_plural("About %(number)s minute to go", "About %(number)s minutes to go", minutes)
