"""Typing and copying errors in texts: other tools' placeholders, garbled characters, punctuation, unfinished texts.

To add one, add a row to SLIPS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from survey_engine.analysis.checks.references import PLACEHOLDERS
from survey_engine.analysis.shown_texts import ShownText, iter_shown_texts
from survey_engine.language.wordings import PLACEHOLDER
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

SLIPS: dict[str, re.Pattern[str]] = {
    "foreign-placeholder": re.compile(
        r"(?<!\d)[#@&%]\{\w+\}|\$\{\w+\}?|%\(\w+\)[a-z]?|(?<![\d\w])%[a-z]\w+%(?!\w)|(?<!\d)(?<!\d )%[sd]\b|\{\{?[^{}]*\}?\}?|\}+"
    ),
    "invisible-character": re.compile(
        r"\A(?=[^\u0590-\u08ff]*\Z)[^\u200e\u200f]*[\u200e\u200f]"  # marks of direction in a text without Arabic or Hebrew
        "|[\u115f\u180e\u200b\u2028\u2029\u2060-\u2064\u2800\u3164\ufeff\ue000-\uf8ff\ufff9-\ufffb]|(?<=[A-Za-z])[\u200c\u200d](?=[A-Za-z])"
    ),
    "garbled-text": re.compile(
        "\ufffd|ï¿½|ï»¿|[ÃÂ][\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â(?:€.|‚¬|„¢)"
        r"|(?<=[a-zà-ÿ]{2})[À-ÖØ-Þ](?!\w)|(?<=[^\W\d_])[‚„](?!\w)"  # é and its like, as other systems store them
        r"|(?<![\w/.:=&#?@-])[^\W\d_]+\?[a-zà-ÿ]+(?![\w=/])"
        r"|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|(?<!\S)[^\W\d_]+%20[^\W\d_]|=C[2-5]=[89AB][0-9A-F]|=E2=80=[89A-F][0-9A-F]"
        r"|\A(?=[^\u3040-\u9fff\uac00-\ud7af]*\Z)[^\u3000\uff01-\uff5e]*[\u3000\uff01-\uff5e]"  # wide forms among Latin letters
        "|[\U0001d400-\U0001d7ff]{2}|[\u0300-\u036f]{3}"
        r"|\b\d+O\d*\b|\b\d+[oOl]\d+\b|\b[Ol]\d\d+\b"  # letters for digits
        r"|^=(?:\$?[A-Z]{1,2}\$?\d+|[A-Z]{2,}\()"
        r"|#(?:NAME|NAAM|REF|VERW|VALUE|WAARDE|WERT|NUM|GETAL|DIV/0)[?!]|#N/[AB]\b"  # errors of a spreadsheet
        r"|\?\?(?=[a-zà-ÿ])|\"\"(?=\w)|(?<=[\w.?!])\"\"|(?<![\w'])''(?=[^\W\d_])|(?<![:\w])\\n|\\n(?![a-z])"
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
        r"(?<=[^\W\d_])[ \u00a0]{2,}(?=[^\W\d_])|(?<=[^\W\d_]) ,(?=\s)|(?<=[^\W\d_]),[?!](?!\w)|\b[^\W\d_]{5,}\.[?!](?![\w.])"
        r"|(?<![\w/.:=&#?@-])[^\W\d_]{4,}\.[A-ZÀ-Þ][a-zà-ÿ]+(?![\w./@-])|(?<!\?)\?\?(?![?\w])|(?<![\w/.:=&#?-])[^\W\d_]{2,}[?!](?=[A-ZÀ-Þ][a-zà-ÿ])"
    ),
    "unfinished-text": re.compile(
        r"\b(?:TODO|FIXME|TBD|XXX+)\b|(?i:\blorem ipsum\b)|\?{3,}|_{3,}"
        r"|(?:^|\b(?!siglo|eeuw|jahrhundert)[a-zà-ÿ]+ )XX(?= [a-zà-ÿ])(?! (?:eeuw|century|chromosom))"
        r"|(?i:^(?:tbc|tbd|todo|n\.?t\.?b\.?|asdf\w*|placeholder|platzhalter)$)"
        r"|^(?:undefined|NaN)\Z|(?<=[.?!] )TK\Z"
        r"|(?i:^(?:tekst|vertaling|text|translation|übersetzung) (?:volgt|ontbreekt|follows|missing|folgt|fehlt)\W*\Z)"
        r"|(?i:^(?:nog (?:te )?vertalen|te vertalen|(?:still )?to be translated|noch (?:zu )?übersetzen)\W*\Z)"
        r"|(?i:\(nog (?:te |aan te |in te )?(?:aanpassen|passen|controleren|nakijken|invullen|vullen|vertalen|bespreken|checken)\W*\))"
        r"|(?i:(?:^|(?<=[.?!] ))\((?:concept|draft|entwurf|kladversie)\))"
        r"|(?:^|(?<=[.?!] ))@[A-ZÀ-Þ][a-zà-ÿ]+[:,]? (?:kijk|check|graag|kun|kan|wil|klopt|zie|please|can|could|look|bitte|kannst)\b"
        r"|\[[^][a-zà-ÿ]*[A-Z]+ [A-Z]+[^][a-zà-ÿ]*\](?!\()"
        r"|(?i:\[[^][]*\b(?:in(?:te )?vullen|invoegen|aanvullen|controleren|nakijken|vertal\w*|check|translat\w*|fill(?:ed)? in|insert"
        r"|prüfen|ergänzen|einfügen|übersetz\w*)\b[^][]*\](?!\())"
    ),
}
"""Message code → pattern. Soft hyphens, and joiners in other scripts and emoji, are allowed."""
_AROUND = 12
_NO_WORDS = re.compile(r"[\d\s.,:/-]+|None|null|nil")
_BLANK_BEFORE_MARK = re.compile(r"\w \?(?=\s*$|\s+[A-ZÀ-Þ]|[)*_])")
_WITH_BLANK = frozenset({"fr"})
"""Languages with a space before a question mark."""


def check_slips(questionnaire: Questionnaire) -> Iterator[Problem]:
    names = {*PLACEHOLDERS, *questionnaire.terms, *questionnaire.variables}
    bracketed = re.compile(rf"\[(?:{'|'.join(map(re.escape, sorted(names)))})\](?!\()")
    for shown in chain(iter_shown_texts(questionnaire), _iter_background(questionnaire)):
        for language, wording in shown.wordings():
            facts = {"code": shown.text.code, "language": language}
            place, spoken = shown.text.place_in(language), questionnaire.languages[language].spoken
            for code, found in iter_slips(wording, bracketed):
                yield Problem(code, place, {**facts, "found": found})
            if spoken not in _WITH_BLANK and (blank := _BLANK_BEFORE_MARK.search(wording)):
                yield Problem("punctuation", place, {**facts, "found": _quote(wording, blank)})
            if _is_no_text(shown, wording) or _is_lone_number(shown, language):
                yield Problem("unfinished-text", place, {**facts, "found": wording})


def _iter_background(questionnaire: Questionnaire) -> Iterator[ShownText]:
    """Yield the texts of background variables, which appear in reports and data."""
    for variable in questionnaire.background.values():
        texts = (variable.text, *(option.text for option in variable.options))
        yield from (ShownText(text, "option", frozenset(questionnaire.languages)) for text in texts if text)


def _is_no_text(shown: ShownText, wording: str) -> bool:
    """Whether a text is a code; or a question's text is only a number, a date, an empty value, or its one-word code."""
    code = shown.text.code
    is_code = (wording in (*code.split("."), "_".join(code.split(".")[1:])) and " " not in wording) or wording.rpartition(".")[
        0
    ] == code
    return (is_code and ("_" in wording or "." in wording)) or (
        shown.kind == "question" and (is_code or bool(_NO_WORDS.fullmatch(wording)))
    )


def _is_lone_number(shown: ShownText, language: str) -> bool:
    """Whether a statement is only a number or a date, although other statements of its question have words."""
    items = shown.question.items if shown.kind == "item" and shown.question else ()
    others = [item.text.wording.get(language, "") for item in items if item.text and item.text is not shown.text]
    lone = bool(_NO_WORDS.fullmatch(shown.text.wording[language]))
    return lone and any(other and not _NO_WORDS.fullmatch(other) for other in others)


def iter_slips(wording: str, bracketed: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield (message code, words around it) for each kind of slip; `bracketed` matches placeholders in square brackets."""
    for code, pattern in SLIPS.items():
        found = next((each for each in pattern.finditer(wording) if not PLACEHOLDER.fullmatch(each[0])), None)
        if found is None and code == "foreign-placeholder":
            found = bracketed.search(wording)
        if found:
            yield code, _quote(wording, found)


def _quote(wording: str, found: re.Match[str]) -> str:
    return wording[max(0, found.start() - _AROUND) : found.end() + _AROUND].strip()
