"""Sentences for open answers and names of programmes, per language. They describe no real person."""

from __future__ import annotations

from random import Random

SENTENCES = {
    "nl": (
        "De lessen zijn leuk.", "Het rooster wisselt te vaak.", "Ik wil graag meer uitleg.", "De docenten helpen goed.",
        "Mijn stage was leerzaam.", "In de kantine is het soms te druk.", "Ik zit in een fijne klas.",
        "Een rustige plek om te werken ontbreekt.", "Meestal is het duidelijk.", "Op mijn mail kwam geen antwoord.",
    ),
    "en": (
        "The lessons are fun.", "The timetable changes too often.", "I would like more explanation.", "The teachers help well.",
        "My placement taught me a lot.", "The canteen is sometimes too busy.", "I am in a nice class.",
        "There is no quiet place to work.", "Mostly it is clear.", "Nobody answered my mail.",
    ),
    "de": (
        "Der Unterricht macht Spaß.", "Der Stundenplan ändert sich zu oft.", "Ich wünsche mir mehr Erklärung.",
        "Die Lehrkräfte helfen gut.", "Mein Praktikum war lehrreich.", "In der Mensa ist es manchmal zu voll.",
        "Ich bin in einer netten Klasse.", "Es fehlt ein ruhiger Platz zum Arbeiten.", "Auf meine Mail kam keine Antwort.",
    ),
    "pap": (
        "E lèsnan ta dushi.", "E orario ta kambia muchu biaha.", "Mi ke mas splikashon.", "E dosentenan ta yuda bon.",
        "Mi stazje tabata útil.", "Den kantina tin biaha muchu hende.", "Mi ta den un bon klas.", "Un lugá ketu pa traha ta falta.",
    ),
}  # fmt: skip
PROGRAMMES = {
    "nl": ("Verzorgende IG", "Kok", "Software developer", "Doktersassistent", "Autotechnicus", "Kapper", "Timmerman", "Elektromonteur",
           "Pedagogisch medewerker", "Verkoopspecialist", "Juridisch-administratief dienstverlener", "Hovenier"),
    "en": ("Nursing", "Cook", "Software development", "Car technician", "Hairdresser", "Carpentry", "Law", "Business administration",
           "Psychology", "Mechanical engineering"),
    "de": ("Pflege", "Koch", "Informatik", "Mechatronik", "Psychologie", "Betriebswirtschaft"),
    "pap": ("Enfermeria", "Koki", "Teknika di outo", "Turismo", "Atministrashon", "Elektrisidat"),
}  # fmt: skip
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
"""Unusual input of people and keyboards: quotes, line ends, formulas, signs of other alphabets."""


def make_words(chance: Random, language: str, longest: int, *, odd: bool = False) -> str:
    """Write one to three sentences in a language, as many as fit into `longest` characters."""
    if odd:
        return chance.choice(ODD)[:longest]
    chosen = chance.sample(SENTENCES.get(language, SENTENCES["en"]), chance.randint(1, 3))
    while len(chosen) > 1 and len(" ".join(chosen)) > longest:
        chosen.pop()
    return " ".join(chosen)[:longest]


def choose_programme(language: str, chance: Random) -> str:
    return chance.choice(PROGRAMMES.get(language, PROGRAMMES["en"]))
