"""The channel that a link names, `?via=`: stored once, at the start of the response."""

from __future__ import annotations

import pytest

from survey_engine.datasets import codebook
from survey_engine.fieldwork.start_form import CHANNELS
from survey_engine.web.respondent import own_answers
from tests.databases import ENGINES
from tests.web.conftest import House

RUNS_ON = ENGINES


def channels(house: House) -> list[str | None]:
    return [row[0] for row in house.rows("SELECT channel FROM response ORDER BY started_at, id")]


def press_start(house: House, address: str) -> None:
    """Open a start page and post its form as a browser without a script does."""
    device = house.device()
    page = device.get(address)
    via = page.drawn.read_hidden("via")
    device.post_plainly(page.path, [("lang", "en"), *([("via", via)] if via else [])])


def test_every_channel_has_a_name_for_respondents_and_in_the_codebook():
    assert set(own_answers.CHANNEL_TEXTS) == set(codebook.CHANNEL_LABELS) == set(CHANNELS)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_start_stores_the_channel_of_its_link(house, channel):
    for address in ("/q/short/demo", house.invite()):
        press_start(house, f"{address}?via={channel}")
    assert channels(house) == [channel, channel]


@pytest.mark.parametrize("query", ["", "?via=", "?via=fax", "?via=QR", "?via=qr%27--", "?via=" + "q" * 2000])
def test_a_link_without_a_known_channel_stores_none(house, query):
    for address in ("/q/short/demo", house.invite()):
        press_start(house, address + query)
    assert channels(house) == [None, None]


def test_a_switch_of_the_language_before_the_start_keeps_the_channel(house):
    page = house.device().get("/q/short/demo?via=qr")
    assert 'href="/q/short/demo?lang=nl&amp;via=qr"' in page.text
    press_start(house, "/q/short/demo?lang=nl&via=qr")
    assert channels(house) == ["qr"]


def test_coming_back_by_another_channel_changes_nothing(house):
    link = house.invite()
    press_start(house, f"{link}?via=mail")
    press_start(house, f"{link}?via=print")
    press_start(house, link)
    assert channels(house) == ["mail"]


def test_the_start_page_says_that_the_channel_is_stored(house):
    said = "how this link reached you"
    assert said in house.device().get("/q/short/demo?via=qr").text
    assert said not in house.device().get("/q/short/demo").text
