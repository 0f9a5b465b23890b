"""A fixed number of minutes in an introduction."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.minutes import check_minutes, names_minutes
from tests.analysis.checks.advice import advise
from tests.writing import ANY_QUESTION, HEAD, ask, write, write_head

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgctxt "introduction"\nmsgid "{}"\nmsgstr "{}"\n'


@pytest.mark.parametrize("wording", ["About 10 minutes", "tien minuten", "10 Minuten", "10 minüt", "10 хвилин", "١٠ دقائق"])
def test_a_text_with_a_number_of_minutes_is_recognised(wording: str) -> None:
    assert names_minutes(wording) and not names_minutes("A minor thing")


@pytest.mark.parametrize(
    ("introduction", "found"),
    [
        ("It takes *10 to 15 minutes*.", True),
        ("It takes ten minutes.", True),
        ("It takes *about {minutes} minutes*.", False),
        ("It takes *{minutes}* minutes.", False),
        ("It takes {minutes} minutes, 5 minutes less than before.", True),
        ("It takes {minutes} minutes. You can pause for 20 minutes.", False),
        ("It takes {minutes} minutes. It takes 20 min. if you read slowly.", True),
        ("Welcome!", False),
        ("It takes {level} minutes.", False),
    ],
)
def test_a_fixed_number_of_minutes_is_reported_not_the_placeholder(tmp_path: Path, introduction: str, found: bool) -> None:
    written = write_head(tmp_path, {"introduction": f'"{introduction}"'}, "institution: north\nname: North")
    assert not written.compilation.errors
    assert advise(check_minutes, written) == ([("minutes-by-hand", "introduction")] if found else [])


def test_the_placeholder_stays_in_the_quotation(tmp_path: Path) -> None:
    written = write_head(tmp_path, {"introduction": '"It takes {minutes} minutes, 5 minutes less."'})
    (problem,) = check_minutes(written.questionnaire)
    assert problem.facts["found"] == "takes {minutes} minutes, 5 minutes"


def test_a_fixed_number_of_minutes_is_reported_in_its_variant(tmp_path: Path) -> None:
    head = HEAD.replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Nederlands}}")
    source = "It takes {minutes} minutes."
    files = {"questionnaire.yaml": f'{head}introduction: "{source}"\n', "main.yaml": ask(ANY_QUESTION)}
    written = write(tmp_path, {**files, "nl/example.po": PO.format(source, "Het duurt 10 minuten.")})
    (problem,) = check_minutes(written.questionnaire)
    assert problem.facts["language"] == "nl" and problem.place.file.endswith("example.po")


def test_only_the_introduction_knows_the_placeholder(tmp_path: Path) -> None:
    problem = write_head(tmp_path, {"thanks": '"It took {minutes} minutes."'}).find("unknown-placeholder")
    assert problem.facts["name"] == "minutes"
