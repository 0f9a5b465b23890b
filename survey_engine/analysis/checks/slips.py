"""Slips of the keyboard and of copying in texts: foreign placeholders, garbled characters, punctuation, unfinished texts.

To add one, add a row to SLIPS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.analysis.checks.references import PLACEHOLDERS
from survey_engine.analysis.shown_texts import ShownText, iter_shown_texts
from survey_engine.language.wordings import PLACEHOLDER
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

SLIPS: dict[str, re.Pattern[str]] = {
    "foreign-placeholder": re.compile(
        r"\$\{\w+\}?|%\(\w+\)[a-z]?|(?<![\d\w])%[a-z]\w+%(?!\w)|(?<!\d)(?<!\d )%[sd]\b|\{\{?[^{}]*\}?\}?|\}+"
    ),
    "invisible-character": re.compile(
        "[\u115f\u180e\u200b\u2060-\u2064\u2800\u3164\ufeff\ue000-\uf8ff\ufff9-\ufffb]|(?<=[A-Za-z])[\u200c\u200d](?=[A-Za-z])"
    ),
    "garbled-text": re.compile(
        "\ufffd|ï¿½|[ÃÂ][\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€."
        r"|\b\d+O\d*\b|\b\d+[oOl]\d+\b|\b[Ol]\d\d+\b"  # letters for digits
        r"|#(?:NAME|NAAM|REF|VERW|VALUE|WAARDE|WERT|NUM|GETAL|DIV/0)[?!]|#N/[AB]\b"  # errors of a spreadsheet
        r"|\?\?(?=[a-zà-ÿ])|\"\"(?=\w)|(?<=[\w.?!])\"\"|(?<![:\w])\\n|\\n(?![a-z])"
        "|[A-Za-zÀ-ɏ][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-zÀ-ɏ]|(?<=[A-Za-z])[\u0370-\u03ff](?=[A-Za-z])"  # letters that look alike
    ),
    "open-bracket": re.compile(
        r"(?<![:;])\((?![^()]*(?:\([^()]*\)[^()]*)*\))|(?:^|(?<=\s))“(?=\w)[^“”\"]*$|^[^\"“„]*(?<!\S)\"(?=\w)[^\"”]*$|^[^()]*(?:\([^()]*\)[^()]*)*\([^()]*\)\)"
    ),
    "written-number": re.compile(
        r"^(?:vraag|question|frage|pregunta) \d{1,3}[.:)](?=\s)"
        r"|\b(?:ga (?:dan )?(?:door )?(?:naar|verder (?:met|bij))|go (?:on )?to|skip to|continue with|weiter (?:mit|zu)|gehe? zu) "
        r"(?:vraag|question|frage) \d{1,3}\b",
        re.IGNORECASE,
    ),
    "punctuation": re.compile(
        r"(?<=[^\W\d_])  (?=[^\W\d_])|(?<!\?)\?\?(?![?\w])|(?<![\w/.:=&#?-])[^\W\d_]{2,}[?!](?=[A-ZÀ-Þ][a-zà-ÿ])"
    ),
    "unfinished-text": re.compile(
        r"\b(?:TODO|FIXME|TBD|XXX+)\b|(?i:\blorem ipsum\b)|\?{3,}|_{3,}"
        r"|(?:^|\b(?!siglo|eeuw|jahrhundert)[a-zà-ÿ]+ )XX(?= [a-zà-ÿ])(?! (?:eeuw|century|chromosom))"
        r"|(?i:^(?:tbc|tbd|todo|n\.?t\.?b\.?|asdf\w*|placeholder|platzhalter)$)"
        r"|\[[^][a-zà-ÿ]*[A-Z]+ [A-Z]+[^][a-zà-ÿ]*\](?!\()"
        r"|(?i:\[[^][]*\b(?:in(?:te )?vullen|invoegen|aanvullen|controleren|nakijken|vertal\w*|check|translat\w*|fill(?:ed)? in|insert"
        r"|prüfen|ergänzen|einfügen|übersetz\w*)\b[^][]*\](?!\())"
    ),
}
"""Message → what it finds. Soft hyphens, and joiners in other scripts and emoji, are legitimate."""
_AROUND = 12
_ONLY_NUMBERS = re.compile(r"[\d\s.,:/-]+")
_BLANK_BEFORE_MARK = re.compile(r"\w \?(?=\s*$|\s+[A-ZÀ-Þ]|[)*_])")
_WITH_BLANK = frozenset({"fr"})
"""Languages that write a blank before a question mark."""


def check_slips(questionnaire: Questionnaire) -> Iterator[Problem]:
    names = {*PLACEHOLDERS, *questionnaire.terms, *questionnaire.variables}
    bracketed = re.compile(rf"\[(?:{'|'.join(map(re.escape, sorted(names)))})\](?!\()")
    for shown in iter_shown_texts(questionnaire):
        for language, wording in shown.wordings():
            facts = {"code": shown.text.code, "language": language}
            place, spoken = shown.text.place_in(language), questionnaire.languages[language].spoken
            for code, found in iter_slips(wording, bracketed):
                yield Problem(code, place, {**facts, "found": found})
            if spoken not in _WITH_BLANK and (blank := _BLANK_BEFORE_MARK.search(wording)):
                yield Problem("punctuation", place, {**facts, "found": _quote(wording, blank)})
            if _is_no_text(shown, wording):
                yield Problem("unfinished-text", place, {**facts, "found": wording})


def _is_no_text(shown: ShownText, wording: str) -> bool:
    """Whether a text is a code; or the text of a question only a number, a date, or its one-word code."""
    is_code = wording in shown.text.code.split(".") and " " not in wording
    return (is_code and "_" in wording) or (shown.kind == "question" and (is_code or bool(_ONLY_NUMBERS.fullmatch(wording))))


def iter_slips(wording: str, bracketed: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield the message of each kind of slip and the words around it; `bracketed` finds placeholders in square brackets."""
    for code, pattern in SLIPS.items():
        found = next((each for each in pattern.finditer(wording) if not PLACEHOLDER.fullmatch(each[0])), None)
        if found is None and code == "foreign-placeholder":
            found = bracketed.search(wording)
        if found:
            yield code, _quote(wording, found)


def _quote(wording: str, found: re.Match[str]) -> str:
    return wording[max(0, found.start() - _AROUND) : found.end() + _AROUND].strip()
