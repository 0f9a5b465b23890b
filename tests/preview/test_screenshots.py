"""Pictures of every page in every language: which, and that they are really taken."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey_engine.cli.screenshots import screenshots
from survey_engine.preview.screenshots import list_shots
from tests.writing import write_head

HERE = "institution: here\nname: Here\n"
THERE = """\
institution: there
name: There
languages: [en]
own_questions:
  pages:
    - {page: own_first, questions: [{mark: own_mark, text: {en: How is it there?}}]}
"""
ORDER = "[{group: main, sections: [main]}, {group: own, own_questions: true}]"


def read_size(path):
    """Width and height of a PNG, from its header."""
    return struct.unpack(">II", path.read_bytes()[16:24])


def test_an_institution_is_pictured_in_its_languages_without_the_questions_of_others(tmp_path):
    questionnaire = write_head(tmp_path, {"order": ORDER}, HERE, THERE).compilation.questionnaire
    assert [shot.name for shot in list_shots(questionnaire, "here")] == ["first.en.png"]
    assert [shot.name for shot in list_shots(questionnaire, "there")] == ["first.en.png", "own_first.en.png"]


def test_an_unknown_institution_is_refused_with_the_known_ones(tmp_path):
    write_head(tmp_path, {"order": ORDER}, HERE, THERE)
    result = CliRunner().invoke(screenshots, [str(tmp_path / "q" / "x"), "--institution", "heer", "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "did you mean 'here'?" in result.output


@pytest.mark.browser
def test_every_picture_is_as_wide_as_a_phone_and_stands_on_the_sheet(tmp_path):
    write_head(tmp_path, {"order": ORDER}, HERE, THERE)
    out = tmp_path / "pictures"
    program = Path(sys.executable).parent / "survey-engine"
    command = [program, "screenshots", tmp_path / "q" / "x", "--institution", "there", "--out", out]
    subprocess.run(
        command, check=True, timeout=120
    )  # a process of its own: a browser of the other tests may be at work in this one
    assert {path.name for path in out.glob("*.png")} == {"first.en.png", "own_first.en.png", "contact-sheet.png"}
    assert read_size(out / "first.en.png")[0] == 360
    assert read_size(out / "contact-sheet.png")[1] > 700
