"""A required consent is asked of everybody who goes on, before sensitive questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.consents import check_consents
from tests.writing import Written, change_head, write_sections

LANGUAGES = {"languages": "{en: {name: English}, nl: {name: Nederlands}}", "order": "[{group: main, sections: [consent, main]}]"}
WEEK = "{page: week, questions: [{mark: week, text: W?}]}"
NORTH = "institution: north\nname: North\nlanguages: [en, nl]"


def write_consent(folder: Path, *questions: str, section: str = "", main: str = WEEK, background: str = "") -> Written:
    listed = "".join(f"      - {question}\n" for question in questions)
    consent = f"section: consent\n{section}pages:\n  - page: consent\n    questions:\n{listed}"
    head = change_head(LANGUAGES | ({"background": background} if background else {}))
    return write_sections(folder, consent, f"section: main\npages:\n  - {main}\n", NORTH, head=head)


def consent(code: str = "use", when: str = "", part: str = "") -> str:
    """Write a consent with one required part."""
    asked = f', when: "{when}"' if when else ""
    given = f', when: "{part}"' if part else ""
    return f"{{consent: {code}_consent, text: C?, parts: {{{code}: {{text: Y, required: true{given}}}}}{asked}}}"


def find(written: Written) -> list[tuple[str, str]]:
    return [(each.code, str(each.facts.get("who", each.facts.get("first")))) for each in check_consents(written.questionnaire)]


def test_a_consent_of_everybody_is_in_order(tmp_path: Path) -> None:
    assert find(write_consent(tmp_path, consent())) == []


def test_a_consent_in_one_variant_is_reported(tmp_path: Path) -> None:
    assert find(write_consent(tmp_path, consent(), section="languages: [nl]\n")) == [("consent-of-some", "language en")]


@pytest.mark.parametrize("where", ["when", "part"])
def test_a_consent_of_a_part_of_the_students_is_reported(tmp_path: Path, where: str) -> None:
    written = write_consent(tmp_path, consent(**{where: "level == 4"}))
    assert find(written) == [("consent-of-some", "language en, level empty")]


@pytest.mark.parametrize("rest", ["not (level >= 3)", "level != 3 and level != 4"])
def test_two_consents_may_share_the_students(tmp_path: Path, rest: str) -> None:
    assert find(write_consent(tmp_path, consent(when="level >= 3"), consent("other", rest))) == []


def test_two_consents_that_leave_a_gap_are_reported(tmp_path: Path) -> None:
    written = write_consent(tmp_path, consent(when="level >= 3"), consent("other", "level <= 2"))
    assert find(written) == [("consent-of-some", "language en, level empty")]


def test_a_second_consent_for_a_part_is_in_order(tmp_path: Path) -> None:
    assert find(write_consent(tmp_path, consent(), consent("parent", "level == 1"))) == []


@pytest.mark.parametrize(("when", "found"), [("fits == 'yes'", False), ("fits != 'no'", True)])
def test_those_who_are_asked_nothing_more_need_no_consent(tmp_path: Path, when: str, found: bool) -> None:
    first = "{page: first, questions: [{yes_no: fits, text: F?}]}"
    page = f"{{page: consent, when: fits == 'yes', questions: [{consent()}]}}"
    later = f"{{page: later, when: {when}, questions: [{{mark: later, text: L?}}]}}"
    main = f"section: main\npages:\n  - {first}\n  - {page}\n  - {later}\n"
    written = write_sections(tmp_path, main, "institution: north\nname: North")
    assert bool(find(written)) is found


def test_a_consent_after_a_sensitive_question_is_a_hint(tmp_path: Path) -> None:
    page = "  - {page: week, questions: [{mark: week, text: W?SENSITIVE}]}\n"
    for sensitive, found in ((", sensitive: health", [("late-consent", "week")]), ("", [("last-consent", "None")])):
        head = change_head({"order": "[{group: main, sections: [main]}]"})
        pages = f"{page.replace('SENSITIVE', sensitive)}  - {{page: consent, questions: [{consent()}]}}\n"
        assert find(write_sections(tmp_path / str(bool(sensitive)), f"section: main\npages:\n{pages}", head=head)) == found


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("[{group: main, sections: [main, consent]}]", True),
        ("[{group: a, sections: [main]}, {group: b, sections: [consent]}]", True),
        ("[{group: main, sections: [consent, main]}]", False),
        ("[{group: a, sections: [main, consent]}, {group: own, own_questions: true}]", False),
    ],
)
def test_a_required_consent_behind_all_questions_is_reported(tmp_path: Path, order: str, found: bool) -> None:
    text = f"section: consent\npages:\n  - page: consent\n    questions:\n      - {consent()}\n"
    main = f"section: main\npages:\n  - {WEEK}\n"
    own = NORTH + "\nown_questions: {pages: [{page: own, questions: [{mark: own, text: O?}]}]}"
    written = write_sections(tmp_path, text, main, own, head=change_head(LANGUAGES | {"order": order}))

    assert ("last-consent" in [problem.code for problem in check_consents(written.questionnaire)]) == found
