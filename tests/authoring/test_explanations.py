"""Every message has an explanation; its mistake produces the message, and its remedy does not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from textwrap import indent

import pytest

from survey_engine.authoring.explanations import Explanation, format_problems_page, read_explanations
from survey_engine.authoring.review import review_questionnaire
from survey_engine.language.documents import DOCUMENTS
from survey_engine.model.messages import MESSAGES
from tests import SHIPPED
from tests.writing import ANY_QUESTION, HEAD, MAIN

PAGE = SHIPPED / "PROBLEMS.md"
EXPLANATIONS = {code: explanation for family in read_explanations().values() for code, explanation in family.items()}
NOT_SHOWN = {"not-utf8", "too-large", "strange-character", "hard-variant", "catalogue-language"}
"""Messages that no short text can produce; they are tested in test_source.py, test_readability.py and test_variants.py."""
BEFORE = "# example-2025\n"


def find_codes(folder: Path, pieces: tuple[str, ...]) -> Counter[str]:
    """Return the messages about a questionnaire made of these pieces."""
    if any(piece.startswith(BEFORE) for piece in pieces):
        write(folder, "example-2025", tuple(piece.removeprefix(BEFORE) for piece in pieces if piece.startswith(BEFORE)))
    current = tuple(piece for piece in pieces if not piece.startswith(BEFORE))
    review = review_questionnaire(write(folder, "example-2026", current))
    return Counter(problem.code for problem in review.problems)


def write(folder: Path, name: str, pieces: tuple[str, ...]) -> Path:
    """Write a questionnaire from pieces: keys of the head, files, questions, a catalogue. Defaults fill the rest."""
    home = folder / "questionnaires" / name
    home.mkdir(parents=True, exist_ok=True)
    head, questions = HEAD, ANY_QUESTION
    for number, piece in enumerate(pieces):
        first = piece.lstrip("# ").split(":")[0]
        if piece.startswith("- "):
            questions = piece
        elif piece.startswith(("msg", "# interface")):
            domain = "interface" if piece.startswith("#") else "example"
            path = folder / "translations" / "nl" / "LC_MESSAGES" / f"{domain}.po"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n' + piece)
        elif first in DOCUMENTS or first == "sektion":
            (home / f"{number}.yaml").write_text(piece)
            head = add_to_order(head, piece) if first == "section" else head
        else:
            head = replace_keys(head, piece)
    (home / "questionnaire.yaml").write_text(head)
    (home / "main.yaml").write_text(MAIN + indent(questions, "      ") + "\n")
    return home


def add_to_order(head: str, piece: str) -> str:
    """Add a section to the order if the order is the default one."""
    name = piece.splitlines()[0].split(": ")[1]
    usual = "sections: [main]}"
    return head.replace(usual, f"sections: [main, {name}]}}") if name in ("extra", "more") else head


def replace_keys(head: str, piece: str) -> str:
    key = piece.split(":", maxsplit=1)[0]
    kept: list[str] = []
    skipping = False
    for line in head.splitlines():
        skipping = line.startswith(f"{key}:") or (skipping and line.startswith(" "))
        if not skipping:
            kept.append(line)
    return "\n".join([*kept, piece]) + "\n"


def test_every_message_is_explained_once() -> None:
    listed = [code for family in read_explanations().values() for code in family]

    assert sorted(listed) == sorted(MESSAGES)


def test_only_messages_that_text_cannot_show_lack_an_example() -> None:
    assert {code for code, explanation in EXPLANATIONS.items() if not explanation.mistake} == {
        *NOT_SHOWN,
        "no-questionnaire",
        "not-a-mapping",
        "unread-file",
        "other-suffix",
        "folder-name",
        "head-name",
    }


@pytest.mark.parametrize("explanation", [e for e in EXPLANATIONS.values() if e.mistake], ids=lambda e: e.code)
def test_an_example_gives_its_message_and_its_remedy_does_not(explanation: Explanation, tmp_path: Path) -> None:
    wrong = find_codes(tmp_path / "wrong", explanation.mistake)
    right = find_codes(tmp_path / "right", explanation.remedy)

    assert wrong[explanation.code] > right[explanation.code]


def test_the_page_of_all_messages_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == format_problems_page(), "Run: survey-engine explain --all -o questionnaires/PROBLEMS.md"
