"""Explains errors of the YAML library to authors. To explain another error, add a row to a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from survey_engine.language.characters import BULLET, HIDDEN_CHARACTERS, name_hidden
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place

BRACED_TEXT = {"detail": "a text that begins with { is read as a mapping", "advice": "Put the whole text in quotes."}
_YAML_ERRORS = (
    ("violates indentation", "this line is indented with a tab", "Indent with spaces: no line may begin with a tab."),
    (
        "mapping values are not allowed",
        "there is a colon in a place where no key can be",
        "Put a text that contains `: ` in quotes, and begin each `key:` on a new line.",
    ),
    (
        "end of stream",
        "this quote is opened but never closed",
        "Close it; if it is an apostrophe, put the whole text in double quotes.",
    ),
    ("comment or", "a text that begins with > or | is read as a block of lines", "Put the whole text in quotes."),
    (
        "block",
        "the indentation of this line does not match the lines above it",
        "Indent it like its neighbours, all with a dash or none; if part of a text is in quotes, put the whole text in quotes.",
    ),
    (
        "flow",
        "a comma or the closing bracket is missing between these brackets",
        "Put a text that contains a comma, a colon, a bracket or ` #` in quotes, and close the bracket.",
    ),
    (
        "cannot start any token",
        "a text cannot begin with this character",
        "Put a text that begins with @, `, %, > or | in quotes, and indent with spaces, not with tabs.",
    ),
    ("simple key", "this line has no `key:`", "Write `key: value`, or indent it if it continues the text above."),
    ("escape", "there is a \\ between double quotes", "Use single quotes around the text, or write \\\\."),
)
"""Rows of: substring of the YAML library's error, what is wrong, what to do."""
_YAML_ERRORS_BY_LINE = (
    ("cannot start any token", r"\s*", r"\t", *_YAML_ERRORS[0][1:]),
    (
        "mapping values are not allowed",
        r" *[\w-]+",
        ":",
        "this key is indented deeper than its neighbours, as if it continued the line above",
        "Begin it where its neighbours begin; if it does belong to the text above, put that whole text in quotes.",
    ),
    (
        "block|flow",
        r"(?:.*[:,\[{-] *|)\{ *[\w.]+ *\} *",
        r"[^\s,\]}#]",
        *BRACED_TEXT.values(),
    ),
    (
        "block|flow",
        r".*'(?:[^']|'')*'",
        r"\w",
        "the apostrophe before this ends the text, which is in single quotes",
        "Put the whole text in double quotes.",
    ),
    (
        "block|flow",
        r'.*"[^"]*"',
        r"\w",
        "the quote before this ends the text, which is in double quotes",
        "Put the whole text in single quotes, or write “ and ” inside it.",
    ),
    ("block", " *", r"-\w", "after this dash a space is missing", "Write `- ` before each part of a list."),
)
"""More precise messages: (substring of the error, pattern before the place, pattern after it, what is wrong, what to do)."""
_NO_SPACE = re.compile(r"\A *(?:- +)*(?P<key>[A-Za-z_][\w-]*):(?=[^\s/])")
"""A key and its value without a space, as in `choice:food`."""

_BEFORE_VALUE = re.compile(r"""(?:[:-] +|[\[{,] *)(?=['"])""")
"""What stands before a value in quotes."""

NO_COLON = re.compile(r"\A *(?:- +)*(?P<key>[a-z_]+) +[{\[] *[\w\"']+ *(?:[:,]|\](?!\())")
"""A key and a mapping or list without a colon between them, as in `unit {en: days}`."""

_HIDDEN_START = re.compile(
    rf"\A[ -]*(?:[A-Za-z_][\w-]*:)?(?P<first>{HIDDEN_CHARACTERS.pattern})(?:[ -]|{HIDDEN_CHARACTERS.pattern})*(?P<key>[\w-]*)"
)
"""The beginning of a line, or of the value after its key, with a character that looks like a space."""

_NO_SPACE_AFTER_DASH = re.compile(r"^ *-[a-z_]\w*:\s")
"""The first key of a list entry without a space after the dash, as in `-choice: food`."""


def explain_error(file: str, text: str, error: yaml.YAMLError) -> Problem:
    """Turn an error of the YAML library into a problem, with the explanation of `_YAML_ERRORS` if there is one."""
    mark, opened = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    lines = text.splitlines()
    if found := _find_bullet(file, lines, mark, opened):
        return found
    reported = str(getattr(error, "problem", None) or error)
    context = str(getattr(error, "context", None) or "")
    if re.search("anchor|alias", context):
        return Problem("alias", _place_mark(file, opened))
    matching = (row for row in _YAML_ERRORS if row[0] in reported or row[0] in context)
    word, detail, advice = next(
        matching, ("", reported.splitlines()[0], "Put the text in quotes if it begins with a punctuation mark.")
    )
    if found := mark and (_find_hidden(file, lines, mark) or _find_missing_space(file, word, lines, mark, opened)):
        return found
    if mark and "mapping values" in reported and (outdented := _find_outdented(file, lines, mark.line)):
        return outdented
    detail, advice = _explain_by_line(word, lines, mark) or (detail, advice)
    distant = word == "flow" and mark and opened and opened.line != mark.line
    if opened and (distant or word in ("end of stream", "simple key")):
        mark = opened
    return Problem("yaml", _place_mark(file, mark), {"detail": detail, "advice": advice})


