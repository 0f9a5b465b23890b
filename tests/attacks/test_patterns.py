"""Every regular expression of the engine takes time in proportion to its text, whatever the text."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from time import process_time

import pytest

import survey_engine
from tests.attacks.test_bombs import STEP, grows_no_faster_than_its_input

PARTS = (
    *("a", "1", " ", "\n", "_", "-", ".", "(", "[", "{", "'", '"', "*", "@", "\x02", "#", "%", "<"),
    *("](", "%(", "a1", "a ", "a.", "-1", "1.", "a-", "<!", "{a"),
)
"""What texts are pumped up with."""
OUR_OWN = {
    "survey_engine.rendering.assets._SPARE": "our own static files, once at the start",
    "survey_engine.authoring.review._EDITION": "the name of a folder, of 255 characters at most",
}
"""Patterns that never meet a text of somebody else's."""
LARGE = 4_000
SUSPICIOUS = 0.004
"""Seconds of CPU for one text from which growth is measured; a linear one takes a tenth of that."""


PACKAGES = [module.name for module in pkgutil.iter_modules(survey_engine.__path__, "survey_engine.")]


def iter_patterns(package: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield the name and pattern of each that stands by itself in a module of the package."""
    path = getattr(importlib.import_module(package), "__path__", ())
    for name in [package, *(module.name for module in pkgutil.walk_packages(path, f"{package}."))]:
        if ".migrations" not in name and not name.endswith("__main__"):
            for variable, value in vars(importlib.import_module(name)).items():
                if isinstance(value, re.Pattern) and f"{name}.{variable}" not in OUR_OWN:
                    yield f"{name}.{variable}", value


def try_all(pattern: re.Pattern[str], text: str) -> None:
    """Search, match as a whole, and replace everywhere, as the engine does."""
    given = text.encode() if isinstance(pattern.pattern, bytes) else text
    pattern.fullmatch(given)  # type: ignore[arg-type]
    pattern.sub(given[:0], given)  # type: ignore[type-var]


def find_slow(pattern: re.Pattern[str]) -> list[str]:
    """Parts that make a text on which the pattern's time grows faster than the text."""
    found = []
    for part in PARTS:
        began = process_time()
        try_all(pattern, part * (LARGE // len(part)) + "!")
        suspicious = process_time() - began > SUSPICIOUS
        if suspicious and not grows_no_faster_than_its_input(
            lambda size, part=part: try_all(pattern, part * size + "!"), LARGE // STEP // len(part)
        ):
            found.append(part)
    return found


def test_a_slow_pattern_is_found_out() -> None:
    assert "a" in find_slow(re.compile(r"a*b"))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_pattern_takes_time_in_proportion_to_its_text(package: str) -> None:
    """They are looked for when the test runs: every process that collects tests would import all modules for it."""
    assert {name: slow for name, pattern in iter_patterns(package) if (slow := find_slow(pattern))} == {}
