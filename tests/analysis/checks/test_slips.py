"""Foreign placeholders, invisible and garbled characters, and unfinished texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.slips import SLIPS, check_slips
from tests.analysis.checks.advice import advise
from tests.writing import HEAD, Written, change_head, write, write_questions

HEAD_WITH_TERM = HEAD + "terms: {school: your school}\n"
WRONG = {
    "foreign-placeholder": [
        "{school",
        "{{school}}",
        "school}",
        "{ school }",
        "${school}",
        "%(school)s",
        "%s",
        "[school]",
        "[path]",
        "%path%",
        "#{school}",
    ],
    "invisible-character": ["sch\u200bool", "sch\ufeffool", "sch\u200dool", "sch\ue000ool", "\u200eschool", "a\u2028b"],
    "garbled-text": [
        *(
            "caf\u00c3\u00a9",
            "Don\u00e2\u20ac\u2122t",
            "sch\ufffdol",
            "#NAME?",
            "#N/B",
            "#DIV/0!",
            '""school""',
            "??n",
            "good.\\n",
        ),
        *("\u00e2\u201a\u00ac 5", "\u00ef\u00bb\u00bfschool", "caf\u00c8", "caf\u201a", "Stra?e", "caf\\\\u00e9", "de%20school"),
        *("caf=C3=A9", "school\uff1f", "\uff5bschool\uff5d", "\U0001d422\U0001d427", "a\u0301\u0301\u0301"),
        *("Met\u0430l", "sch\u03bfol", "1O to 19", "l00 pages", "2o5"),
    ],
    "written-number": ["Ga naar vraag 14", "If so, skip to question 3"],
    "open-bracket": ['a "school', "(with others", "a (b (c) d", "(or not))", "\u201cschool"],
    "punctuation": [
        "your  school",
        "school?? Yes",
        "school ? Yes",
        "your time?Have you",
        "your\u00a0\u00a0\u00a0school",
        "school , then",
        "school.Really",
        "school.?",
        "school,?",
    ],
    "unfinished-text": [
        "TODO",
        "How are you? (NOG AANPASSEN)",
        "a TBD b",
        "XXX",
        "Lorem ipsum",
        "what ???",
        "[NOG INVULLEN]",
        "[vertaling controleren]",
        "[to translate]",
        "in XX months",
        "in ___ months",
        "school? (concept)",
        "school. @Jan kijk jij",
    ],
}
RIGHT = [
    *("{school}", "100% sure", "100 %so", "[school](https://example.org)", "univer\u00adsity", "\U0001f468\u200d\U0001f467"),
    *("this is question 2 of them", 'a 15" screen', 'a "b" c', "school.  Yes"),
    *("(a (b) c)", "a)", ":(", "(a (b))", "a) b) c)", "\u201cschool\u201d", "\u201eSchule\u201c"),
    *(
        "Really?",
        "the ? button",
        "[page](https://example.org/a?Page)",
        "\u00b5m",
        "\u0394t",
        "[sic]",
        "C# or #1",
        "\u0432 \u0448\u043a\u043e\u043b\u0435",
    ),
    *(
        "n\u00c3O",
        "etc.?",
        "\u05e9\u200f school",
        "\u5b66\u6821\uff1f",
        "www.School.nl",
        "Sch\u00fclerInnen",
        "@Saxion",
        "the idea (concept)",
        "https://example.org/de%20school?en=a",
        "caf\u00e9",
        "todo",
        "Pius XX",
        "de XX eeuw",
        "O2",
        "2l of milk",
        "[name]",
        "TBC",
        "50%van 80%",
        "Really?!",
        "a\u00a0b",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    ),
]


WHOLE = ["=A1", "NaN", "undefined", "Nog te vertalen", "Übersetzung fehlt", "Tekst volgt", "Do you move? TK"]


def write_text(folder: Path, text: str) -> Written:
    return write_questions(folder, f"- mark: week\n  text: 'How is {text} now?'", HEAD_WITH_TERM)


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in WRONG.items() for text in texts])
def test_a_slip_in_a_text_is_reported(tmp_path: Path, code: str, text: str) -> None:
    assert advise(check_slips, write_text(tmp_path, text)) == [(code, "week")]


@pytest.mark.parametrize("text", RIGHT)
def test_an_unusual_but_right_text_is_not_reported(tmp_path: Path, text: str) -> None:
    assert advise(check_slips, write_text(tmp_path, text)) == []


def test_a_text_that_several_questions_share_is_no_code(tmp_path: Path) -> None:
    written = write_questions(tmp_path, "- mark: a\n  text: T\n  comment: Why?\n- mark: b\n  text: T\n  comment: Why?")
    assert advise(check_slips, written) == []


@pytest.mark.parametrize("text", ["move", "12", "2026-01-01", "tbc", "n.t.b.", "None", "move.de", *WHOLE])
def test_a_question_has_a_text_of_words(tmp_path: Path, text: str) -> None:
    written = write_questions(tmp_path, f"- yes_no: move\n  text: '{text}'")
    code = "garbled-text" if text == "=A1" else "unfinished-text"
    assert advise(check_slips, written) == [(code, "move")]


@pytest.mark.parametrize(("text", "codes"), [("week_time", ["unfinished-text"]), ("week_times", [])])
def test_a_code_is_no_text(tmp_path: Path, text: str, codes: list[str]) -> None:
    written = write_questions(tmp_path, f"- mark: week_time\n  text: {text}")
    assert [code for code, _ in advise(check_slips, written)] == codes


def test_a_code_is_no_label_of_a_background_variable(tmp_path: Path) -> None:
    head = change_head({"background": "{card: {text: Card, options: {student: card_student, basic: Basic card}}}"})
    (problem,) = check_slips(write_questions(tmp_path, "- mark: m\n  text: How was it?", head).questionnaire)
    assert problem.code == "unfinished-text" and problem.facts["code"] == "background.card.student"


def test_a_blank_before_a_question_mark_is_right_in_french(tmp_path: Path) -> None:
    head = HEAD.replace("{en: {name: English}}", "{en: {name: English}, fr: {name: Fran\u00e7ais}}")
    written = write_questions(tmp_path, "- mark: week\n  text: {en: How was it?, fr: Comment ?}", head)
    assert advise(check_slips, written) == []


def test_every_kind_of_slip_is_tested() -> None:
    assert set(WRONG) == set(SLIPS)


def test_a_slip_in_a_translation_is_reported_in_its_catalogue(tmp_path: Path) -> None:
    head = HEAD.replace("{name: English}", "{name: English}, us: {name: American, locale: en_US}")
    catalogue = '«msgctxt "week"\nmsgid "How was your week?"\nmsgstr "How was your {week?"\n'
    files = {
        "questionnaire.yaml": head,
        "main.yaml": "section: main\npages: [{page: p, questions: [{mark: week, text: How was your week?}]}]",
        "en_US/example.po": catalogue,
    }
    written = write(tmp_path, files)
    problems = list(check_slips(written.questionnaire))
    assert [(problem.code, problem.place.file.rpartition("/")[2]) for problem in problems] == [
        ("foreign-placeholder", "example.po")
    ]


@pytest.mark.parametrize(("text", "found"), [("Question 12. How are you?", ["written-number"]), ("Question 12 in the test?", [])])
def test_a_question_has_no_number(tmp_path: Path, text: str, found: list[str]) -> None:
    written = write_questions(tmp_path, f"- mark: week\n  text: {text}")
    assert [code for code, _ in advise(check_slips, written)] == found


@pytest.mark.parametrize(
    ("items", "codes"),
    [("pace: 4, size: The size", ["unfinished-text"]), ("pace: 2025, size: 2026", []), ("pace: 4 lessons, size: The size", [])],
)
def test_a_statement_among_others_is_more_than_a_number(tmp_path: Path, items: str, codes: list[str]) -> None:
    grid = f"- grid: views\n  text: How are they?\n  scale: agree\n  items: {{{items}}}"
    assert [problem.code for problem in check_slips(write_questions(tmp_path, grid).questionnaire)] == codes
