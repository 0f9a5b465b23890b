"""A text with an earlier answer shows the other text that was typed, not the label of its option: with and without a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_engine.operations.simulation.browsing import Reply
from tests.web.conftest import House, open_house, send, start

MAIN = """\
section: main
title: {en: Main, nl: Hoofd, easy: Main}
pages:
  - page: way
    questions:
      - choice: way
        text: {en: How do you travel?, nl: Hoe reis je?, easy: How?}
        options: {bike: {en: Bike, nl: Fiets, easy: Bike}, other: {text: {en: Other way, nl: Anders, easy: Other}, namely: true}}
      - multiple: plans
        text: {en: Plans?, nl: Plannen?, easy: Plans?}
        options: {sport: {en: Sport, nl: Sport, easy: Sport}, else: {text: {en: Other plan, nl: Iets anders, easy: Other}, namely: true}}
  - page: sure
    title: {en: "So: {way}", nl: "Dus: {way}", easy: "So: {way}"}
    questions:
      - yes_no: sure
        text: {en: "You chose {way} and {plans}.", nl: "Je koos {way} en {plans}.", easy: "You: {way}, {plans}."}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, MAIN) as house:
        yield house


def travel(house: House, *, script: bool, **given: object) -> Reply:
    """Answer the first page; the reply is the second one."""
    device = house.device(script=script)
    reply = send(device, start(device), given)
    assert house.page(reply) == "sure"
    return reply


@pytest.mark.parametrize("script", [True, False])
def test_a_text_shows_what_was_typed_beside_other(house: House, script: bool) -> None:
    typed = {"way__namely": "by *canoe* <b>x</b> {sure}", "plans__namely": "chess"}
    reply = travel(house, script=script, way="other", plans=["sport", "else"], **typed)
    shown = "by *canoe* &lt;b&gt;x&lt;/b&gt; {sure}"
    assert f"You chose {shown} and Sport, chess." in reply.text and f"So: {shown}" in reply.text
    assert "Other way" not in reply.text and "Other plan" not in reply.text


@pytest.mark.parametrize("script", [True, False])
def test_a_language_switch_keeps_the_typed_text(house: House, script: bool) -> None:
    device = house.device(script=script)
    reply = send(device, start(device), {"way": "other", "way__namely": "canoe <i>", "plans": ["sport"]})
    reply = send(device, reply, {}, language="nl")
    assert "Je koos canoe &lt;i&gt; en Sport." in reply.text
