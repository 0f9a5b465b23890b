"""The text of a link mark in cookies, tickets and beside private keys."""

from __future__ import annotations

import pytest

from survey_engine.engine.link_mark import LinkMark, may_hide_answers

LINK, LOGIN = "0123456789abcdef", "89abcdef"
TEXTS = {
    "": LinkMark(),
    LINK: LinkMark(LINK),
    f"{LINK}+{LOGIN}": LinkMark(LINK, LOGIN),
    f"{LINK}~0": LinkMark(LINK, hidden=0),
    f"{LINK}+{LOGIN}~1f": LinkMark(LINK, LOGIN, 31),
    f"+{LOGIN}": LinkMark(login=LOGIN),
    "~5": LinkMark(hidden=5),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_mark_reads_and_writes_the_text_of_earlier_releases(text: str) -> None:
    assert LinkMark.parse(text) == TEXTS[text]
    assert str(TEXTS[text]) == text


@pytest.mark.parametrize("text", ["more", LINK[1:], f"{LINK}+1", f"{LINK}~", f"{LINK}~1+{LOGIN}", f"{LINK}.{LINK}", f"{LINK}\n"])
def test_another_text_is_no_mark(text: str) -> None:
    with pytest.raises(ValueError, match=r"\A"):
        LinkMark.parse(text)


def test_only_a_mark_that_hides_pages_may_hide_answers() -> None:
    assert {text for text in TEXTS if may_hide_answers(text)} == {text for text in TEXTS if "~" in text}
    assert not may_hide_answers(str(TEXTS[f"{LINK}~0"].without_hidden()))
