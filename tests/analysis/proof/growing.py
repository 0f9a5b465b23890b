"""Questionnaires of any size, to measure how the cost of proving grows with questions and institutions.

`python -m tests.analysis.proof.growing 100 200` proves one with 100 questions and 200 institutions, and prints time and memory.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from itertools import combinations
from pathlib import Path

from survey_engine.authoring.proof_sheet import prove_questionnaire
from survey_engine.model.questionnaire import Questionnaire
from tests.writing import write

HEAD = """\
questionnaire: example
title: Example
source_language: en
languages: {en: {name: English}, nl: {name: Nederlands}}
background:
  path: {text: Path, options: {bol: School, bbl: Work}}
  level: {text: Level, from: 1, to: 4}
scales:
  agree: {1: Disagree, 2: Neutral, 3: Agree}
order:
  - {group: main, sections: [main]}
  - {group: modules, modules: {council: 1, institution: 1, random: 1}}
  - {group: own, own_questions: true}
"""
MODULES = ("art", "food", "music", "sleep")
PER_PAGE = 5
MODULE = """\
module: {0}
pages:
  - page: {0}
    questions:
      - {{yes_no: {0}_new, text: T}}
      - {{mark: {0}_mark, text: T, when: {0}_new == 'yes'}}
"""
INSTITUTION = """\
institution: {code}
name: College {code}
modules: {{council: [{council}], institution: [{chosen}]}}
"""
OWN = """\
own_questions:
  pages:
    - page: {0}_own
      questions:
        - {{yes_no: {0}_joined, text: T}}
        - {{choice: {0}_place, text: T, options: {{{0}_hall: A, {0}_park: B}}, when: {0}_joined == 'yes'}}
"""


def write_institution(number: int) -> str:
    """Return the file of an institution: one of six choices of modules; every second one has questions of its own."""
    code = f"i{number}"
    council, chosen = list(combinations(MODULES, 2))[number // 2 % 6]
    return INSTITUTION.format(code=code, council=council, chosen=chosen) + (OWN.format(code) if number % 2 else "")


def write_section(questions: int) -> str:
    """Return the core section: pages of five questions, every second page with a condition on an earlier answer or the path."""
    lines = ["section: main", "pages:"]
    for first in range(0, questions, PER_PAGE):
        page = first // PER_PAGE
        lines.append(f"  - page: page{page}")
        if page % 4 == 1:
            lines.append(f"    when: works{page - 1} == 'yes'")
        if page % 4 == 3:
            lines.append(f"    when: path == '{'bol' if page % 8 == 3 else 'bbl'}'")
        asked = (
            f"{{yes_no: works{page}, text: T}}",
            f"{{mark: mark{page}, text: T}}",
            f"{{grid: grid{page}, text: T, scale: agree, items: {{calm{page}: Calm, safe{page}: Safe, busy{page}: Busy}}}}",
            f"{{number: hours{page}, text: T, from: 0, to: 60, when: works{page} == 'yes'}}",
            f"{{choice: reason{page}, text: T, options: {{one: A, two: B, more: {{text: C, namely: true}}}}, when: mark{page} < 5}}",
        )
        lines += ["    questions:", *(f"      - {text}" for text in asked[: questions - first])]
    return "\n".join(lines) + "\n"


def write_growing(folder: Path, questions: int, institutions: int) -> Questionnaire:
    """Write and compile a questionnaire of this size."""
    files = {"questionnaire.yaml": HEAD, "main.yaml": write_section(questions)}
    files |= {f"{module}.yaml": MODULE.format(module) for module in MODULES}
    files |= {f"i{number}.yaml": write_institution(number) for number in range(institutions)}
    return write(folder, files).questionnaire


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.analysis.proof.growing", description=__doc__)
    parser.add_argument("questions", type=int)
    parser.add_argument("institutions", type=int)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        questionnaire = write_growing(Path(folder), chosen.questions, chosen.institutions)
    before = resource.getrusage(resource.RUSAGE_SELF)
    sheet = prove_questionnaire(questionnaire)
    after = resource.getrusage(resource.RUSAGE_SELF)
    sys.stdout.write(
        f"{chosen.questions} questions × {chosen.institutions} institutions: {'' if sheet.proved else 'not '}proved in"
        f" {after.ru_utime - before.ru_utime:.1f} s of CPU, {after.ru_maxrss // 1024} MB at most"
        f" ({before.ru_utime:.1f} s and {before.ru_maxrss // 1024} MB to compile)\n"
    )


if __name__ == "__main__":
    main()
