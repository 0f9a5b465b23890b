"""Parsing of posted forms, and rejection of incomplete bodies."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import LengthRequired
from wtforms.form import BaseForm

from survey_engine.model.questionnaire import Page
from survey_engine.web.respondent.forms import (
    MAX_FIELDS,
    LimitedRequest,
    PostedForm,
    find_idle_forms,
    make_form,
    read_fields,
    read_form,
)
from tests.writing import write_sections

PAIRS = st.lists(st.tuples(st.text(max_size=8), st.text(max_size=12)), max_size=8)
PLAIN = st.text(st.characters(codec="ascii", categories=["L", "N"]) | st.sampled_from("&=&=_-. ~é"), max_size=60)


@given(PLAIN | st.text(max_size=60) | PAIRS.map(urlencode))
def test_every_form_is_read_as_the_standard_library_reads_it(content):
    form = PostedForm(content.encode("utf-8", "replace"))
    expected = parse_qsl(content.encode("utf-8", "replace").decode(), keep_blank_values=True)

    assert [name for name, _ in form.iter_pairs()] == [name for name, _ in expected]
    assert all(read == value for (_, read), (_, value) in zip(form.iter_pairs(), expected, strict=True) if value.isprintable())


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=12).filter(str.isprintable))))
def test_a_name_has_its_first_value_and_all_of_them(pairs):
    form = PostedForm(urlencode(pairs).encode())
    for name in "abc":
        assert form.getlist(name) == [value for posted, value in pairs if posted == name]
        assert form.get(name, "?") == (form.getlist(name) or ["?"])[0] and (name in form) == (name in dict(pairs))
    assert [*form.iter_pairs()] == pairs
    assert form.get("no such name", "?") == "?" and form.getlist("no such name") == []


@pytest.mark.parametrize("written", ["a=x%00y", "a=x\x00y", "a=%1Bx%C2%85y%EF%BF%BE"])
def test_characters_that_no_keyboard_makes_are_left_out_of_values(written):
    assert PostedForm(written.encode()).get("a") == "xy"


@pytest.mark.parametrize("field", ["a=1", "a=%31"])
def test_a_form_with_more_fields_than_any_page_is_refused(field):
    assert len(PostedForm("&".join([field] * MAX_FIELDS).encode()).getlist("a")) == MAX_FIELDS
    with pytest.raises(ValueError, match="fields"):
        PostedForm("&".join([field] * (MAX_FIELDS + 1)).encode())


def read(content: bytes, **environ: str) -> PostedForm:
    app = Flask("forms")
    app.request_class = LimitedRequest
    whole = {"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(content), "wsgi.url_scheme": "http", "SERVER_NAME": "x"}
    with app.request_context({**whole, "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "PATH_INFO": "/", **environ}):
        return read_form()


def test_at_most_content_length_bytes_are_read():
    assert [*read(b"a=12&b=3", CONTENT_LENGTH="3").iter_pairs()] == [("a", "1")]


@pytest.mark.parametrize("length", ["", "-1", "x", "+3", "1_0"])
@pytest.mark.parametrize("terminated", ["", "1"])
def test_a_body_whose_length_is_no_number_is_refused(length, terminated):
    with pytest.raises(LengthRequired):
        read(b"a=1", CONTENT_LENGTH=length, **{"wsgi.input_terminated": terminated})


@pytest.fixture
def evening(tmp_path: Path) -> Page:
    """A page with a multiple choice that has "other", and a grid of two statements."""
    page = """\
section: main
pages:
  - page: evening
    questions:
      - {multiple: plans, text: What?, options: {sport: Sport, other: {text: Other, namely: true}}}
      - {grid: mood, text: How often?, options: {1: Never, 2: Often}, items: {tired: Tired, glad: Glad}}
"""
    return write_sections(tmp_path, page).questionnaire.sections["main"].pages[0]


def test_a_page_is_one_wtforms_form_with_a_field_per_question(evening):
    form = make_form(evening)
    form.process(PostedForm(b"q.plans=sport&q.plans=other&q.plans__namely=x&q.tired=2"))

    assert isinstance(form, BaseForm)
    assert form.data == {"q_plans": {"plans": ["sport", "other"], "plans__namely": ["x"]}, "q_mood": {"tired": ["2"]}}


def test_the_form_of_a_page_is_made_once_for_all_readers_in_turn(evening):
    for _ in range(3):
        read_fields(evening, PostedForm(b"tired=2"))
        (form,) = find_idle_forms(evening)
        read_fields(evening, PostedForm(b"tired=1"))
        assert find_idle_forms(evening) == [form]


def test_only_fields_that_the_questions_declare_are_read(evening):
    fields = read_fields(evening, PostedForm(b"q.glad=1&ticket=t&q.hours=3&tired=2&q.tired__namely=y"))

    assert fields.getlist("glad") == ["1"]
    assert not any(name in fields for name in ("ticket", "hours", "tired", "tired__namely"))


def test_a_reused_form_has_no_values_of_an_earlier_request(evening):
    before = read_fields(evening, PostedForm(b"q.glad=1"))

    assert "glad" not in read_fields(evening, PostedForm(b"q.tired=1"))
    assert before.get("glad") == "1"
