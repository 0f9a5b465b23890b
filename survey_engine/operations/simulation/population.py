"""The population of simulated respondents: background, language and dates as in a national student survey.

No source gives the shares of learning path, level, LLO, year and language. All numbers here are assumptions, to be replaced
by those of a fieldwork.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from survey_engine.model.questionnaire import Institution, Questionnaire, Values, Variable
from survey_engine.operations.simulation.words import choose_programme, make_words

_SHARES: Mapping[str, Mapping[str | int, float]] = {
    "path": {"bol": 0.74, "bbl": 0.26},
    "level": {1: 0.03, 2: 0.18, 3: 0.22, 4: 0.57},
    "llo": {"yes": 0.08, "no": 0.92},
    "year": {1: 0.38, 2: 0.31, 3: 0.22, 4: 0.09},
}
"""Background variable → value → assumed share. The values of other variables are equally frequent."""
_FIRST_LANGUAGE = 0.9
"""Assumed share of the first language of an institution; other languages share the rest equally."""
_LESSONS = (0.08, 0.16, 0.18, 0.14, 0.08, 0.16, 0.13, 0.07)
"""Assumed shares of eight lessons from 8:30 in which classes answer, as in the load figures."""
_LESSON, _FIRST_LESSON = timedelta(minutes=50), time(8, 30)
_MINUTES, SPREAD = 14, 0.45
"""Median and logarithmic spread of the duration of a response."""


def make_generator(*about: object) -> Random:
    """Create a random generator that depends on the subject only."""
    return Random("/".join(map(str, about)))  # noqa: S311 - nobody's secret


def invent_background(questionnaire: Questionnaire, institution: Institution, chance: Random) -> Values:
    """Draw the background of a student of an institution."""
    language = questionnaire.languages[institution.languages[0]].spoken
    found = {code: _invent(variable, language, chance) for code, variable in questionnaire.background.items()}
    return {code: value for code, value in found.items() if value is not None}


def _invent(variable: Variable, language: str, chance: Random) -> Any:
    values: Sequence[Any] = variable.codes or range(variable.low or 0, (variable.high or 0) + 1)
    if variable.options or variable.kind == "number":
        shares = _SHARES.get(variable.code, {})
        weights = [shares.get(value, 0.0) for value in values]
        return chance.choices(values, weights)[0] if any(weights) else chance.choice(values)
    return choose_programme(language, chance) if "programme" in variable.code else make_words(chance, language, 40).strip()


def draw_language(offered: Sequence[str], chance: Random) -> str:
    """Draw a language: mostly the first one, otherwise one of the others."""
    rest = len(offered) - 1
    return chance.choices(offered, [_FIRST_LANGUAGE, *[(1 - _FIRST_LANGUAGE) / rest] * rest])[0] if rest else offered[0]


def invent_times(first: date, last: date, chance: Random) -> Iterator[tuple[datetime, datetime]]:
    """Iterate start and end of responses without end, in lessons of the school days of a fieldwork."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    days = [day for day in days if day.weekday() < 5] or days
    while True:
        (lesson,) = chance.choices(range(len(_LESSONS)), _LESSONS)
        begins = datetime.combine(chance.choice(days), _FIRST_LESSON) + lesson * _LESSON
        begins += timedelta(seconds=chance.randrange(600))
        yield begins, begins + timedelta(minutes=_MINUTES * chance.lognormvariate(0, SPREAD))
