"""The proof sheet as text for a terminal and as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from survey_engine.analysis.proof.lengths import PathLengths
from survey_engine.analysis.proof.session import Solution
from survey_engine.analysis.proof.verdicts import Counterexample, Obstacle, Verdict
from survey_engine.analysis.proof.witness import describe_witness
from survey_engine.authoring.proof_sheet import Sheet
from survey_engine.rendering.file_templates import open_template

Paint: TypeAlias = Callable[[str, str], str]
"""Maps a text and its role (proved, failed, undecided, place, quiet) to the text that the terminal prints."""

_ASSUMPTIONS = (
    "a background variable has any declared value or none; a question has any of its options or no answer; a text is answered or not",
    "no answer is compulsory except a required consent",
    "the drawn module is any that was not chosen, and the arm any of its experiment",
    "a respondent may change language, and keeps the modules assigned at the start",
    "the seconds of a question are divided equally over its items",
)
"""Assumptions of the proof."""


def name_state(verdict: Verdict) -> str:
    """Return `failed`, `undecided` or `proved`."""
    if verdict.findings:
        return "failed"
    return "undecided" if verdict.undecided else "proved"


def format_sheet_text(sheet: Sheet, paint: Paint = lambda text, role: text) -> str:
    """Format the whole sheet as text."""
    return "\n".join(_iter_lines(sheet, paint))


def _iter_lines(sheet: Sheet, paint: Paint) -> Iterator[str]:
    questionnaire = sheet.questionnaire
    count = len(sheet.proof.sessions)
    yield f"{questionnaire.code}: {count} kind{'s' * (count != 1)} of respondent (institution × variant)"
    yield paint(
        f"{sheet.replayed} respondents found by the solver were replayed by the engine, with the same pages and items", "quiet"
    )
    if questionnaire.withheld:
        yield paint(f"Without {', '.join(questionnaire.withheld)}: not all texts have a wording", "undecided")
    for codes in sheet.proof.list_equal_institutions():
        yield paint(f"institutions with equal conditions, which are proved together: {', '.join(codes)}", "quiet")
    yield ""
    for verdict in sheet.verdicts:
        role = name_state(verdict)
        yield f"{paint(f'{role:9}', role)} {verdict.claim} {paint(f'({verdict.counted})', 'quiet')}"
        for finding in verdict.findings:
            yield from _describe_finding(finding, sheet, paint)
        yield from (f"          undecided: {subject}" for subject in verdict.undecided)
        yield from (paint(f"          note: {note}", "quiet") for note in verdict.notes)
    yield ""
    yield from _iter_untranslated(sheet, paint)
    yield from _iter_path_lengths(sheet, paint)
    yield paint("Assumptions: " + "; ".join(_ASSUMPTIONS) + ".", "quiet")


def _describe_finding(finding: Counterexample, sheet: Sheet, paint: Paint) -> Iterator[str]:
    where = f" ({', '.join(finding.languages)})" if finding.languages else ""
    yield f"          {paint(str(finding.place), 'place')} {finding.wrong[:1].upper()}{finding.wrong[1:]}{where}."
    for obstacle in finding.obstacles:
        yield f"            {introduce_obstacle(obstacle)}"
        yield from (f"              {paint(str(reason.place), 'place')} {reason.text}" for reason in obstacle.reasons)
    if finding.found:
        yield f"            for example {describe_witness(finding.found.witness, sheet.questionnaire)}"


def introduce_obstacle(obstacle: Obstacle) -> str:
    """Return the line before the reasons of an obstacle."""
    if not obstacle.reasons:
        return f"at {', '.join(obstacle.institutions)} the solver found no reasons within its limit."
    together = "this is impossible" if len(obstacle.reasons) == 1 else "these conditions exclude each other"
    return f"at {', '.join(obstacle.institutions)} {together}:"


def _iter_untranslated(sheet: Sheet, paint: Paint) -> Iterator[str]:
    yield "Conditions outside the proof: " + ("none" if not sheet.proof.untranslated else "")
    for each in sheet.proof.untranslated:
        yield f"  {paint(str(each.condition.place), 'place')} `{each.condition.source}`: {each.detail}"


def _iter_path_lengths(sheet: Sheet, paint: Paint) -> Iterator[str]:
    yield "Paths, over all institutions"
    for row in sheet.path_lengths:
        yield f"  {paint(f'{row.language} {row.kind}'.strip(), 'place')}  {format_minutes(row)}, {format_items(row)}"
        yield paint(f"    longest:  {format_end(row.longest, sheet)}", "quiet")
        yield paint(f"    shortest: {format_end(row.shortest, sheet)}", "quiet")


def format_minutes(row: PathLengths) -> str:
    return f"{row.shortest.seen.minutes:.1f} to {row.longest.seen.minutes:.1f} minutes"


def format_items(row: PathLengths) -> str:
    return f"{row.fewest.seen.items} to {row.most.seen.items} items"


def format_end(found: Solution, sheet: Sheet) -> str:
    seen = found.seen
    who = describe_witness(found.witness, sheet.questionnaire)
    return f"{seen.minutes:.1f} minutes, {seen.items} items, {len(seen.pages)} pages: {who}"


def format_sheet_html(sheet: Sheet) -> str:
    """Format the whole sheet as one HTML page without external files."""
    functions = {"state": name_state, "introduce_obstacle": introduce_obstacle, "describe": describe_witness}
    return open_template("authoring/proof.html").render(functions, sheet=sheet, rows=sheet.path_lengths, assumptions=_ASSUMPTIONS)
