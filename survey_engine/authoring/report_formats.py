"""Formats of problem reports: text with the offending line, JSON, SARIF, GitHub annotations.

To add a format, add a function and a line in REPORTS.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any, TypeAlias

from survey_engine.analysis.checks.readability import Readability
from survey_engine.analysis.duration import Minutes
from survey_engine.model.message import Severity
from survey_engine.model.messages import MESSAGES, Problem
from survey_engine.model.questionnaire import Place

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")
ReadLine: TypeAlias = Callable[[Place], str]
"""Function that returns the line of text at a place; empty if it cannot be read."""
Paint: TypeAlias = Callable[[str, str], str]
"""Function (text, role) that returns the text in the role's colour: error, warning, hint, place or quiet."""

_WIDEST_LINE = 100
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "hint": "note"}
_GITHUB_LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "hint": "notice"}


@dataclass(frozen=True, slots=True)
class Inspected:
    """The results for one folder, named as in the command: problems, and figures of each language variant."""

    folder: str
    problems: Sequence[Problem]
    minutes: Mapping[str, Minutes] = field(default_factory=dict)
    readability: Mapping[str, Readability] = field(default_factory=dict)
    previous_edition: str = ""
    """The id of the earlier edition that the questionnaire was compared with."""
    omitted: Sequence[Problem] = ()
    """Problems that are only counted."""

    @property
    def all_problems(self) -> list[Problem]:
        return [*self.problems, *self.omitted]


def count_severities(problems: Iterable[Problem]) -> str:
    """Return the numbers of problems by severity as text.

    >>> count_severities([Problem("empty-pool", Place("a.yaml"))])
    '1 error, 0 warnings, 0 hints'
    """
    counts = Counter(problem.severity for problem in problems)
    return ", ".join(f"{counts[kind]} {kind}{'' if counts[kind] == 1 else 's'}" for kind in SEVERITIES)


def report_text(found: Sequence[Inspected], read_line: ReadLine, paint: Paint = lambda text, role: text) -> str:
    """Format errors, warnings and hints in separate lists, each problem with its line."""
    lines: list[str] = []
    for inspected in found:
        for severity in SEVERITIES:
            for problem in inspected.problems:
                if problem.severity == severity:
                    lines += [*_show_problem(problem, read_line, paint), ""]
        beside = f", compared with {inspected.previous_edition}" if inspected.previous_edition else ""
        lines.append(f"{inspected.folder}: {count_severities(inspected.all_problems)}{beside}")
        lines += [paint(line, "quiet") for line in _show_variants(inspected)]
    if len(found) > 1:
        total = [problem for inspected in found for problem in inspected.all_problems]
        lines.append(f"{len(found)} questionnaires: {count_severities(total)}")
    return "\n".join(lines)


def _show_variants(inspected: Inspected) -> Iterable[str]:
    for language in {**inspected.minutes, **inspected.readability}:
        figures = [f"{inspected.minutes[language]} minutes"] if language in inspected.minutes else []
        figures += [str(inspected.readability[language])] if language in inspected.readability else []
        yield f"  {language:5} {'; '.join(figures)}"


def _show_problem(problem: Problem, read_line: ReadLine, paint: Paint) -> list[str]:
    place = problem.place
    where = paint(f"{place.file}:{place.line}:{place.column}", "place")
    shown = [f"{where}  {paint(problem.severity, problem.severity)}: {capitalise(problem.wrong)}."]
    line, column = _shorten(read_line(place).rstrip("\n"), place.column)
    if line.strip():
        number = str(place.line)
        shown.append(paint(f"  {number} | ", "quiet") + line)
        shown.append(paint(f"  {' ' * len(number)} | ", "quiet") + " " * (column - 1) + paint("^", problem.severity))
    shown.append(f"  {problem.remedy} {paint(f'[{problem.code}]', 'quiet')}")
    if problem.others:
        shown.append(f"  {problem.also}")
    return shown


