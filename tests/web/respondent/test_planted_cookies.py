"""Another host of the domain sets cookies for this host: no answers get into its response, and no page shows it.

Browsers send the cookie with the longest path first, and no cookie with its origin.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from survey_engine.operations.simulation.browsing import Browser, Reply
from survey_engine.web.respondent.shared_devices import LEFT
from survey_engine.web.respondent.site import COOKIE, HOST_PREFIX
from survey_engine.web.respondent.stopping import STOPPED
from tests.web.conftest import House, send, start, write_short

ADDRESSES = {"https": "https://survey.example.org", "http": "http://127.0.0.1:8000"}
NAME = COOKIE + "short"
SECURE_NAME = HOST_PREFIX + NAME


class Victim(Browser):
    """A browser with cookies from another host of the domain, which it sends before its own."""

    planted: tuple[str, ...] = ()

    def _cookie(self) -> dict[str, str]:
        own = [f"{name}={value}" for name, value in self.cookies.items()]
        return {"Cookie": "; ".join([*self.planted, *own])}


@pytest.fixture(params=ADDRESSES)
def site_house(request: pytest.FixtureRequest, tmp_path) -> Iterator[House]:
    write_short(tmp_path / "q", "short")
    house = House(tmp_path, SURVEY_BASE_URL=ADDRESSES[request.param])
    yield house
    house.close()


def make_victim(house: House, *planted: str) -> Victim:
    victim = Victim(house.device().line, "en", script=False)
    victim.planted = planted
    return victim


def begin(house: House) -> tuple[Browser, Reply, str]:
    """Return another device, its page, and the value of its cookie."""
    device = house.device()
    page = start(device)
    return device, page, device.cookies[house.site.name_cookie(NAME)]


def find_owner(reply: Reply) -> str:
    """Return the id of the response of a page; empty for a page without a form of answers."""
    ticket = reply.drawn.read_hidden("ticket")
    return str(ticket).partition(".")[0] if ticket else ""


def test_answers_and_pages_stay_those_of_the_started_response(site_house):
    _, attack, value = begin(site_house)
    victim = make_victim(site_house, f"{NAME}={value}")
    victim.get("/q/short/demo")
    victim.planted = ()
    own = victim.send("POST", "/q/short/demo")  # the planted cookie has the path /a/short
    assert own.target == "/a/short/" + site_house.slug("job")
    page = victim.get(own.target)
    mine, victim.planted = find_owner(page), (f"{NAME}={value}",)
    assert mine != find_owner(attack)
    after = send(victim, page, {"has_job": "no"})
    reloaded = victim.get(f"/a/short/{site_house.slug('story')}")

    assert find_owner(attack) not in (find_owner(after), find_owner(reloaded))
    assert {str(row[0]) for row in site_house.rows("SELECT response_id FROM page")} == {mine}
    if site_house.settings.secure_cookies:
        assert [find_owner(after), find_owner(reloaded)] == [mine, mine]
    else:
        assert reloaded.status == 403, "over HTTP no cookie proves its host: nothing is shown"


@pytest.mark.parametrize("path", ["/a/short", "/done/short", "/q/short/demo"])
def test_no_page_opens_a_response_by_two_cookies(site_house, path):
    _, page, value = begin(site_house)
    victim = make_victim(site_house, f"{NAME}={value}")
    start(victim)

    assert f'value="{find_owner(page)}.' not in victim.get(path).text


def test_a_planted_cookie_alone_opens_nothing_over_https(site_house):
    _, _, value = begin(site_house)
    seen = make_victim(site_house, f"{NAME}={value}").get("/a/short")

    assert seen.status == (403 if site_house.settings.secure_cookies else 200)


def test_a_planted_stop_shows_no_private_key_beside_an_own_one(site_house):
    device, page, _ = begin(site_house)
    stopped = device.send("POST", page.drawn.action, [("ticket", page.drawn.read_hidden("ticket")), ("wish", "stop")])
    value = device.cookies[site_house.site.name_cookie(STOPPED)]
    assert stopped.status in (204, 303) and "path=/;" in stopped.headers["set-cookie"].lower() + ";"
    victim = make_victim(site_house, f"{STOPPED}={value}")
    after = send(victim, start(victim), {"has_job": "no"}, wish="stop")
    key = device.get("/stopped/short").text.split('class="key">')[1][:9]

    assert key not in after.text


# cookies of earlier releases ----------------------------------------------------------------------------------------


@pytest.fixture
def secure_house(tmp_path) -> Iterator[House]:
    write_short(tmp_path / "q", "short")
    house = House(tmp_path, SURVEY_BASE_URL=ADDRESSES["https"])
    yield house
    house.close()


def make_earlier(house: House) -> tuple[Browser, Reply]:
    """Return a device with an open page and the cookie of the release before."""
    device, page, value = begin(house)
    device.cookies = {NAME: value}
    return device, page


@pytest.mark.parametrize("wish", ["next", "keep", "back"])
def test_an_open_page_goes_on_with_a_cookie_of_the_release_before(secure_house, wish):
    device, page = make_earlier(secure_house)
    owner = find_owner(page)
    send(device, page, {"has_job": "no"}, wish=wish)

    assert device.cookies[SECURE_NAME].split(".")[1] == owner
    assert find_owner(device.get("/a/short")) == owner


def test_stopping_with_a_cookie_of_the_release_before_forgets_the_device(secure_house):
    device, page = make_earlier(secure_house)
    stopped = send(device, page, {"has_job": "no"}, wish="stop")

    assert 'class="key">' in stopped.text and SECURE_NAME not in device.cookies
    assert HOST_PREFIX + LEFT + "short" in device.cookies
    assert device.get("/a/short").status == 403


def test_another_website_cannot_make_an_earlier_cookie_valid(secure_house):
    """Its form has its own ticket, and its sibling host set the cookie."""
    device, page = make_earlier(secure_house)
    del device.headers["Sec-Fetch-Site"]
    device.script = False
    send(device, page, {"has_job": "no"})

    assert SECURE_NAME not in device.cookies


def test_an_earlier_cookie_of_another_response_is_never_renewed(secure_house):
    other, _ = make_earlier(secure_house)
    device, page = make_earlier(secure_house)
    device.cookies = dict(other.cookies)
    send(device, page, {"has_job": "no"})

    assert SECURE_NAME not in device.cookies
