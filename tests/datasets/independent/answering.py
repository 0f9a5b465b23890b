"""Random respondents: they skip questions, return to pages, change answers and languages, and break off."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from tests.datasets.independent.expecting import Stored, Walk
from tests.datasets.independent.instrument import Instrument, Page, Variable


def answer_all(id: int, instruments: dict[str, Instrument], chance: random.Random) -> Stored:
    """Make one response to one of the versions."""
    version = chance.choice(list(instruments))
    instrument = instruments[version]
    stored = replace(begin(version, instrument, chance), id=id)
    stops = chance.choice([1000, 1000, chance.randrange(1, 6), chance.randrange(1, 40)])
    for turn in range(chance.choice([1, 1, 2, 3])):
        last = turn > 0 or chance.random() < 0.5
        go_on(instrument, stored, chance, 1000 if last and stops == 1000 else min(stops, chance.randrange(1, 40)))
        if chance.random() < 0.3:
            stored.languages.append(chance.choice(list_languages(instrument, stored.institution)))
        if chance.random() < 0.3 and stored.pages:
            change(instrument, stored, chance)
    if stops == 1000:
        go_on(instrument, stored, chance, 1000)
        stored.completed = chance.random() < 0.9
    stored.withdrawn = not stored.completed and chance.random() < 0.1
    stored.device = chance.choice([None, "small", "medium", "large"])
    stored.channel = chance.choice([None, None, "mail", "qr", "lms"])
    for page in stored.pages:
        numbers = [chance.randint(1, 3), chance.randrange(600), chance.randrange(20), chance.randrange(3)]
        stored.measured |= chance.choice([{}, {page: numbers[:1]}, {page: numbers}, {page: numbers}])
    return stored


def list_languages(instrument: Instrument, institution: str) -> list[str]:
    return list(instrument.institutions[institution].get("languages", instrument.head["languages"]))


def begin(version: str, instrument: Instrument, chance: random.Random) -> Stored:
    institution = chance.choice(list(instrument.institutions))
    language = chance.choice(list_languages(instrument, institution))
    background = {}
    for name, variable in instrument.head.get("background", {}).items():
        if chance.random() < 0.9:
            background[name] = draw_background(variable, chance)
    arms = {each["experiment"]: chance.choice(list(each["arms"])) for each in instrument.head.get("experiments", ())}
    return Stored(
        version, institution, [language], background, draw_modules(instrument, institution, language, chance), arms=arms
    )


def draw_background(variable: dict[str, Any], chance: random.Random) -> Any:
    if "options" in variable:
        return chance.choice(list(variable["options"]))
    return f"Programme {chance.randrange(50)}" if variable.get("open") else chance.randint(variable["from"], variable["to"])


def draw_modules(instrument: Instrument, institution: str, language: str, chance: random.Random) -> dict[str, str]:
    """Draw any modules: an export reads the stored ones."""
    groups = instrument.head["languages"][language].get("groups")
    drawing = [group for group in instrument.head["order"] if "modules" in group and (groups is None or group["group"] in groups)]
    if not drawing:
        return {}
    chosen = instrument.institutions[institution].get("modules", {})
    modules = {code: who for who in ("institution", "council") for code in chosen.get(who, ())}
    pool = [code for code in instrument.modules if code not in modules]
    return {**modules, **({chance.choice(pool): "random"} if pool else {})}


def go_on(instrument: Instrument, stored: Stored, chance: random.Random, pages: int) -> None:
    """Answer the next unfinished pages; perhaps only a part of the last one."""
    left = pages
    walk = Walk(instrument, stored, stored.language)
    for page in walk.follow():
        if page.code not in stored.finished:
            given, careful = answer(page, chance), chance.random() < 0.5
            unasked = {variable.code for variable in page.variables if careful and not walk.is_asked(variable)}
            stored.pages[page.code] = {name: value for name, value in given.items() if name.split("__")[0] not in unasked}
            left -= 1
            if left == 0 and chance.random() < 0.5:
                return
            stored.finished.add(page.code)
            if left == 0:
                return


def change(instrument: Instrument, stored: Stored, chance: random.Random) -> None:
    """Answer a page again; pages that depend on it may leave the path."""
    pages = [page for page in Walk(instrument, stored, stored.language).follow() if page.code in stored.pages]
    if pages:
        page = chance.choice(pages)
        stored.pages[page.code] = answer(page, chance)


def answer(page: Page, chance: random.Random) -> dict[str, Any]:
    """Answer everything on a page, asked or not: some answers are given before another one changes."""
    given: dict[str, Any] = {}
    eager = chance.choice([0.5, 0.9, 1.0])
    for variable in page.variables:
        if chance.random() < eager:
            given[variable.code] = draw(variable, chance)
            if any(option.namely for option in variable.options) and chance.random() < 0.7:
                given[f"{variable.code}__namely"] = f"Something else {chance.randrange(10**9)}"
    return given


def draw(variable: Variable, chance: random.Random) -> Any:
    codes = list(dict.fromkeys(option.code for option in variable.options))
    if variable.kind == "multiple":
        outside = [option.code for option in variable.options if option.outside]
        if outside and chance.random() < 0.2:
            return [chance.choice(outside)]
        codes = [code for code in codes if code not in outside]
        return chance.sample(codes, chance.randint(1, len(codes)))
    if codes:
        return chance.choice(codes)
    if variable.kind == "open":
        return f"Words {chance.randrange(10**9)}"
    return "2026-01-09" if variable.kind == "date" else chance.randint(variable.low, variable.high)
