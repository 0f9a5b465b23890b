"""Markup: emphasis, links, literal stars, and unsupported markup."""

from __future__ import annotations

import pytest

from survey_engine.language.markup import count_markup, iter_bad_links, iter_unsupported_markup, render_inline, strip_markup


@pytest.mark.parametrize(
    "wording", ["Student*innen und Lehrer*innen", "Schüler*in", "3*4*5 = 60", "__class__ and _x_", "snake_case"]
)
def test_a_star_inside_a_word_is_literal(wording: str) -> None:
    assert render_inline(wording) == strip_markup(wording) == wording and not count_markup(wording)


def test_a_word_with_a_star_inside_can_be_emphasised() -> None:
    assert render_inline("*Alle Student*innen* hier") == "<em>Alle Student*innen</em> hier"
    assert strip_markup("*Alle Student*innen* hier") == "Alle Student*innen hier"


def test_emphasis_and_links_are_rendered_and_stripped() -> None:
    wording = "*Very* **good**, see [more](https://example.org/a_b)."
    assert render_inline(wording) == '<em>Very</em> <strong>good</strong>, see <a href="https://example.org/a_b">more</a>.'
    assert strip_markup(wording) == "Very good, see more." and sum(count_markup(wording).values()) == 3


def test_an_address_keeps_its_stars_and_underlines() -> None:
    assert 'href="https://x.org/a*b_c_d"' in render_inline("[a](https://x.org/a*b_c_d)")
    assert list(count_markup("[a](https://x.org/a*b_c_d)")) == ["link to https://x.org/a*b_c_d"]


@pytest.mark.parametrize(
    ("wording", "what"),
    [
        ("Very <b>good</b>", "HTML"),
        ("See <https://example.org/r>", "an address between < and >"),
        ("See [a](https://example.org/r 'title')", "the title of a link"),
        ("Yes&nbsp or no", "an HTML entity"),
        ("One<br/>two", "HTML"),
        ('<a href="https://example.org">more</a>', "HTML"),
        ("Yes&nbsp;or no", "an HTML entity"),
        ("Caf&#233;", "an HTML entity"),
        ("See ![the map](https://example.org/map.png)", "an image"),
        ("Choose:\n- one\n- two", "a list"),
        ("Choose:\n1. one\n2. two", "a list"),
        ("## Your week\nHow was it?", "a heading"),
        ("How was _your_ week?", "an underlined word"),
        ("_How was it?_", "an underlined word"),
        ("How was __your__ week?", "an underlined word"),
        ("It was ~~bad~~ good", "struck text"),
        ("Press `Next`", "code"),
        ("She said:\n> It is good", "a quotation"),
        ("| a | b |\n|---|---|", "a table"),
        ("a | b\n--- | ---", "a table"),
        ("See [](https://example.org)", "a link without a text"),
        ("This is *very important", "an emphasis that is not closed"),
        ("This is **very important", "an emphasis that is not closed"),
        ("*Very* good and *bad", "an emphasis that is not closed"),
        ("Is it (*very good)?", "an emphasis that is not closed"),
    ],
)
def test_markup_of_other_programs_is_found(wording: str, what: str) -> None:
    assert what in [found for found, _, _ in iter_unsupported_markup(wording)]


@pytest.mark.parametrize(
    "wording",
    [
        "a < b and c > d",
        "> 11",
        "> € 10",
        ">= 5 hours",
        "> half an hour",
        "R&D and Q&Amp",
        "Q&A; R&D",
        "I <3 it",
        "1. How was your week?",
        "- 5 to + 5",
        "C# or F#",
        "100 %",
        "Your name: ____",
        "a_b and {course_name}",
        "Only for mbo*",
        "* Only for mbo",
        "*Only for mbo",
        "Student*innen",
        "**very** good",
        "Name* and address*",
        "Mark it*: *only once",
        "5 * 3 = 15",
        "a > b",
        "~5 minutes",
        "yes | no",
        "it's 5' long",
        "__________ and ___",
    ],
)
def test_ordinary_punctuation_is_not_markup(wording: str) -> None:
    assert not list(iter_unsupported_markup(wording)) and not list(iter_bad_links(wording))


@pytest.mark.parametrize(
    "wording",
    [
        "See [our site](http://example.org).",
        "See [our site](www.example.org).",
        "See [our site](page.html).",
        "See [our site](https://example.org",
        "See [our site](https://example.org/a b).",
        "See [our site] (https://example.org).",
        "See [our site(https://example.org).",
        "See [our site](javascript:alert(1)).",
        "See [our site](https:/example.org/r).",
        "See [our site](https://example,org/r).",
        "See [our site](https://example..org/r).",
        "See [our site](https://localhost:8000/r).",
        "See [our site](https://127.0.0.1/r).",
        "See [our site](https://).",
        "See [our site](https://user:pw@example.org/r).",
        "See [our site](https://https://example.org).",
        "Write [us](mailto:us@example).",
        "Write [us](mailto:us@@example.org).",
        "Write [us](mailto:us.example.org).",
    ],
)
def test_an_invalid_link_is_found(wording: str) -> None:
    assert len(list(iter_bad_links(wording))) == 1


@pytest.mark.parametrize(
    "wording",
    [
        "[a](https://x.org) [b](mailto:a@x.org) [c](tel:+31612345678)",
        "They [sic] (all) came",
        "[a](https://www.x.co.uk:443/a?b=c#d) [b](mailto:a.b+c@sub.x.org?subject=Hi) [c](https://münchen.example)",
        "[a](https://{host}/a) [b](https://x.org/a%20b/{term}) [c](HTTPS://X.ORG)",
    ],
)
def test_links_to_sites_addresses_and_telephones_are_valid(wording: str) -> None:
    assert not list(iter_bad_links(wording))
