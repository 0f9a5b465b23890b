"""Writes a questionnaire from a few lines of YAML inside a test, and compiles it.

The sign « marks the place at which a test expects a problem. It is removed before the file is written.
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
"""The section `main` with two pages, to which a test adds more. Only respondents with a job get the second page."""
ANY_QUESTION = "- mark: week\n  text: How was your week?"


@dataclass(frozen=True)
class Written:
    """The result of compiling a questionnaire that was written for a test."""

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
        """Return the only problem with this code. If the test has a mark, the problem must be at the mark."""
        found = [problem for problem in self.problems if problem.code == code]
        assert len(found) == 1, "\n".join(map(str, self.problems)) or "no problem at all"
        if self.marks:
            assert found[0].place == self.marks[0], f"{found[0]} stands at column {found[0].place.column}"
        return found[0]


def write(folder: Path, files: Mapping[str, str]) -> Written:
    """Write and compile these files (name → text). Names that end in .po are catalogues, such as `nl/interface.po`."""
    marks = write_files(folder, files)
    return Written(inspect_questionnaire(folder / "q" / "x"), marks)


def write_files(folder: Path, files: Mapping[str, str], code: str = "x") -> list[Place]:
    """Write the files of a questionnaire without compiling them; return the places of the marks."""
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
    """Write and compile the usual questionnaire with some keys of its head replaced or added."""
    return write_sections(folder, ask(ANY_QUESTION), *more, head=change_head(change))


def change_head(change: Mapping[str, str]) -> str:
    """Return the usual head with some keys replaced or added; an empty value removes a key."""
    lines = HEAD.splitlines(keepends=True)
    for key, value in change.items():
        start = next((i for i, line in enumerate(lines) if line.startswith(f"{key}:")), len(lines))
        end = next((i for i in range(start + 1, len(lines)) if not lines[i].startswith(" ")), len(lines))
        lines[start:end] = [f"{key}: {value}\n" if value.strip() else ""]
    return "".join(lines)


def write_sections(folder: Path, *texts: str, head: str = HEAD) -> Written:
    """Write and compile a questionnaire with a head and one file per text: sections, modules, banks, institutions."""
    return write(folder, name_files(head, *texts))


def name_files(head: str, *texts: str) -> dict[str, str]:
    """Return file name → text, for a head and other texts."""
    return {"questionnaire.yaml": head, **{f"{number}.yaml": dedent(text) for number, text in enumerate(texts, 1)}}


def write_questions(folder: Path, questions: str, head: str = HEAD) -> Written:
    """Write and compile a questionnaire with one page that asks these questions."""
    return write_sections(folder, ask(questions), head=head)


def ask(questions: str) -> str:
    """Return the section `main` with one page that asks these questions."""
    return MAIN + indent(dedent(questions).strip(), "      ") + "\n"


def post(question: Question, **form: str | list[str]) -> Reading:
    """Return the values that a question reads from a posted form."""
    return QUESTION_TYPES[question.type].read(question, MultiDict(form))
