"""Comments and marks with own bounds on a page, without a script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.conftest import House, open_house, send, start

MAIN = """\
section: main
title: {en: Main, nl: Hoofd, easy: Main}
pages:
  - page: first
    questions:
      - mark: friend
        text: {en: Recommend?, nl: Aanraden?, easy: Good?}
        from: 0
        to: 5
        from_label: {en: Never, nl: Nooit, easy: "No"}
        to_label: {en: Certainly, nl: Zeker, easy: "Yes"}
        dont_know: {en: No idea, nl: Geen idee, easy: No idea}
        comment: true
  - page: second
    questions:
      - yes_no: has_job
        text: {en: Job?, nl: Werk?, easy: Job?}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, MAIN) as house:
        yield house


def test_a_row_of_marks_is_one_radio_group_described_by_its_ends(house: House) -> None:
    text = start(house.device()).text
    assert 'role="radiogroup" id="i-friend" aria-describedby="ends-friend"' in text
    assert "<span>0: Never</span><span>5: Certainly</span>" in text
    assert [field.value for field in start(house.device()).drawn.fields if field.name == "q.friend"] == [*"012345", "dk"]


def test_a_comment_is_folded_until_it_has_a_text(house: House) -> None:
    device = house.device()
    reply = start(device)
    assert 'id="i-friend__comment">' in reply.text
    send(device, reply, {"friend": "dk", "friend__comment": "Ask me later"})
    again = device.get(reply.drawn.action or "")
    assert 'id="i-friend__comment" open>' in again.text and "Ask me later</textarea>" in again.text


def test_a_comment_that_is_too_long_is_open_with_its_error(house: House) -> None:
    device = house.device()
    reply = send(device, start(device), {"friend": "3", "friend__comment": "x" * 501})
    assert reply.status == 422 and 'id="i-friend__comment" data-faulty open>' in reply.text


def test_a_comment_is_stored_beside_the_answer_and_never_asked_for(house: House) -> None:
    device = house.device()
    reply = send(device, start(device), {"friend": "0"})
    assert house.page(reply) == "second"
    assert json.loads(house.answers()["first"]) == {"friend": 0}


def test_a_comment_without_an_answer_is_kept(house: House) -> None:
    device = house.device()
    reply = start(device)
    send(device, reply, {"friend__comment": "None of these"}, wish="back")
    assert json.loads(house.answers()["first"]) == {"friend__comment": "None of these"}


FOLLOWED = MAIN.replace(
    "      - mark: friend\n",
    "      - yes_no: member\n        text: {en: Member?, nl: Lid?, easy: Member?}\n      - mark: friend\n        when: member == 'yes'\n",
)


def test_the_comment_on_a_follow_up_unfolds_with_it(tmp_path: Path) -> None:
    with open_house(tmp_path, FOLLOWED) as house:
        device = house.device()
        reply = send(device, start(device), {"member": "yes"})
        assert house.page(reply) == "first"
        assert [field.value for field in reply.drawn.fields if field.name == "shown"] == ["friend", "friend__comment"]
        reply = send(device, reply, {"member": "yes", "friend": "2", "friend__comment": "So so"})
        assert house.page(reply) == "second"
        assert json.loads(house.answers()["first"]) == {"member": "yes", "friend": 2, "friend__comment": "So so"}