def _find_outdented(file: str, lines: list[str], number: int) -> Problem | None:
    """Return the problem of a key that is indented less than its neighbours, so that the next key seems to be too deep."""
    above = [(at, line) for at, line in enumerate(lines[:number]) if line.strip() and not line.lstrip().startswith("#")][-2:]
    depths = [len(line) - len(line.lstrip(" -")) for line in (*(line for _, line in above), lines[number])]
    if len(above) < 2 or not depths[1] < depths[0] == depths[2] or not re.match(r" *[\w-]+:\s", above[1][1]):
        return None
    facts = {"detail": "this key is indented less than its neighbours", "advice": "Begin it where its neighbours begin."}
    return Problem("yaml", Place(file, above[1][0] + 1, depths[1] + 1), facts)


def explain_bullet(text: str) -> dict[str, str]:
    """Return the facts of a problem: a list entry begins with a word processor's bullet."""
    return {"detail": f"this part of a list begins with {text[0]}", "advice": "Begin each part of a list with a hyphen: `- `."}


def explain_missing_colon(key: str) -> dict[str, str]:
    """Return the facts of a problem: a key without a colon before a bracket."""
    return {"detail": f"after `{key}` a colon is missing", "advice": f"Write `{key}: …`."}


def explain_missing_space(key: str) -> dict[str, str]:
    """Return the facts of a problem: a key without a space after its colon."""
    return {"detail": f"after `{key}:` a space is missing", "advice": f"Write `{key}: …`."}


def _find_missing_space(file: str, word: str, lines: list[str], mark: Any, opened: Any) -> Problem | None:
    """Return the problem of a colon without a space, in the line of the error, in the line above, or where the key begins."""
    suspects = {"mapping values are not allowed": [mark.line, mark.line - 1], "simple key": [opened.line if opened else -1]}
    for number, line in _iter_lines(lines, suspects.get(word, [])):
        if found := _NO_SPACE.match(line):
            return Problem("yaml", Place(file, number + 1, found.end() + 1), explain_missing_space(found["key"]))
    return None


def _find_hidden(file: str, lines: list[str], mark: Any) -> Problem | None:
    """Return the problem of a hidden character that indents the line of the error or the line above, or follows its key."""
    for number, line in _iter_lines(lines, [mark.line, mark.line - 1]):
        if found := _HIDDEN_START.match(line):
            facts = {"character": name_hidden(found[0]), "text": found["key"]}
            return Problem("hidden-character", Place(file, number + 1, found.start("first") + 1), facts)
    return None


def _find_bullet(file: str, lines: list[str], mark: Any, opened: Any) -> Problem | None:
    """Return the problem of a bullet, or of a key without a colon before a bracket, in the line of the error or the line above."""
    suspects = dict.fromkeys(each.line - above for each in (mark, opened) if each for above in (0, 1))
    for number, line in _iter_lines(lines, suspects):
        start = len(line) - len(line.lstrip(" "))
        if BULLET.match(line, start):
            return Problem("yaml", Place(file, number + 1, start + 1), explain_bullet(line[start:]))
        if found := NO_COLON.match(line):
            return Problem("yaml", Place(file, number + 1, found.start("key") + 1), explain_missing_colon(found["key"]))
    return None


def _iter_lines(lines: list[str], numbers: Iterable[int]) -> Iterator[tuple[int, str]]:
    yield from ((number, lines[number]) for number in numbers if 0 <= number < len(lines))


def _explain_by_line(word: str, lines: list[str], mark: Any) -> tuple[str, str] | None:
    """Return a more precise message if the line matches a row of `_YAML_ERRORS_BY_LINE`."""
    if mark is None:
        return None
    line = lines[mark.line] if mark.line < len(lines) else ""
    before, after = line[: mark.column], line[mark.column :]
    line_above = lines[mark.line - 1] if mark.line else ""
    if word in ("block", "flow") and (found := _find_quoted_start(before)) and re.match(r"[^\s,\]}#]", after):
        return _explain_quoted_start(*found, after, word)
    if word == "mapping values are not allowed" and _NO_SPACE_AFTER_DASH.match(line_above):
        return "after the dash in the line above a space is missing", "Write `- ` before each part of a list."
    for error, above, here, detail, advice in _YAML_ERRORS_BY_LINE:
        if re.fullmatch(error, word) and re.fullmatch(above, before) and re.match(here, after):
            return detail, advice
    return None


def _find_quoted_start(before: str) -> tuple[str, str, str] | None:
    """Find a value up to the end of the quote with which it begins, as in `when: 'lunch' in meals`.

    Returns: its key or an empty text, the value with the spaces after it, the quote.
    """
    for opening in _BEFORE_VALUE.finditer(before):
        if found := re.fullmatch(r"""('(?:[^']|'')*'|"[^"]*") +""", before[opening.end() :]):
            key = re.split(r"[ {\[,]", before[: opening.start()])[-1] if opening[0][0] == ":" else ""
            return key, found[0], found[1]
    return None


def _explain_quoted_start(key: str, begun: str, quote: str, after: str, word: str) -> tuple[str, str]:
    """Explain a value that goes on after the quote with which it begins, and quote the whole value."""
    rest = re.match(r"(?:\[[^\]]*\]|[^,\]}])*" if word == "flow" else ".*?(?=\\s+#|$)", after)
    value = (begun + (rest[0] if rest else after)).rstrip()
    whole = f'"{value}"' if not {'"', "\\"} & {*value} else "'" + value.replace("'", "''") + "'"
    line = f"{key}: {whole}" if key else whole
    return f"the value ends with {quote}, but goes on after it", f"Put the whole value in quotes: `{line}`."


def _place_mark(file: str, mark: Any) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
