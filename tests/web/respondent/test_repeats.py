"""The same post again changes nothing: a browser sends it twice, or the page that is left sends it once more."""

from __future__ import annotations

import pytest

from tests.databases import ENGINES
from tests.web.conftest import FINISHED, House, send, start, walk
from tests.web.respondent.test_faulty_saves import writer_of

RUNS_ON = ENGINES


def read_counts(house: House) -> list[tuple[object, ...]]:
    return house.rows("SELECT page, answers, version, writer, number, done FROM page ORDER BY page") + house.rows(
        "SELECT saves, language FROM response"
    )


@pytest.mark.parametrize(
    "how",
    [
        {"wish": "keep"},
        {"wish": "next"},
        {"wish": "back"},
        {"wish": "stop"},
        {"language": "nl"},
        {"wish": "keep", "paradata": "9 1 0"},
    ],
    ids=lambda how: " ".join(how.values()),
)
def test_the_same_post_again_counts_no_save(house, how):
    device = house.device(script=True)
    page = walk(device, start(device), {"has_job": "yes"})
    once = send(device, page, {"hours": "7"}, **how)
    before = read_counts(house)
    for _ in range(2):
        again = send(device, page, {"hours": "7"}, **how)
        assert again.status == once.status
    assert read_counts(house) == before


def test_the_last_page_sent_again_completes_once(house):
    device = house.device(script=True)
    page = walk(device, start(device), *FINISHED[:-1])
    send(device, page, prompted="1")
    before = read_counts(house)
    send(device, page, prompted="1")

    assert read_counts(house) == before
    assert house.rows("SELECT count(*) FROM response WHERE completed_at IS NOT NULL") == [(1,)]


def test_another_answer_with_the_same_number_is_stored(house):
    device = house.device(script=True)
    page = walk(device, start(device), {"has_job": "yes"})
    for hours in ("7", "8"):
        assert send(device, page, {"hours": hours}, wish="keep").status == 204
    assert house.answers()["hours"] == '{"hours":8}'


def test_a_repeat_after_the_page_came_again_outdates_no_form(house):
    device = house.device(script=True)
    left = walk(device, start(device), {"has_job": "yes"})
    send(device, left, {"hours": "7"}, wish="keep")
    again = device.get(left.drawn.action or "")
    send(device, left, {"hours": "7"}, wish="keep")

    assert send(device, again, {"hours": "8"}, wish="keep").status == 204


def test_a_tab_follows_each_of_the_documents_that_it_left(house):
    device = house.device(script=True)
    first = walk(device, start(device), {"has_job": "no"})
    second, third = (device.get(first.drawn.action or "") for _ in range(2))
    writers = f"{writer_of(first)} {writer_of(second)}"
    send(device, first, {"story": "the first"}, wish="keep")

    assert send(device, third, wish="keep", follows=writers, changed="").status == 204
    assert house.answers()["story"] == '{"story":"the first"}'
