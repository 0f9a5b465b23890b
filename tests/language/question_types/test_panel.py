"""Panel sign-up: the address is never an answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_engine.language.question_types.panel import PANEL
from survey_engine.model.questionnaire import Question
from tests.writing import post, write_questions

PANEL_YAML = "- panel: job_panel\n  text: May we ask you more?\n  help: Three times a year."


@pytest.fixture
def panel(tmp_path: Path) -> Question:
    return write_questions(tmp_path, PANEL_YAML).question


def test_it_has_neither_items_nor_variables(panel: Question, tmp_path: Path) -> None:
    assert panel.items == () and panel.help
    assert "job_panel" not in write_questions(tmp_path, PANEL_YAML).questionnaire.variables
    assert not PANEL.prompts


@pytest.mark.parametrize("posted", ["", "  ", "a@example.org", " a.b+c@mail.example.co.uk ", "ö@example.org"])
def test_an_address_has_no_error_and_no_value(panel: Question, posted: str) -> None:
    reading = post(panel, job_panel=posted)
    assert not reading.errors and reading.values == {}


@pytest.mark.parametrize(
    "posted",
    [
        *("a", "a@b", "@example.org", "a@example", "a b@example.org", "a@exa mple.org", "a@@example.org", "<a@example.org>"),
        *("a@example.org, b@example.org", "a@example.org\nBcc: b@example.org", "a@-.o", "a@" + "x." * 20 + "org"),
        "x" * 65 + "@example.org",
    ],
)
def test_an_invalid_address_is_an_input_error(panel: Question, posted: str) -> None:
    reading = post(panel, job_panel=posted)
    assert reading.errors["job_panel"].message == "address" and reading.values == {}


@given(st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_input_raises_an_exception_or_becomes_an_answer(panel: Question, text: str) -> None:
    assert post(panel, job_panel=text).values == {}


@pytest.mark.parametrize(
    "address",
    ["jörg@exämple.de", "用户@例え.jp", "δοκιμή@παράδειγμα.ελ", "o'neil+panel@sub.example.org", "a@xn--e1afmkfd.xn--p1ai"],
)
def test_an_address_of_any_script_is_accepted(panel: Question, address: str) -> None:
    assert not post(panel, job_panel=address).errors


@pytest.mark.parametrize(
    "address",
    [
        "mailto:jan@example.org",
        "MAILTO:jan@example.org",
        "jan\u200b@example.org",
        "jan@example.org\ufeff",
        "jan@example.1",
        "a@b_c.nl",
    ],
)
def test_an_address_with_a_prefix_or_a_character_without_width_is_refused(panel: Question, address: str) -> None:
    assert post(panel, job_panel=address).errors["job_panel"].message == "address"
