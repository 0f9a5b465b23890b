"""What a robot sees of a page."""

from __future__ import annotations

import pytest

from survey_engine.operations.simulation.reading import Field, read_drawn

PAGE = """<!doctype html><title>Work &amp; more – Demo</title><body>
<form method="get" action="/search"><input name="q"></form>
"""
FORM = """<title>Work</title><main id="page">
<form id="answers" method="post" action="/a/q/0a1b2c3d">
<input type="hidden" name="ticket" value="t.1">
<input type="hidden" name="number" value="3">
<button name="wish" value="next"></button>
<h1 tabindex="-1">Your <em>work</em></h1>
<input type="radio" name="q.a" value="1"><input type="radio" name="q.a" value="2" checked>
<input type="checkbox" name="q.b" value="x" checked><input type="checkbox" name="q.b" value="y" checked>
<input type="checkbox" name="q.b" value="z">
<input name="q.hours" value="12 &lt;b&gt;">
<textarea name="q.why">
Line one
&amp; two</textarea>
<textarea name="q.empty"></textarea>
<button name="language" value="en">English</button>
</form><form method="post" action="/other"><input name="other"></form></main>
"""


def test_the_form_is_read_with_its_fields_and_where_it_goes():
    drawn = read_drawn(FORM)

    assert (drawn.slug, drawn.action, drawn.heading, drawn.title) == ("0a1b2c3d", "/a/q/0a1b2c3d", "Your work", "Work")
    assert (drawn.read_hidden("ticket"), drawn.read_hidden("number"), drawn.read_hidden("prompted")) == ("t.1", "3", None)
    assert drawn.list_offered("b") == ["x", "y", "z"]
    assert drawn.has("why") and not drawn.has("other")


def test_what_is_filled_in_is_what_a_browser_would_send():
    assert read_drawn(FORM).list_filled() == [
        ("ticket", "t.1"),
        ("number", "3"),
        ("q.a", "2"),
        ("q.b", "x"),
        ("q.b", "y"),
        ("q.hours", "12 <b>"),
        ("q.why", "Line one\n& two"),
        ("q.empty", ""),
    ]


def test_a_page_without_a_form_of_answers_has_no_slug():
    drawn = read_drawn(PAGE)

    assert (drawn.slug, drawn.action, drawn.title) == ("", "/search", "Work & more – Demo")
    assert drawn.fields == [Field("q", "text")]


def test_a_receipt_is_found_on_the_page_that_proves_completion():
    assert read_drawn('<dl><dt>Proof</dt><dd class="receipt">ABCD-2345</dd></dl>').receipt == "ABCD-2345"
    assert read_drawn("<dl><dt>Proof</dt><dd>ABCD-2345</dd></dl>").receipt == ""


@pytest.mark.parametrize("text", ["", "<", "<form", "<input name=x", "<textarea name=a>never closed", "\x00"])
def test_half_a_page_ends_in_no_exception(text):
    assert (read_drawn(text).slug, read_drawn(text).receipt) == ("", "")


def test_tags_inside_a_textarea_are_its_text():
    drawn = read_drawn('<form><textarea name="a">x<textarea name="b"><input name="c">y</textarea><input name="d"></form>')

    assert drawn.list_filled() == [("a", 'x<textarea name="b"><input name="c">y'), ("d", "")]


def test_what_a_disabled_fieldset_has_is_not_read_even_after_an_inner_one():
    drawn = read_drawn(
        '<form><fieldset disabled><fieldset><input name="a"></fieldset><textarea name="b">x</textarea></fieldset>'
        '<fieldset><input name="c"></fieldset></form>'
    )

    assert drawn.list_filled() == [("c", "")]
