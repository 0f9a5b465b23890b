"""One simulated respondent's way through a questionnaire, from the link to the proof of completion or to dropout."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import exp
from typing import Any

from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.model.questionnaire import Page, Questionnaire, Values
from survey_engine.operations.simulation.answers import Given, Persona, make_persona, simulate_answers
from survey_engine.operations.simulation.browsing import Browser, Line, Reply, RobotError
from survey_engine.operations.simulation.population import draw_language
from survey_engine.operations.simulation.profiles import PROFILES
from survey_engine.operations.simulation.reading import Drawn

PAGES = 400
"""Maximum number of pages; a longer way is a loop."""
_WITH_SCRIPT = 0.95
"""Share of respondents whose browser runs the script (htmx)."""
_WIDTHS = (360, 390, 412, 820, 1280, 1536)
"""Widths of respondents' windows, in pixels."""


_SUMMARY, _TAG = re.compile(r'id="summary">(.*?)</div>', re.DOTALL), re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class RobotEntry:
    """Link and traits of one respondent."""

    path: str
    institution: str
    background: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stop:
    """One visited page."""

    page: str
    seconds: float
    """Time that such a respondent would spend on it; the simulation does not wait."""
    waited: float
    """Response time of the site in seconds."""


@dataclass(slots=True)
class RobotWalk:
    """The result of one respondent, with all answers."""

    number: int
    profile: str
    entry: RobotEntry
    stops: list[Stop] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Page → variable → value as it should be stored."""
    done: set[str] = field(default_factory=set)
    """Pages that were left with Next."""
    languages: list[str] = field(default_factory=list)
    address: str = ""
    receipt: str = ""

    @property
    def completed(self) -> bool:
        return bool(self.receipt)

    @property
    def left_at(self) -> str | None:
        """Page of the dropout, if any."""
        return None if self.completed or not self.stops else self.stops[-1].page


class Walker:
    """Leads one respondent through the questionnaire. Its actions depend only on the seed and on the pages."""

    def __init__(self, questionnaire: Questionnaire, walk: RobotWalk, line: Line, seed: str) -> None:
        self.questionnaire, self.walk = questionnaire, walk
        self.persona: Persona = make_persona(PROFILES[walk.profile], f"{seed}/{walk.number}")
        self.chance = self.persona.make_generator("way")
        offered = questionnaire.institutions[walk.entry.institution].languages
        self.language = draw_language(offered, self.chance)
        spoken = questionnaire.languages[self.language].spoken
        self.browser = Browser(line, spoken, script=self.chance.random() < _WITH_SCRIPT)
        self.times: dict[str, int] = {}
        self.given: dict[str, Given] = {}
        self.measured = [0, 0, 0]
        """Seconds, changes and double taps of the page until this visit."""

    def run(self) -> RobotWalk:
        """
        Raises:
            RobotError: when the site answers with anything but a page of the questionnaire, or leads in a circle.
        """
        reply = self._begin()
        for _ in range(PAGES):
            drawn = reply.drawn
            if drawn.receipt:
                self.walk.receipt = drawn.receipt
                return self.walk
            page, theme = self._find(reply, drawn)
            self.walk.stops.append(Stop(page.code, self._think(page), reply.seconds))
            self.measured = [int(number) for number in (drawn.read_hidden("paradata") or "0 0 0").split()]
            step = self._answer(page, theme, drawn)
            if step is None:
                return self.walk
            reply = step
        raise RobotError(
            f"Robot {self.walk.number} saw {PAGES} pages and no end. Look at: {[s.page for s in self.walk.stops[-5:]]}."
        )

    def _begin(self) -> Reply:
        path = self.walk.entry.path
        self._check(self.browser.get(path), 200)
        width = [("width", str(self.persona.make_generator("width").choice(_WIDTHS)))] if self.browser.script else []
        reply = self.browser.post_plainly(f"{path}?lang={self.language}", [("lang", self.language), *width])
        self._speak(self.language)
        return self._check(reply, 200)

    def _find(self, reply: Reply, drawn: Drawn) -> tuple[Page, str]:
        found = self.questionnaire.placed_pages.get(drawn.slug)
        if found is None:
            raise RobotError(f"{reply.path}: status {reply.status}, '{drawn.heading}', which is no page of the questionnaire.")
        return found[1], found[0].code

    def _answer(self, page: Page, theme: str, drawn: Drawn) -> Reply | None:
        """Answer one page, then continue, go back or leave (None)."""
        profile, times = self.persona.profile, self.times.get(page.code, 0)
        self.times[page.code] = times + 1
        given = simulate_answers(self.persona, page, theme, drawn, times)
        if drawn.find("shown") and page.code in self.given:
            given.keep(self.given[page.code])  # another answer would close the follow-ups, whose answers would not be stored
        self.given[page.code] = given
        writes = any(QUESTION_TYPES[question.type].prose for question in page.questions)
        if self.chance.random() < profile.leave * (2 if writes else 1):
            self._leave(page, drawn, given)
            return None
        if self.chance.random() < profile.back and times == 0:
            return self._send(page, drawn, given, "back")
        if self.chance.random() < profile.restless:
            return self._change_language(page, drawn, given)
        return self._go_on(page, drawn, given)

    def _go_on(self, page: Page, drawn: Drawn, given: Given) -> Reply:
        """Press Next until the site accepts the page: correct invalid input, and skip after a prompt."""
        if given.slips:
            slipped = [(name, given.slips.get(name, value)) for name, value in given.fields]
            reply = self._post(drawn, slipped, "next", 1)
            drawn = self._check(reply, 422).drawn
        reply = self._send(page, drawn, given, "next")
        if reply.status == 422:
            drawn = reply.drawn
            reply = self._send(page, drawn, given, "next")
        if self.chance.random() < self.persona.profile.restless:
            reply = self._send(page, drawn, given, "next")
        return self._check(reply, 200)

    def _send(self, page: Page, drawn: Drawn, given: Given, wish: str) -> Reply:
        reply = self._post(drawn, given.fields, wish, 2)
        self._record(page, given)
        if wish == "next":
            self.walk.done.add(page.code)
            if any(QUESTION_TYPES[question.type].apart for question in page.questions):
                self.walk.address = given.address  # an empty field removes the earlier answer
        return reply

    def _post(self, drawn: Drawn, fields: list[tuple[str, str]], wish: str, steps: int) -> Reply:
        return self.browser.post(drawn.action or "", [*self._hidden(drawn, fields, steps), *_name_fields(fields), ("wish", wish)])

    def _hidden(self, drawn: Drawn, fields: list[tuple[str, str]], steps: int) -> list[tuple[str, str]]:
        """List the hidden fields; a script counts every change, and measures the visit."""
        kept = [("ticket", drawn.read_hidden("ticket") or "")]
        number = int(drawn.read_hidden("number") or 1)
        kept.append(("number", str(number + steps if self.browser.script else number)))
        if self.browser.script:
            seconds, changes, taps = self.measured
            totals = seconds + round(self.walk.stops[-1].seconds), changes + len(fields), taps
            kept.append(("paradata", " ".join(map(str, totals))))
        return kept + [(found.name, found.value) for name in ("prompted", "shown") for found in drawn.find(name)]

    def _leave(self, page: Page, drawn: Drawn, given: Given) -> None:
        """Leave in the middle of a page; the script has saved the first half in the background."""
        if not self.browser.script:
            return
        names = list(dict.fromkeys(name for name, _ in given.fields if "__" not in name))
        half = set(names[: len(names) // 2])
        fields = [(name, value) for name, value in given.fields if name.split("__", maxsplit=1)[0] in half]
        reply = self.browser.post(
            drawn.action or "", [*self._hidden(drawn, fields, 1), *_name_fields(fields), ("wish", "keep")], background=True
        )
        self._check(reply, 204)
        values = {name: value for name, value in given.values.items() if name.split("__", maxsplit=1)[0] in half}
        self._record(page, Given(values, fields, given.seen))

    def _change_language(self, page: Page, drawn: Drawn, given: Given) -> Reply:
        """Continue in another language, with the unsaved answers of this page."""
        language = self.chance.choice(self.questionnaire.institutions[self.walk.entry.institution].languages)
        fields = [*self._hidden(drawn, given.fields, 1), *_name_fields(given.fields), ("language", language)]
        reply = self.browser.post_plainly(drawn.action or "", fields)
        self._record(page, given)
        self._speak(language)
        return self._check(reply, 200)

    def _speak(self, language: str) -> None:
        self.language = language
        self.persona.language = self.questionnaire.languages[language].spoken
        if self.walk.languages[-1:] != [language]:
            self.walk.languages.append(language)

    def _record(self, page: Page, given: Given) -> None:
        """Record the answers to store: answers to hidden questions are kept."""
        kept = {name: value for name, value in self.walk.answers.get(page.code, {}).items() if name not in given.seen}
        self.walk.answers[page.code] = {**kept, **given.values}

    def _think(self, page: Page) -> float:
        spread = exp(0.35 * self.persona.draw_normal("time", page.code, len(self.walk.stops)))
        return round(page.seconds * self.persona.profile.pace * spread, 1)

    def _check(self, reply: Reply, status: int) -> Reply:
        if reply.status != status:
            who = f"Robot {self.walk.number} ({self.walk.profile})"
            raise RobotError(f"{who}: {reply.path} answered {reply.status} and not {status}: {describe_reply(reply)}")
        return reply


def describe_reply(reply: Reply) -> str:
    """Return the heading of a page and its summary of errors; the beginning of the text without a heading."""
    summary = _SUMMARY.search(reply.text)
    text = " ".join(_TAG.sub(" ", summary[1]).split()) if summary else ""
    return ": ".join(filter(None, (reply.drawn.heading, text))) or reply.text[:200]


def _name_fields(given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(FIELD_PREFIX + variable, written) for variable, written in given]
