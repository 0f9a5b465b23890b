"""Formats of problem reports for authors and programs."""

from __future__ import annotations

import json

from survey_engine.analysis.duration import Minutes
from survey_engine.authoring.report_formats import (
    Inspected,
    count_severities,
    report_github,
    report_json,
    report_sarif,
    report_text,
)
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place

LINES = {("a.yaml", 3): "  scale: agreed", ("a.yaml", 9): "x" * 60 + "HERE" + "y" * 200}
ERROR = Problem("bad-colour", Place("a.yaml", 3, 10), {"colour": "blue"})
HINT = Problem("no-notice", Place("a.yaml", 1, 1), {"code": "story"})
LATE = Problem("empty-pool", Place("a.yaml", 9, 61))
FOUND = [Inspected("job", [HINT, ERROR], {"nl": Minutes(1, 2, 3)})]


def read_line(place: Place) -> str:
    return LINES.get((place.file, place.line), "")


def test_errors_come_before_hints_with_line_caret_remedy_and_code() -> None:
    assert report_text(FOUND, read_line).splitlines() == [
        "a.yaml:3:10  error: 'blue' is not a colour.",
        "  3 |   scale: agreed",
        "    |          ^",
        '  Write it as "#1d4f91". [bad-colour]',
        "",
        "a.yaml:1:1  hint: The open question 'story' has no notice.",
        "  Add one of the `notices`, such as not to name people. [no-notice]",
        "",
        "job: 1 error, 0 warnings, 1 hint",
        "  nl    2.0 (1.0 to at most 3.0) minutes",
    ]


def test_several_questionnaires_are_counted_together() -> None:
    last = report_text([*FOUND, Inspected("nse", [ERROR])], read_line).splitlines()[-1]

    assert last == "2 questionnaires: 2 errors, 0 warnings, 1 hint"


def test_the_previous_edition_is_named() -> None:
    assert report_text([Inspected("job", [], previous_edition="job-2025")], read_line) == (
        "job: 0 errors, 0 warnings, 0 hints, compared with job-2025"
    )


def test_a_long_line_is_shortened_around_the_caret() -> None:
    _, line, caret, *_ = report_text([Inspected("job", [LATE])], read_line).splitlines()

    assert len(line) < 115
    assert line[caret.index("^")] == "H"


def test_every_part_is_painted_by_its_role() -> None:
    painted = report_text(FOUND, read_line, lambda text, role: f"<{role}>{text}</{role}>")

    assert "<place>a.yaml:3:10</place>  <error>error</error>:" in painted
    assert "<error>^</error>" in painted


def test_json_has_everything_a_program_needs() -> None:
    (inspected,) = json.loads(report_json(FOUND, read_line))

    assert inspected["counts"] == {"error": 1, "hint": 1}
    assert inspected["minutes"] == {"nl": {"shortest": 1, "typical": 2, "longest": 3}}
    assert inspected["problems"][1] == {
        "code": "bad-colour",
        "severity": "error",
        "file": "a.yaml",
        "line": 3,
        "column": 10,
        "text": "  scale: agreed",
        "wrong": "'blue' is not a colour.",
        "remedy": 'Write it as "#1d4f91".',
        "also": [],
    }


def test_sarif_has_a_rule_for_every_code_and_a_region_for_every_result() -> None:
    (run,) = json.loads(report_sarif(FOUND, read_line))["runs"]
    driver, results = run["tool"]["driver"], run["results"]

    assert {rule["id"] for rule in driver["rules"]} == {result["ruleId"] for result in results} == {"bad-colour", "no-notice"}
    assert [result["level"] for result in results] == ["note", "error"]
    location = results[1]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "a.yaml"}
    assert location["region"] == {"startLine": 3, "startColumn": 10, "snippet": {"text": "  scale: agreed"}}


def test_github_annotations_are_escaped() -> None:
    odd = Problem("bad-colour", Place("a,b:c.yaml", 3, 10), {"colour": "50%\nblue"})

    assert report_github([Inspected("job", [odd])], read_line) == (
        "::error file=a%2Cb%3Ac.yaml,line=3,col=10,title=bad-colour::'50%25%0Ablue' is not a colour. Write it as \"#1d4f91\"."
    )


def test_counts_are_in_words() -> None:
    assert count_severities([ERROR, ERROR, HINT]) == "2 errors, 0 warnings, 1 hint"
