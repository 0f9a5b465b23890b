"""Writes a new questionnaire: a folder with a head, one section with examples, and one institution.

`EXAMPLES` has the example texts per language, by their names in the templates. To add a language, add its texts there.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from survey_engine.language.variants import LANGUAGE_NAMES, find_locale

_PLAIN_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "\u2019": "", "'": ""}
)
"""Replacements in codes for letters that do not decompose into a letter and an accent. Apostrophes are removed."""
_YEAR = re.compile(r"(?:^|-)(\d{4})$")
_HEAD = """\
questionnaire: {code}
title: {title}
{edition}source_language: {source}        # the language of the plain texts in these files
languages:                   # draft: respondents cannot choose it until every text is translated
{languages}
budget: {{minutes: {minutes}}}
introduction: |-
  {introduction}
contact: {contact}
thanks: {thanks}
notices:
  no_names: {no_names}
scales:
  agree: {{{agree}}}
order:
  - {{group: main, sections: [first]}}
"""
_SECTION = """\
section: first
pages:
  - page: visits
    title: {visits_title}
    questions:
      - yes_no: comes_here
        text: {comes_here}
  - page: opinion
    title: {opinion_title}
    when: comes_here == 'yes'    # asked only after yes; conditions use earlier answers
    questions:
      - grid: opinion
        text: {opinion}
        scale: agree
        items:
          opinion_quiet: {quiet}
          opinion_seats: {seats}
  - page: end
    title: {end_title}
    questions:
      - open: improve
        text: {improve}
        notice: no_names
"""
_INSTITUTION = """\
institution: {code}
name: {name}
# rio_codes: [27DV]              # codes of RIO or BRIN, if rosters name the institution by them
"""
EXAMPLES = {
    "en": {
        "introduction": "Thank you for taking part. It takes about {minutes} minutes. You may skip questions.",
        "contact": "Ask your teacher.",
        "thanks": "Thank you. Your answers are stored.",
        "no_names": "Do not name any person.",
        "agree": ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"),
        "visits_title": "Your visits",
        "opinion_title": "The library",
        "end_title": "Your ideas",
        "comes_here": "Do you study in the library?",
        "opinion": "What do you think of the library?",
        "quiet": "It is quiet enough",
        "seats": "There are enough seats",
        "improve": "What should be better?",
    },
    "nl": {
        "introduction": "Fijn dat je meedoet. Het duurt ongeveer {minutes} minuten. Je mag vragen overslaan.",
        "contact": "Vraag het aan je docent.",
        "thanks": "Bedankt. Je antwoorden zijn opgeslagen.",
        "no_names": "Noem geen namen van personen.",
        "agree": ("Helemaal oneens", "Oneens", "Niet eens en niet oneens", "Eens", "Helemaal eens"),
        "visits_title": "Je bezoek",
        "opinion_title": "De bibliotheek",
        "end_title": "Jouw ideeën",
        "comes_here": "Studeer je in de bibliotheek?",
        "opinion": "Wat vind je van de bibliotheek?",
        "quiet": "Het is er stil genoeg",
        "seats": "Er zijn genoeg plekken",
        "improve": "Wat kan beter?",
    },
}
"""Language → name in the templates → text. Other languages get the English texts."""


@dataclass(frozen=True, slots=True)
class NewQuestionnaire:
    """What the author says about a new questionnaire: title, languages, institution."""

    code: str
    title: str
    languages: Sequence[str]
    """Language codes. The first is the source language; the others are drafts."""
    institution: str
    minutes: int


def write_questionnaire(new: NewQuestionnaire, folder: Path) -> list[Path]:
    """Write the files; return their paths.

    Raises:
        FileExistsError: if the folder exists.
    """
    source, *drafts = dict.fromkeys(new.languages)
    texts = EXAMPLES.get(source, EXAMPLES["en"])
    written = {name: _quote(text) for name, text in texts.items() if isinstance(text, str)}
    year = _YEAR.search(new.code)
    languages = [_describe_language(source), *(_describe_language(code, ", draft: true") for code in drafts)]
    head = _HEAD.format_map(
        {
            **written,
            "code": new.code,
            "title": _quote(new.title),
            "edition": f"edition: {year[1]}\n" if year else "",
            "source": _format_code(source),
            "languages": "\n".join(languages),
            "minutes": new.minutes,
            "introduction": texts["introduction"],
            "agree": ", ".join(f"{point}: {_quote(label)}" for point, label in enumerate(texts["agree"], 1)),
        }
    )
    institution = make_code(new.institution)
    files = {
        "questionnaire.yaml": head,
        "sections/first.yaml": _SECTION.format_map(written),
        f"institutions/{institution}.yaml": _INSTITUTION.format(code=institution, name=_quote(new.institution)),
    }
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in files]


def make_code(name: str) -> str:
    """Make a code for links from a name: lower-case letters without accents, digits and hyphens.

    >>> make_code("ROC Élan / Noord"), make_code("Kühnhausen & Söhne, Weißstraße"), make_code("!")
    ('roc-elan-noord', 'kuhnhausen-sohne-weissstrasse', 'first')
    """
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN_LETTERS))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", letters)[:40].strip("-") or "first"


def _describe_language(code: str, more: str = "") -> str:
    locale = find_locale(code)
    name = LANGUAGE_NAMES.get(code) or (locale and locale.get_display_name(code)) or code
    return f"  {_format_code(code)}: {{name: {_quote(name[:1].upper() + name[1:])}{more}}}"


def _format_code(code: str) -> str:
    """Format the code of a language, in quotes if needed: YAML reads an unquoted `no` (Norwegian) as false."""
    return _quote(code) if code == "no" else code


def _quote(text: str) -> str:
    """Quote a text for YAML, whose double-quoted strings include those of JSON.

    >>> _quote('One: "two"')
    '"One: \\\\"two\\\\""'
    """
    return json.dumps(text, ensure_ascii=False)