def _shorten(line: str, column: int) -> tuple[str, int]:
    """Shorten a long line around a column; return (line, new column)."""
    line = line.replace("\t", " ")
    if len(line) <= _WIDEST_LINE:
        return line, column
    start = max(0, min(column - 1 - _WIDEST_LINE // 3, len(line) - _WIDEST_LINE))
    before, after = "…" if start else "", "…" if start + _WIDEST_LINE < len(line) else ""
    return before + line[start : start + _WIDEST_LINE] + after, column - start + len(before)


def capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def report_json(found: Sequence[Inspected], read_line: ReadLine) -> str:
    """Format a list of questionnaires with counts and problems."""
    return _dump(
        [
            {
                "folder": inspected.folder,
                "counts": dict(Counter(problem.severity for problem in inspected.problems)),
                "problems": [_map_facts(problem, read_line) for problem in inspected.problems],
                "minutes": {language: asdict(minutes) for language, minutes in inspected.minutes.items()},
                "readability": {language: asdict(figures) for language, figures in inspected.readability.items()},
            }
            for inspected in found
        ]
    )


def _map_facts(problem: Problem, read_line: ReadLine) -> dict[str, Any]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "text": read_line(problem.place).rstrip("\n"),
        "wrong": capitalise(problem.wrong) + ".",
        "remedy": problem.remedy,
        "also": [asdict(place) for place in problem.others],
    }


def report_sarif(found: Sequence[Inspected], read_line: ReadLine) -> str:
    """Format one SARIF 2.1.0 run for code hosts and editors."""
    problems = [problem for inspected in found for problem in inspected.problems]
    driver = {
        "name": "survey-engine",
        "version": version("survey-engine"),
        "rules": [_describe_rule(code) for code in sorted({problem.code for problem in problems})],
    }
    results = [_describe_result(problem, read_line) for problem in problems]
    return _dump({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]})


def _describe_rule(code: str) -> dict[str, Any]:
    message = MESSAGES[code]
    return {
        "id": code,
        "shortDescription": {"text": capitalise(message.wrong)},
        "help": {"text": message.remedy},
        "defaultConfiguration": {"level": _SARIF_LEVELS[message.severity]},
    }


def _describe_result(problem: Problem, read_line: ReadLine) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": problem.place.line, "startColumn": problem.place.column}
    line = read_line(problem.place).rstrip("\n")
    if line:
        region["snippet"] = {"text": line}
    others = [_locate(place, {"startLine": place.line, "startColumn": place.column}) for place in problem.others]
    return {
        "ruleId": problem.code,
        "level": _SARIF_LEVELS[problem.severity],
        "message": {"text": f"{capitalise(problem.wrong)}. {problem.remedy}"},
        "locations": [_locate(problem.place, region)],
        **({"relatedLocations": others} if others else {}),
    }


def _locate(place: Place, region: Mapping[str, Any]) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": place.file}, "region": region}}


def report_github(found: Sequence[Inspected], read_line: ReadLine) -> str:
    """Format workflow commands, which GitHub shows as annotations of changed lines."""
    return "\n".join(_annotate(problem) for inspected in found for problem in inspected.problems)


def _annotate(problem: Problem) -> str:
    """Format one annotation. In properties, `:` and `,` are escaped too (GitHub's workflow command syntax)."""
    place = problem.place
    properties = {"file": place.file, "line": place.line, "col": place.column, "title": problem.code}
    shown = ",".join(f"{key}={_escape(str(value), ':,')}" for key, value in properties.items())
    message = _escape(" ".join(filter(None, (f"{capitalise(problem.wrong)}.", problem.remedy, problem.also))))
    return f"::{_GITHUB_LEVELS[problem.severity]} {shown}::{message}"


def _escape(text: str, more: str = "") -> str:
    for sign in "%\r\n" + more:
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def _dump(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)


REPORTS: dict[str, Callable[[Sequence[Inspected], ReadLine], str]] = {
    "text": report_text,
    "json": report_json,
    "sarif": report_sarif,
    "github": report_github,
}
"""Name of a format → function that formats problems."""
