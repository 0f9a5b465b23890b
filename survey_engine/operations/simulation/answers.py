"""A simulated respondent's answer to one question: plausible for its attitude, and among the offered values."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from hashlib import blake2b
from math import sqrt
from random import Random
from statistics import NormalDist
from typing import Any

from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.mark_scale import HIGHEST, LOWEST
from survey_engine.model.questionnaire import NAMELY, Item, Page, Question, ResponseOption
from survey_engine.operations.simulation.browsing import RobotError
from survey_engine.operations.simulation.profiles import Profile
from survey_engine.operations.simulation.reading import Drawn
from survey_engine.operations.simulation.words import make_words

_NORMAL = NormalDist()
_POINT_LIMITS = (0.0, 0.06, 0.16, 0.31, 0.83, 1.0)
"""Cumulative shares of the fifths of a scale from negative to positive. Of five points, the mean is 3.6; 69 % choose 4 or 5."""
_ATTITUDE_VARIANCE = 0.5**2 + 0.85**2
"""Variance of attitudes."""
_YES_SHARE = 0.25
"""Share of yes among the answers to a yes-or-no question."""
_MEAN_MARK, _SPREAD_MARK = 6.8, 1.3
_CHOSEN_SHARE = 0.35
"""Share of the options that a respondent selects in a multiple-choice question."""
_OUTSIDE_SHARE = 0.05
"""Share of answers "does not apply"."""
_SIGN_UP = 0.1


@dataclass(slots=True)
class Given:
    """Answers to a page: the values to store, and the fields to fill in."""

    values: dict[str, Any] = field(default_factory=dict)
    fields: list[tuple[str, str]] = field(default_factory=list)
    """Variable and the text or option entered."""
    seen: set[str] = field(default_factory=set)
    """All variables that the page lets the respondent answer."""
    slips: dict[str, str] = field(default_factory=dict)
    """Field → invalid input that is entered before the valid one."""
    address: str = ""

    def keep(self, before: Given) -> None:
        """Keep the earlier answers of the page unchanged."""
        self.fields = [*before.fields, *(entry for entry in self.fields if entry[0] not in before.seen)]
        self.values = {**{name: value for name, value in self.values.items() if name not in before.seen}, **before.values}
        self.slips = {name: text for name, text in self.slips.items() if name not in before.seen}

    def give(self, name: str, value: Any, sent: object | None = None) -> None:
        self.values[name] = value
        self.fields.append((name, str(value if sent is None else sent)))


@dataclass(slots=True)
class Persona:
    """The consistent traits of one simulated respondent."""

    profile: Profile
    seed: str
    point: float
    """Position of all answers of a straightliner on a scale, from 0 to 1."""
    general: float
    language: str = "nl"
    _attitudes: dict[str, float] = field(default_factory=dict)

    def make_generator(self, *about: object) -> Random:
        """Create a random generator that depends on the respondent and the subject only, not on earlier draws."""
        return Random("/".join(map(str, (self.seed, *about))))  # noqa: S311 - nobody's secret

    def draw_normal(self, *about: object) -> float:
        """Draw one standard normal number, ten times as fast as with `make_generator`."""
        digest = blake2b("/".join(map(str, (self.seed, *about))).encode(), digest_size=6).digest()
        return _NORMAL.inv_cdf((int.from_bytes(digest) + 0.5) / 2**48)

    def find_attitude(self, theme: str) -> float:
        """Return the attitude to a theme: a draw around the general attitude."""
        if theme not in self._attitudes:
            self._attitudes[theme] = 0.5 * self.general + 0.85 * self.draw_normal("mood", theme)
        return self._attitudes[theme]


def make_persona(profile: Profile, seed: str) -> Persona:
    chance = Random(f"{seed}/mind")  # noqa: S311 - nobody's secret
    return Persona(profile, seed, chance.random(), chance.gauss(0, 1))


def simulate_answers(persona: Persona, page: Page, theme: str, drawn: Drawn, times: int = 0) -> Given:
    """Answer the visible questions of a page. `times` counts earlier answers, so that an answer may change.

    Raises:
        RobotError: if no simulated respondent can answer a type of question.
    """
    given = Given()
    for question in page.questions:
        if QUESTION_TYPES[question.type].asks:
            if question.type not in ANSWERS:
                raise RobotError(f"No robot can answer a question of type '{question.type}': ANSWERS has no line for it.")
            ANSWERS[question.type](
                _Asked(persona, question, persona.find_attitude(theme), persona.make_generator(question.code, times), drawn),
                given,
            )
    return given


@dataclass(frozen=True, slots=True)
class _Asked:
    persona: Persona
    question: Question
    attitude: float
    chance: Random
    drawn: Drawn

    def skips(self) -> bool:
        return self.chance.random() < self.persona.profile.skip

    def draw_attitude(self) -> float:
        """Draw the attitude of one answer, with noise."""
        return self.attitude + self.chance.gauss(0, self.persona.profile.noise)


def _shown_options(asked: _Asked, name: str) -> Sequence[ResponseOption]:
    """List the selectable options of a variable."""
    return _find_options(asked.question, frozenset(asked.drawn.list_offered(name)))


@lru_cache(maxsize=10_000)
def _find_options(question: Question, offered: frozenset[str]) -> tuple[ResponseOption, ...]:
    """Return the options with these values. An option that several institutions list under one code counts once, in its first place."""
    found: dict[object, ResponseOption] = {}
    for option in question.options:
        if str(option.code) in offered:
            found.setdefault(option.code, option)
    return tuple(found.values())


def _answer_items(asked: _Asked, given: Given) -> None:
    """Choose an option for each visible item. An item that several institutions list has one code."""
    for item in {item.code: item for item in asked.question.items}.values():
        options = _shown_options(asked, item.code)
        if options:
            given.seen |= {item.code, asked.question.code + NAMELY}
            if not asked.skips():
                chosen = _choose(asked, item, options)
                given.give(item.code, chosen.code)
                _write_namely(asked, [chosen], given)


def _choose(asked: _Asked, item: Item, options: Sequence[ResponseOption]) -> ResponseOption:
    scale = [option for option in options if not option.outside_scale]
    outside = [option for option in options if option.outside_scale]
    if outside and asked.chance.random() < _OUTSIDE_SHARE:
        return asked.chance.choice(outside)
    if asked.persona.profile.straight:
        return scale[find_point(asked.persona.point, len(scale))]
    if [option.code for option in scale] in (["yes", "no"], ["no", "yes"]):
        wanted = "yes" if asked.chance.random() < _YES_SHARE else "no"
        return next(option for option in scale if option.code == wanted)
    if not all(isinstance(option.code, int) for option in scale):
        return asked.chance.choice(scale)
    attitude = asked.draw_attitude() / sqrt(_ATTITUDE_VARIANCE + asked.persona.profile.noise**2)
    return scale[find_point(_NORMAL.cdf(-attitude if item.about.reverse else attitude), len(scale))]


def find_point(rank: float, points: int) -> int:
    """Return the point of a scale, from 0, that a respondent chooses who is more content than this share of all respondents.

    >>> [find_point(rank, 5) for rank in (0.01, 0.1, 0.3, 0.5, 0.9)], find_point(1.0, 3)
    ([0, 1, 2, 3, 4], 2)
    """
    fifth = min(bisect(_POINT_LIMITS, rank), len(_POINT_LIMITS) - 1)
    low, high = _POINT_LIMITS[fifth - 1], _POINT_LIMITS[fifth]
    place = (fifth - 1 + (rank - low) / (high - low)) / (len(_POINT_LIMITS) - 1)
    return min(int(place * points + 1e-9), points - 1)


def _answer_consent(asked: _Asked, given: Given) -> None:
    for item in asked.question.items:
        if asked.drawn.has(item.code):
            given.seen |= {item.code, f"{item.code}__version"}
            agrees = item.required or asked.chance.random() < 0.8
            given.give(item.code, "yes" if agrees else "no")
            given.values[f"{item.code}__version"] = asked.question.version


def _answer_multiple(asked: _Asked, given: Given) -> None:
    code, options = asked.question.code, _shown_options(asked, asked.question.code)
    if not options:
        return
    given.seen |= {code, code + NAMELY}
    ticked = [option for option in options if not option.exclusive and asked.chance.random() < _CHOSEN_SHARE]
    alone = [option for option in options if option.exclusive]
    ticked = _fit_number(asked, [option for option in options if not option.exclusive], ticked)
    chosen = ticked or ([asked.chance.choice(alone)] if alone else [])
    if chosen and not asked.skips():
        given.values[code] = [option.code for option in chosen]
        given.fields += [(code, str(option.code)) for option in chosen]
        _write_namely(asked, chosen, given)


def _fit_number(asked: _Asked, options: list[ResponseOption], ticked: list[ResponseOption]) -> list[ResponseOption]:
    """Add or remove options until their number fits the question; return no options if no number fits."""
    least, most = asked.question.at_least, asked.question.at_most or len(options)
    if len(ticked) > most:
        ticked = asked.chance.sample(ticked, most)
    elif 0 < len(ticked) < least <= len(options):
        ticked += asked.chance.sample([option for option in options if option not in ticked], least - len(ticked))
    return [option for option in options if option in ticked] if len(ticked) >= least else []


def _write_namely(asked: _Asked, chosen: Sequence[ResponseOption], given: Given) -> None:
    name = asked.question.code + NAMELY
    given.seen.add(name)
    if any(option.namely for option in chosen) and asked.drawn.has(name) and asked.chance.random() < 0.7:
        text = make_words(asked.chance, asked.persona.language, 60).strip()
        if text:
            given.give(name, text)


def _answer_mark(asked: _Asked, given: Given) -> None:
    code, low, high = asked.question.code, asked.question.low or 0, asked.question.high or 0
    if not asked.drawn.has(code):
        return
    given.seen.add(code)
    if not asked.skips():
        outside = [option.code for option in asked.question.options if option.outside_scale]
        if outside and asked.chance.random() < _OUTSIDE_SHARE:
            given.give(code, asked.chance.choice(outside))
            return
        steps = (high - low) / (HIGHEST - LOWEST)
        usual = low + (_MEAN_MARK + _SPREAD_MARK * asked.draw_attitude() - LOWEST) * steps
        mark = low + asked.persona.point * (high - low) if asked.persona.profile.straight else usual
        given.give(code, min(high, max(low, round(mark))))


def _answer_number(asked: _Asked, given: Given) -> None:
    code, low, high = asked.question.code, asked.question.low or 0, asked.question.high or 0
    if not asked.drawn.has(code):
        return
    given.seen.add(code)
    if not asked.skips():
        given.give(code, low + round((high - low) * asked.chance.betavariate(1.5, 4)))
        _slip(asked, given, str(high + 1))


def _answer_date(asked: _Asked, given: Given) -> None:
    code, question = asked.question.code, asked.question
    if not asked.drawn.has(code):
        return
    given.seen.add(code)
    if not asked.skips():
        first, last = date.fromisoformat(question.earliest or "2000-01-01"), date.fromisoformat(question.latest or "2026-12-31")
        given.give(code, (first + timedelta(days=asked.chance.randint(0, (last - first).days))).isoformat())
        _slip(asked, given, "31-02-2024")


def _slip(asked: _Asked, given: Given, wrong: str) -> None:
    if asked.chance.random() < asked.persona.profile.slip:
        given.slips[asked.question.code] = wrong


def _answer_open(asked: _Asked, given: Given) -> None:
    code, profile = asked.question.code, asked.persona.profile
    if not asked.drawn.has(code):
        return
    given.seen.add(code)
    if asked.chance.random() < profile.write:
        odd = asked.chance.random() < 5 * profile.restless
        written = make_words(asked.chance, asked.persona.language, asked.question.max_length, odd=odd)
        if written.strip():
            given.give(code, written.strip(), written.replace("\n", "\r\n"))


def _answer_panel(asked: _Asked, given: Given) -> None:
    code = asked.question.code
    if asked.drawn.has(code) and asked.chance.random() < _SIGN_UP:
        given.address = f"robot{asked.chance.getrandbits(40):x}@example.org"
        given.fields.append((code, given.address))


ANSWERS: dict[str, Callable[[_Asked, Given], None]] = {
    "choice": _answer_items,
    "yes_no": _answer_items,
    "grid": _answer_items,
    "consent": _answer_consent,
    "multiple": _answer_multiple,
    "mark": _answer_mark,
    "number": _answer_number,
    "date": _answer_date,
    "open": _answer_open,
    "panel": _answer_panel,
}
"""Question type → function that answers it, for every type with an answer."""
