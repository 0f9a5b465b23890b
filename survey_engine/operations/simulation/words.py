"""Words for open answers, per language. They say nothing about anyone."""

from __future__ import annotations

from random import Random

WORDS = {
    "nl": (
        "de lessen zijn leuk maar het rooster wisselt te vaak meer uitleg graag docenten helpen goed stage was leerzaam soms te"
        " druk in de kantine fijne klas rustige plek om te werken ontbreekt meestal duidelijk één keer geen antwoord"
    ),
    "en": (
        "lessons are fun but the timetable changes too often more explanation please teachers help well placement was useful"
        " sometimes too busy in the canteen nice class a quiet place to work is missing mostly clear once no answer"
    ),
    "de": (
        "der Unterricht macht Spaß aber der Plan ändert sich zu oft mehr Erklärung bitte Lehrkräfte helfen gut Praktikum war"
        " nützlich manchmal zu voll in der Mensa nette Klasse ein ruhiger Platz fehlt meistens klar einmal keine Antwort"
    ),
    "pap": (
        "e lèsnan ta dushi pero e orario ta kambia muchu biaha mas splikashon por fabor dosente ta yuda bon stazje tabata útil"
        " tin biaha muchu drùk den kantina bon klas un lugá ketu ta falta hopi biaha kla un biaha sin kontesta"
    ),
}
ODD = (
    "=1+1",
    "@cmd, \"two\"; 'one'",
    "línea uno\nline two",
    "<b>dik</b> & dun",
    "😀 100 %",
    "- 5 tot + 5",
    "  spaties  ",
    "a\tb\\n",
)
"""What people and keyboards really send: quotes, line ends, formulas, signs of other alphabets."""


def write_words(chance: Random, language: str, longest: int, *, odd: bool = False) -> str:
    """A few words in a language, at most so many characters."""
    if odd:
        return chance.choice(ODD)[:longest]
    words = WORDS.get(language, WORDS["en"]).split()
    text = " ".join(chance.choice(words) for _ in range(chance.randint(2, 14)))
    return text[:longest]
