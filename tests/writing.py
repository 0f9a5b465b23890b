"""Writes a questionnaire from a few lines of YAML inside a test, and compiles it.

The sign « marks a place in the YAML; it is taken out before the file is written, so a test can say where a problem must stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

from werkzeug.datastructures import MultiDict

from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.question_type import Reading
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place, Question, Questionnaire
from survey_engine.publication.compiler import Compilation, inspect_questionnaire

HEAD = """\
questionnaire: example
title: Example
source_language: en
languages: {en: {name: English}}
background:
  path: {text: Path, options: {bol: School, bbl: Work}}
  level: {text: Level, from: 1, to: 4}
  programme: {text: Programme, open: true}
scales:
  agree: {1: Disagree, 2: Neutral, 3: Agree}
order:
  - {group: main, sections: [main]}
"""
MAIN = """\
section: main
pages:
  - page: first
    questions:
"""
JOB_PAGES = """\
section: main
pages:
  - page: job
    questions:
      - yes_no: has_job
        text: Do you have a job?
  - page: hours
    when: has_job == 'yes'
    questions:
      - number: hours
        text: How many hours?
        from: 1
        to: 60
"""
"""The section `main` with two pages, to which a test adds more; only who has a job gets to the second."""
ANY_QUESTION = "- mark: week\n  text: How was your week?"


@dataclass(frozen=True)
class Written:
    """What came of a questionnaire written for a test."""

    compilation: Compilation
    marks: list[Place]

    @property
    def problems(self) -> list[Problem]:
        return self.compilation.problems

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self.problems]

    @property
    def questionnaire(self) -> Questionnaire:
        assert self.compilation.questionnaire, "\n".join(map(str, self.problems))
        return self.compilation.questionnaire

    @property
    def question(self) -> Question:
        """The first question of the section `main`."""
        assert not self.compilation.errors, "\n".join(map(str, self.problems))
        return self.questionnaire.sections["main"].pages[0].questions[0]

    def find(self, code: str) -> Problem:
        """The one problem with this code, which must stand at the mark if there is one."""
        found = [problem for problem in self.problems if problem.code == code]
        assert len(found) == 1, "\n".join(map(str, self.problems)) or "no problem at all"
        if self.marks:
            assert found[0].place == self.marks[0], f"{found[0]} stands at column {found[0].place.column}"
        return found[0]


def write(folder: Path, files: Mapping[str, str]) -> Written:
    """A questionnaire of these files; names that end in .po are catalogues, such as `nl/interface.po`."""
    marks = write_files(folder, files)
    return Written(inspect_questionnaire(folder / "q" / "x"), marks)


def write_files(folder: Path, files: Mapping[str, str], code: str = "x") -> list[Place]:
    """Write the files of a questionnaire without compiling them; return the marks."""
    marks = []
    for name, text in files.items():
        parts = name.split("/")
        path = (
            folder / "translations" / parts[0] / "LC_MESSAGES" / parts[1] if name.endswith(".po") else folder / "q" / code / name
        )
        for number, line in enumerate(text.split("\n"), 1):
            if "«" in line:
                marks.append(Place(f"{code}/{name}", number, line.index("«") + 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.replace("«", "").encode())
    return marks


def write_head(folder: Path, change: Mapping[str, str], *more: str) -> Written:
    """The usual questionnaire with some keys of its head replaced or added."""
    return write_sections(folder, ask(ANY_QUESTION), *more, head=change_head(change))


def change_head(change: Mapping[str, str]) -> str:
    """The usual head with some of its keys replaced or added; an empty value takes a key out."""
    lines = HEAD.splitlines(keepends=True)
    for key, value in change.items():
        start = next((i for i, line in enumerate(lines) if line.startswith(f"{key}:")), len(lines))
        end = next((i for i in range(start + 1, len(lines)) if not lines[i].startswith(" ")), len(lines))
        lines[start:end] = [f"{key}: {value}\n" if value.strip() else ""]
    return "".join(lines)


def write_sections(folder: Path, *texts: str, head: str = HEAD) -> Written:
    """A questionnaire of a head and one file for each of the texts: sections, modules, banks, institutions."""
    return write(folder, name_files(head, *texts))


def name_files(head: str, *texts: str) -> dict[str, str]:
    """Names of files → a head and texts."""
    return {"questionnaire.yaml": head, **{f"{number}.yaml": dedent(text) for number, text in enumerate(texts, 1)}}


def write_questions(folder: Path, questions: str, head: str = HEAD) -> Written:
    """A questionnaire with one page that asks these questions."""
    return write_sections(folder, ask(questions), head=head)


def ask(questions: str) -> str:
    """The section `main` with one page that asks these questions."""
    return MAIN + indent(dedent(questions).strip(), "      ") + "\n"


def post(question: Question, **form: str | list[str]) -> Reading:
    """What a question reads in a posted form."""
    return QUESTION_TYPES[question.type].read(question, MultiDict(form))
