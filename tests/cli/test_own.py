"""`survey-engine own`: the audience and minutes of own questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from survey_engine.cli.own import own
from tests.command import Desk
from tests.writing import ANY_QUESTION, ask, write

HEAD = """\
questionnaire: example
title: {en: Example, nl: Voorbeeld}
source_language: en
languages: {en: {name: English}, nl: {name: Nederlands, groups: [main]}}
background: {level: {text: {en: Level, nl: Niveau}, from: 1, to: 4}}
budget: {minutes: 5}
order: [{group: main, sections: [main]}, {group: own, own_questions: true}]
"""
NORTH = """\
institution: north
name: North
own_questions:
  pages:
    - page: own_page
      when: level >= 2
      questions: [{mark: own_mark, text: {en: "How is it, here?", nl: "Hoe is het hier?"}}]
"""


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Asked when the institution is North and the language is English and “Level” is at least 2."),
        ("nl", "Gevraagd als de instelling North is en de taal English is en “Niveau” minstens 2 is."),
    ],
)
def test_the_sheet_states_the_audience_of_an_own_question(tmp_path: Path, language: str, said: str) -> None:
    main = ask(ANY_QUESTION).replace("text: How was your week?", "text: {en: Week?, nl: Week?}")
    write(
        tmp_path,
        {"questionnaire.yaml": HEAD, "main.yaml": main, "north.yaml": NORTH, "south.yaml": "institution: south\nname: South"},
    )
    result = CliRunner().invoke(own, [str(tmp_path / "q" / "x"), "north", "--sentences", language])
    assert (result.exit_code, said in result.output) == (0, True), result.output
    assert "en: a path takes at most " in result.output
    assert {"en": "How is it, here?", "nl": "Hoe is het hier?"}[language] in result.output


@pytest.mark.parametrize(
    "words", [("check", "example"), ("prove", "example"), ("diff", "example", "example"), ("own", "example", "north")]
)
def test_a_folder_here_precedes_the_same_name_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    desk = Desk(tmp_path, monkeypatch)
    for home, minutes in ((tmp_path / "q", 5), (tmp_path, 7)):
        (home / "example").mkdir(parents=True)
        (home / "example" / "questionnaire.yaml").write_text(HEAD.replace("minutes: 5", f"minutes: {minutes}"))
        main_file = ask(ANY_QUESTION).replace("text: How was your week?", "text: {en: Week?, nl: Week?}")
        (home / "example" / "main.yaml").write_text(main_file)
        (home / "example" / "north.yaml").write_text(NORTH)
    assert desk.run("publish", str(tmp_path / "q" / "example")).exit_code == 0
    said = desk.run(*words)
    here = f"the folder {tmp_path / 'example'} is used, not {tmp_path / 'q' / 'example'}"
    assert said.exit_code == 0 and here in said.output, said.output
