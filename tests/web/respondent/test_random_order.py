"""A random order differs between respondents, and stays the same for one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_engine.operations.simulation.browsing import Reply
from tests.web.conftest import House, open_house, send, start

MAIN = """\
section: main
title: {en: Main, nl: Hoofd, easy: Main}
pages:
  - page: job
    questions:
      - multiple: plans
        text: {en: Plans?, nl: Plannen?, easy: Plans?}
        random_order: true
        options:
          sport: {en: Sport, nl: Sport, easy: Sport}
          work: {text: {en: Work, nl: Werk, easy: Work}, when: level >= 2}
          rest: {en: Rest, nl: Rust, easy: Rest}
          film: {en: Film, nl: Film, easy: Film}
          first: {text: {en: Fixed, nl: Vast, easy: Fixed}, fixed: true}
          other: {text: {en: Other, nl: Anders, easy: Other}, namely: true}
          none: {text: {en: None, nl: Geen, easy: None}, exclusive: true}
      - choice: has_job
        text: {en: A job?, nl: Werk?, easy: A job?}
        random_order: true
        options: {"yes": {en: "Yes", nl: Ja, easy: "Yes"}, "no": {en: "No", nl: Nee, easy: "No"}, soon: {en: Soon, nl: Straks, easy: Soon}}
      - grid: views
        text: {en: Views?, nl: Vind je?, easy: Views?}
        random_order: true
        options: {1: {en: Bad, nl: Slecht, easy: Bad}, 2: {en: Good, nl: Goed, easy: Good}}
        items:
          pay: {en: Pay, nl: Loon, easy: Pay}
          place: {en: Place, nl: Plek, easy: Place}
          people: {en: People, nl: Mensen, easy: People}
          tired: {text: {en: Tiring, nl: Zwaar, easy: Tiring}, when: has_job == 'yes'}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, MAIN) as house:
        yield house


def see(reply: Reply) -> dict[str, list[str]]:
    """Return the options of the first two questions and the statements of the last, in the order of the page."""
    fields = re.findall(r'name="q\.(\w+)" value="(\w+)"', reply.text)
    statements = dict.fromkeys(re.findall(r'class="statement"[^>]*id="i-(\w+)"', reply.text))
    options = {code: [value for name, value in fields if name == code] for code in ("plans", "has_job", "pay")}
    return {**options, "views": list(statements)}


def test_each_respondent_has_an_order_and_keeps_it(house: House) -> None:
    seen = []
    for _ in range(12):
        device = house.device()
        reply = start(device)
        first = see(reply)
        assert see(device.get(reply.path)) == first
        assert see(send(device, reply, {"plans": "rest"}, language="nl")) == first
        assert first["plans"][4:] == ["first", "other", "none"] and first["pay"] == ["1", "2"]
        assert {key: sorted(codes) for key, codes in first.items()} == {
            key: sorted(codes) for key, codes in (seen or [first])[0].items()
        }
        seen.append(first)
    assert all(len({tuple(first[key]) for first in seen}) > 1 for key in ("plans", "has_job", "views"))


def test_an_answer_is_stored_in_the_order_of_the_definition(house: House) -> None:
    device = house.device()
    send(device, start(device), {"plans": ["film", "sport"], "has_job": "soon"}, "keep")
    assert json.loads(house.answers()["job"]) == {"plans": ["sport", "film"], "has_job": "soon"}


def test_a_follow_up_takes_its_place_in_the_order(house: House) -> None:
    device = house.device()
    reply = start(device)
    before = see(reply)["views"]
    opened = send(device, reply, {"has_job": "yes", "pay": "1"})
    assert see(opened)["views"] == before and "tired" in before


def test_the_summary_lists_statements_in_the_order_of_the_page(house: House) -> None:
    for _ in range(6):
        device = house.device()
        asked = send(device, start(device), {"plans": "rest", "has_job": "no"})
        assert re.findall(r'<a href="#i-(pay|place|people)">', asked.text)[1:] == [
            code for code in see(asked)["views"] if code != "tired"
        ]


PAGES = """\
section: main
random_order: true
title: {en: Main, nl: Hoofd, easy: Main}
pages:
"""


@pytest.fixture
def mixed(tmp_path: Path) -> Iterator[House]:
    page = "  - page: {0}\n    questions: [{{mark: {0}, text: {{en: '{0}?', nl: '{0}?', easy: '{0}?'}}}}]\n"
    with open_house(tmp_path, PAGES + "".join(map(page.format, ["one", "two", "three", "four"]))) as house:
        yield house


def find_page(reply: Reply) -> str:
    return re.findall(r'name="q\.(\w+)"', reply.text)[0]


def test_pages_keep_their_order_on_each_visit_and_in_each_language(mixed: House) -> None:
    orders = set()
    for _ in range(8):
        device = mixed.device()
        reply, order = start(device), []
        while len(order) < 4:
            order.append(find_page(reply))
            assert find_page(device.get(reply.path)) == order[-1]
            reply = send(device, reply, language="nl" if len(order) == 1 else "en") if len(order) % 2 else reply
            assert find_page(reply) == order[-1]
            if len(order) == 3:
                back = send(device, reply, {order[-1]: "7"}, "back")
                assert find_page(back) == order[-2]
                reply = send(device, back, {order[-2]: "6"})
            reply = send(device, reply, {order[-1]: "7"})
        assert sorted(order) == ["four", "one", "three", "two"]
        orders.add(tuple(order))
    assert len(orders) > 3


QUESTIONS = """\
section: main
title: {en: Main, nl: Hoofd, easy: Main}
pages:
  - page: job
    random_order: true
    questions:
      - yes_no: has_job
        text: {en: A job?, nl: Werk?, easy: A job?}
      - number: hours
        when: has_job == 'yes'
        text: {en: Hours?, nl: Uren?, easy: Hours?}
        from: 0
        to: 9
      - mark: week
        text: {en: Week?, nl: Week?, easy: Week?}
      - mark: day
        text: {en: Day?, nl: Dag?, easy: Day?}
      - mark: night
        fixed: true
        text: {en: Night?, nl: Nacht?, easy: Night?}
"""


@pytest.fixture
def shuffled(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, QUESTIONS) as house:
        yield house


def list_questions(reply: Reply) -> list[str]:
    return list(dict.fromkeys(re.findall(r'name="q\.(\w+)"', reply.text)))


def test_questions_keep_their_order_with_follow_ups_beside_them(shuffled: House) -> None:
    orders = set()
    for _ in range(10):
        device = shuffled.device()
        reply = start(device)
        order = list_questions(reply)
        assert list_questions(device.get(reply.path)) == order
        assert list_questions(send(device, reply, {"week": "7"}, language="nl")) == order
        opened = send(device, device.get(reply.path), {"has_job": "yes"})
        assert list_questions(opened) == order and order[order.index("has_job") + 1] == "hours" and order[-1] == "night"
        orders.add(tuple(order))
    assert len(orders) > 2


def test_the_summary_lists_questions_in_the_order_of_the_page(shuffled: House) -> None:
    for _ in range(6):
        device = shuffled.device()
        asked = send(device, start(device), {"has_job": "no"})
        order = [code for code in list_questions(asked) if code in ("week", "day", "night")]
        assert list(dict.fromkeys(re.findall(r'<a href="#i-(\w+)">', asked.text))) == order


def test_each_question_in_a_random_order_has_its_hint(shuffled: House) -> None:
    reply = start(shuffled.device())
    assert reply.text.count("1 is very bad, 10 is excellent.") == 3
