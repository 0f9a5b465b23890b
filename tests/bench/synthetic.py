"""Questionnaires of any length, to see how cost grows: a page is a grid of eight statements, some of them routed."""

from __future__ import annotations

from pathlib import Path

STATEMENTS = 8
HEAD = """\
questionnaire: {code}
title: Bench
source_language: en
languages: {{en: {{name: English}}}}
scales:
  agree: {{1: Strongly disagree, 2: Disagree, 3: Neither, 4: Agree, 5: Strongly agree}}
order:
  - {{group: standard, sections: [main]}}
"""
INSTITUTION = "institution: {name}\nname: Bench college {name}\n"


def write_questionnaire(folder: Path, code: str, pages: int, institutions: int = 1, statements: int = STATEMENTS) -> Path:
    """Write a questionnaire of so many pages below `folder`; every tenth page is routed on an earlier answer."""
    home = folder / code
    home.mkdir(parents=True)
    (home / "questionnaire.yaml").write_text(HEAD.format(code=code))
    lines = ["section: main", "title: Everything", "pages:"]
    for page in range(1, pages + 1):
        lines.append(f"  - page: p{page}")
        if page > 1 and page % 10 == 0:
            lines.append(f"    when: p{page - 1}_s1 != 1")
        lines += ["    questions:", f"      - grid: p{page}_grid", f"        text: Topic {page}", "        scale: agree"]
        lines.append("        items:")
        lines += [f"          p{page}_s{s}: Statement {s} of topic {page} is about daily life" for s in range(1, statements + 1)]
    (home / "main.yaml").write_text("\n".join(lines) + "\n")
    for number in range(1, institutions + 1):
        (home / f"i{number}.yaml").write_text(INSTITUTION.format(name=f"i{number}"))
    return home
