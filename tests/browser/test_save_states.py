"""The script's save states: every reply in every state, replies that hang or come late, and what leaving the page does.

Time is the browser's own, set by the tests; the replies of the server are put in the way of the real ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.robot import say, tap
from tests.browser.server import Server

Reply = int | str
"""A status; `cut`: the line breaks; `hang`: nothing comes; `real`: what the server says."""
RETRY, REFUSED, SAVED = "Not saved yet. Trying again …", "Not saved. Go on to see why.", "Saved"
HELD, MARKED = "Cannot go on yet. Trying again …", "Not everything is saved. Correct what is marked."
AFTER: dict[Reply, str] = {
    204: "idle",
    **dict.fromkeys((200, 408, 425, 429, 500, 502, 503, "cut"), "waiting"),
    **dict.fromkeys((400, 401, 403, 404, 413, 422), "refused"),
    409: "conflict",
}
"""What a background save is answered with → the state that follows."""
TOLD = {"idle": "", "waiting": RETRY, "refused": REFUSED, "conflict": REFUSED}
ONE_OF_EACH: tuple[Reply, ...] = (204, 503, "cut", 403, 413, 422, 409)
"""One reply of each kind that the script treats differently; the first test says which others are of which kind."""


class Desk:
    """A page of the gallery, and what is put in the way of its posts."""

    def __init__(self, page: Page, server: Server, code: str = "grid_page") -> None:
        self.page, self.server = page, server
        self.replies: list[Reply] = []
        """What the next posts are answered with; the real reply once there are none left."""
        self.bodies: list[str] = []
        self.held: list[Route] = []
        page.clock.install(time=datetime(2026, 1, 1, tzinfo=UTC))
        cookie, address = server.begin("gallery", "demo", "en", code)
        page.context.add_cookies([cookie])
        page.goto(address)
        page.clock.pause_at(datetime(2026, 1, 1, 1, tzinfo=UTC))
        page.route("**/a/**", self.answer)

    def answer(self, route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        self.bodies.append(route.request.post_data or "")
        reply = self.replies.pop(0) if self.replies else "real"
        if reply == "hang":
            self.held.append(route)
        elif reply == "cut":
            route.abort()
        elif reply == "real":
            route.continue_()
        else:
            assert isinstance(reply, int)
            told = "" if reply in (204, 409) else "{}" if reply == 422 else "<h1>Told</h1>"
            route.fulfill(status=reply, body=told, content_type="text/html")
        return None

    def tap(self, item: str = "canteen_food", option: int = 2) -> None:
        tap(self.page.locator(f"#i-{item} .option").nth(option))
        self.page.clock.run_for(1)

    def wait(self, milliseconds: int) -> None:
        self.page.clock.run_for(milliseconds)

    def expect_state(self, state: str, told: str | None = None) -> None:
        expect(self.page.locator("#status")).to_have_attribute("data-state", state)
        if told is not None:
            expect(self.page.locator("#status")).to_have_text(told)

    def expect_posts(self, count: int) -> list[str]:
        """The bodies that were sent, once there are so many."""
        for _ in range(250):
            if len(self.bodies) >= count:
                break
            self.page.wait_for_timeout(20)
        assert len(self.bodies) == count
        return self.bodies

    def next(self) -> None:
        tap(self.page.locator(".go .next"))
        self.page.clock.run_for(1)

    def warns(self) -> bool:
        """Whether the browser would ask before it leaves the page."""
        return bool(self.page.evaluate("!dispatchEvent(new Event('beforeunload', {cancelable: true}))"))

    def stored(self) -> dict[str, object]:
        return say(self.server.read("gallery", self.page.context.cookies()))


@pytest.fixture
def desk(open_page: OpenPage, server: Server) -> Callable[..., Desk]:
    return lambda code="grid_page", **options: Desk(open_page(**options), server, code)


def bring(desk: Desk, state: str, reply: Reply) -> None:
    """Bring the page into a state from which a save goes out, and answer that save."""
    before: dict[str, list[Reply]] = {"idle": [], "dirty": [204], "waiting": [503], "refused": [403]}
    desk.replies = [*before[state], reply]
    if before[state]:
        desk.tap()
        desk.expect_state(AFTER[before[state][0]])
    if state != "waiting":
        desk.tap(*(["canteen_price"] if before[state] else []))
    desk.wait(3000 if state == "waiting" else 1000)


@pytest.mark.parametrize(
    ("state", "reply"),
    [*(("idle", reply) for reply in AFTER), *((state, reply) for state in ("waiting", "refused") for reply in ONE_OF_EACH)],
)
def test_nothing_but_204_is_saved_and_every_other_reply_says_what_to_do(desk, state, reply):
    shown = desk()
    bring(shown, state, reply)

    after = AFTER[reply]
    told = SAVED if after == "idle" and state != "idle" else TOLD[after]
    shown.expect_state(after, None if after == state == "idle" or reply == 422 else told)
    assert shown.warns() is (after != "idle")


@pytest.mark.parametrize("reply", ONE_OF_EACH)
def test_a_change_during_a_save_is_not_called_saved_by_its_reply(desk, reply):
    shown = desk()
    shown.replies = ["hang"]
    shown.tap()
    shown.expect_state("saving")
    shown.tap("canteen_price", 1)
    shown.expect_posts(1)
    shown.replies = ["hang"]
    if reply == "cut":
        shown.held[0].abort()
    else:
        shown.held[0].fulfill(status=reply, body="{}" if reply == 422 else "")
    after = AFTER[reply]
    shown.expect_state(after if after in ("waiting", "conflict") else "dirty")
    if after == "idle":
        shown.wait(1000)
        shown.expect_state("saving")
        assert "q.canteen_price=2" in shown.expect_posts(2)[1]


LEFT: tuple[Reply, ...] = (408, 429, 503, "cut")


@pytest.mark.parametrize(
    ("state", "reply"),
    [*(("idle", reply) for reply in LEFT), *((state, "cut") for state in ("waiting", "refused", "conflict", "saving"))],
)
def test_next_that_comes_to_nothing_is_pressed_again_by_the_script(desk, state, reply):
    shown = desk()
    first: dict[str, list[Reply]] = {"idle": [204], "waiting": [503], "refused": [403], "conflict": [409], "saving": ["hang"]}
    shown.replies = [*first[state], reply]
    shown.tap()
    shown.expect_state(state)
    shown.page.locator(".first").evaluate("button => button.form.requestSubmit(button)")
    shown.expect_state("held", HELD)
    shown.wait(60_000)
    expect(shown.page.locator("#summary")).to_be_visible()
    shown.expect_state("idle")
    assert shown.bodies[-1] == shown.bodies[-2]


def test_leaving_while_next_waits_is_warned_about(desk):
    shown = desk()
    shown.replies = [503]
    shown.next()
    shown.expect_state("held")
    assert shown.warns()


def test_a_text_too_large_to_send_stays_with_its_number_of_characters(desk):
    shown = desk("open_page")
    shown.replies = [413, "hang"]
    shown.page.locator("textarea").first.fill("x" * 20_000)
    shown.wait(1)
    shown.expect_state("refused")
    shown.next()
    shown.expect_state("leaving")
    shown.expect_posts(2)
    shown.held[0].fulfill(status=413, body="<h1>Told</h1>", content_type="text/html")
    shown.expect_state("refused")
    expect(shown.page.locator("#status")).to_have_text(re.compile("^Too many characters: "))
    assert shown.warns() and len(shown.page.locator("textarea").first.input_value()) == 20_000


@pytest.mark.parametrize("reply", [400, 403, 404])
def test_next_that_is_refused_shows_the_servers_page(desk, reply):
    shown = desk()
    shown.replies = [204, reply, reply]
    shown.tap()
    shown.expect_state("idle")
    shown.next()
    expect(shown.page.get_by_role("heading", name="Told")).to_be_visible()
    assert len(shown.bodies) == 3


# replies that hang or come late -------------------------------------------------------------------------------------


def test_a_reply_that_hangs_counts_as_none_after_ten_seconds(desk):
    shown = desk()
    shown.replies = ["hang", "hang"]
    shown.tap()
    shown.wait(9_900)
    shown.expect_state("saving")
    shown.wait(200)
    shown.expect_state("waiting", RETRY)
    shown.replies = []
    shown.wait(5_000)
    shown.expect_state("idle", SAVED)


def test_a_late_reply_to_a_save_says_nothing_of_the_page_left_meanwhile(desk):
    shown = desk()
    shown.replies = ["hang", "hang"]
    shown.tap()
    shown.expect_state("saving")
    shown.next()
    shown.expect_state("leaving")
    shown.expect_posts(2)
    shown.held[0].fulfill(status=503)
    shown.wait(100)
    shown.expect_state("leaving")


def test_a_change_while_next_is_under_way_goes_along(desk):
    shown = desk("open_page")
    shown.replies = ["hang"]
    shown.next()
    shown.expect_state("leaving")
    shown.page.get_by_label("Describe today in one word").fill("late")
    shown.expect_posts(1)
    shown.held[0].continue_()
    shown.expect_state("held")
    shown.wait(1)
    expect(shown.page.get_by_role("heading", level=1)).to_have_text("From the bank")
    assert shown.stored()["day_word"] == "late"


def test_tries_grow_rarer_up_to_every_fifteen_seconds_or_so(desk):
    """Each pause doubles, give or take 30 %; a step of the clock is 250 ms."""
    shown = desk()
    shown.replies = ["hang"] * 7
    shown.tap()
    pauses = []
    for tries in range(1, 7):
        shown.expect_posts(tries)
        shown.held.pop().fulfill(status=503)
        shown.expect_state("waiting")
        pauses.append(0)
        while shown.page.locator("#status").get_attribute("data-state") == "waiting":
            shown.wait(250)
            pauses[-1] += 250
    assert all(
        0.7 * usual - 250 <= pause <= 1.3 * usual + 500
        for pause, usual in zip(pauses, (2000, 4000, 8000, 15_000, 15_000, 15_000), strict=True)
    )


def test_without_an_online_event_the_page_is_saved_when_its_time_comes(desk):
    shown = desk()
    shown.replies = ["cut"]
    shown.tap()
    shown.expect_state("waiting", RETRY)
    shown.wait(3000)
    shown.expect_state("idle", SAVED)


@pytest.mark.parametrize("pressed", [False, True], ids=["saving", "next"])
def test_an_online_event_is_not_waited_for_by_the_clock(desk, pressed):
    shown = desk("yes_no_page")
    shown.replies = ["cut"] if not pressed else [204, "cut"]
    shown.page.get_by_text("Yes", exact=True).click()
    shown.wait(1)
    if pressed:
        shown.expect_state("idle")
        shown.next()
    shown.expect_state("held" if pressed else "waiting")
    shown.page.evaluate("dispatchEvent(new Event('online'))")
    shown.wait(1)
    shown.expect_state("idle")
    assert len(shown.bodies) == (3 if pressed else 2)


def test_an_online_event_sends_nothing_where_nothing_waits(desk):
    shown = desk()
    shown.page.evaluate("dispatchEvent(new Event('online'))")
    shown.wait(2000)
    assert shown.bodies == []


def test_the_first_answer_is_sent_at_once_and_quick_ones_together(desk):
    shown = desk()
    shown.tap()
    shown.expect_posts(1)
    shown.expect_state("idle")
    shown.replies = ["hang"]
    shown.tap("canteen_price", 1)
    shown.expect_posts(2)
    shown.tap("canteen_noise", 2)
    shown.held[0].continue_()
    shown.expect_state("dirty")
    shown.wait(700)
    assert len(shown.bodies) == 2
    shown.wait(200)
    shown.expect_posts(3)
    shown.expect_state("idle")


def test_typing_is_saved_after_a_pause_not_between_keys(desk):
    shown = desk("open_page")
    field = shown.page.locator("textarea").first
    field.press_sequentially("q")
    shown.wait(1000)
    shown.expect_state("idle")
    shown.replies = ["hang"]
    field.press_sequentially("u")
    shown.wait(1)
    shown.expect_posts(2)
    field.press_sequentially("i")
    shown.held[0].fulfill(status=204)
    shown.expect_state("dirty")
    for key in "ckly":
        shown.wait(500)
        field.press("End")
        field.press_sequentially(key)
    assert len(shown.bodies) == 2
    shown.wait(1000)
    assert "quickly" in shown.expect_posts(3)[2]


@pytest.mark.parametrize(("leaves", "pause"), [(False, 10_000), (True, 800)])
def test_a_number_typed_during_a_save_waits_until_it_stays_or_is_left(desk, leaves, pause):
    shown = desk("number_page")
    field = shown.page.get_by_label("How many books")
    shown.replies = ["hang"]
    field.press_sequentially("1")
    field.blur()
    shown.wait(1)
    shown.expect_posts(1)
    field.press("End")
    field.press_sequentially("5")
    if leaves:
        field.blur()
    shown.held[0].fulfill(status=204)
    shown.expect_state("dirty")
    shown.wait(pause - 100)
    assert len(shown.bodies) == 1
    shown.wait(200)
    assert "books=15" in shown.expect_posts(2)[1]


def test_after_a_save_the_first_failure_is_followed_by_a_quick_try(desk):
    shown = desk()
    shown.replies = [503, 503, 204, 503]
    shown.tap()
    for posts, pause in ((1, 2_700), (2, 5_300)):
        shown.expect_posts(posts)
        shown.expect_state("waiting")
        shown.wait(pause)
    shown.expect_posts(3)
    shown.expect_state("idle", SAVED)
    shown.tap("canteen_price", 1)
    shown.expect_posts(4)
    shown.expect_state("waiting", RETRY)
    shown.wait(2_700)
    shown.expect_posts(5)


# numbers ------------------------------------------------------------------------------------------------------------


def read_number(body: str) -> int:
    return int(dict(pair.split("=") for pair in body.split("&"))["number"])


def test_the_number_counts_posts_with_changes_not_keystrokes(desk):
    shown = desk("open_page")
    for typed in ("q", "uickly"):
        shown.page.locator("textarea").first.press_sequentially(typed)
        shown.wait(1000)
        shown.expect_state("idle")
    assert [*map(read_number, shown.bodies)] == [2, 3]


def test_typing_an_address_does_not_raise_the_number(desk):
    shown = desk("panel_page")
    for posts, typed in enumerate(("m", "me@example.org", "", "you@example.org"), 1):
        shown.page.locator("#f-gallery_panel").fill(typed)
        shown.wait(1000)
        shown.expect_posts(posts)
        expect(shown.page.locator("#status")).not_to_have_attribute("data-state", "saving")
    shown.next()
    assert [*map(read_number, shown.bodies)][:5] == [1, 1, 1, 1, 2]


def test_every_change_raises_the_number_and_a_retry_does_not(desk):
    shown = desk()
    shown.replies = [503]
    shown.tap()
    shown.expect_state("waiting")
    shown.wait(5000)
    shown.expect_state("idle")
    shown.tap("canteen_price", 1)
    shown.wait(1000)
    shown.expect_state("idle")
    first, again, second = map(read_number, shown.bodies)
    assert first == again < second


def test_next_raises_the_number_above_a_save_that_is_under_way(desk):
    shown = desk()
    shown.replies = ["hang", "hang"]
    shown.tap()
    shown.next()
    shown.expect_state("leaving")
    first, second = map(read_number, shown.expect_posts(2))
    assert first < second


# leaving ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["pagehide", "beforeunload", "visibilitychange"])
def test_what_is_not_sent_yet_goes_out_when_the_page_is_left(desk, event):
    shown = desk()
    shown.replies = ["hang"]
    shown.tap()
    shown.tap("canteen_price", 1)
    shown.page.evaluate("Object.defineProperty(document, 'hidden', {value: true})")
    shown.page.evaluate(f"document.dispatchEvent(new Event('{event}', {{cancelable: true, bubbles: true}}))")
    assert "q.canteen_price=2" in shown.expect_posts(2)[1]


def test_a_page_on_which_nothing_is_open_is_left_without_a_word(desk):
    shown = desk()
    shown.tap()
    shown.expect_state("idle")
    assert not shown.warns()
    shown.page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert len(shown.bodies) == 1


# faults -------------------------------------------------------------------------------------------------------------


def test_a_fault_is_said_once_its_field_is_left_and_goes_when_mended(desk):
    shown = desk("number_page")
    field = shown.page.get_by_label("How many books")
    field.fill("7x")
    shown.wait(1000)
    shown.expect_state("dirty", "")
    shown.page.get_by_label("How long does it take you").focus()
    shown.wait(1)
    expect(shown.page.locator("#fault-books")).to_have_text("Enter a whole number from 0 to 99.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("Enter a whole number from 0 to 99. A whole number from 0 to 99.")
    shown.expect_state("refused", MARKED)
    assert shown.warns() and field.input_value() == "7x"
    field.fill("7")
    field.blur()
    shown.wait(1000)
    shown.expect_state("idle", SAVED)
    expect(shown.page.locator("#fault-books")).to_have_count(0)
    assert field.get_attribute("aria-invalid") is None
    assert shown.stored() == {"books": "7"}


def test_a_fault_that_comes_while_typing_is_said_when_its_field_is_left(desk):
    shown = desk("number_page")
    field = shown.page.get_by_label("How many books")
    field.press_sequentially("7x")
    shown.wait(10_100)
    shown.expect_state("refused")
    shown.wait(1)
    expect(field).not_to_have_attribute("aria-invalid", "true")
    shown.page.get_by_label("How long does it take you").focus()
    shown.wait(1)
    expect(shown.page.locator("#fault-books")).to_have_text("Enter a whole number from 0 to 99.")
    expect(field).to_have_attribute("aria-invalid", "true")


def test_a_fault_that_the_server_drew_stays_until_it_is_mended(desk):
    shown = desk("number_page")
    shown.page.get_by_label("How many books").fill("7x")
    shown.next()
    expect(shown.page.locator("#summary")).to_be_focused()
    shown.expect_state("refused")
    shown.page.get_by_label("How long does it take you").focus()
    shown.page.get_by_label("How many books").focus()
    shown.wait(1)
    expect(shown.page.locator("#fault-books")).to_be_visible()
    shown.page.get_by_label("How many books").fill("7")
    shown.page.get_by_label("How many books").blur()
    shown.wait(1000)
    expect(shown.page.locator("#fault-books")).to_have_count(0)


def test_an_address_that_waits_for_next_is_not_called_saved(desk):
    """First drawing, typed, emptied, changed, reloaded; Next stores it, and so ends the warning."""
    shown = desk("panel_page")
    field = shown.page.locator("#f-gallery_panel")
    shown.expect_state("idle")
    for typed, state in (("me@example.org", "refused"), ("", "idle"), ("you@example.org", "refused")):
        field.fill(typed)
        shown.wait(1000)
        shown.expect_state(state, "")
        assert shown.warns() is bool(typed)
    shown.replies = [503]
    field.fill("they@example.org")
    shown.wait(1000)
    shown.expect_state("waiting", TOLD["waiting"])
    shown.wait(3000)
    shown.expect_state("refused", "")
    shown.page.reload()
    expect(field).to_have_value("")
    shown.expect_state("idle", "")
    shown.wait(100)  # the first paint
    field.fill("me@example.org")
    shown.next()
    expect(shown.page.locator(".receipt")).to_be_visible()
    assert not shown.warns()
