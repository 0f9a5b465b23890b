"""Presses: one belongs to the page that was seen when it began, and the second of a double tap does nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.robot import DOUBLE_TAP, Held, tap

NEXT = ".go .next"
CENTRE = "element => { const {x, y, width, height} = element.getBoundingClientRect(); return [x + width / 2, y + height / 2]; }"
OpenAt = Callable[..., Page]


def find(page: Page, selector: str) -> tuple[float, float]:
    page.locator(selector).first.scroll_into_view_if_needed()
    x, y = page.locator(selector).first.evaluate(CENTRE)
    return x, y


def answered(page: Page) -> int:
    return page.locator(":checked").count()


@pytest.mark.parametrize(
    ("milliseconds", "pixels", "counts"),
    [(60, 0, False), (700, 0, False), (701, 0, True), (60, 24, False), (60, 25, True)],
)
def test_a_second_tap_counts_from_700_ms_or_24_px_on(still: OpenAt, milliseconds: int, pixels: int, counts: bool) -> None:
    page = still("multiple_page")
    x, y = find(page, ".option")
    page.mouse.click(x, y)
    page.clock.run_for(milliseconds)
    page.mouse.click(x + pixels, y)
    expect(page.locator(":checked")).to_have_count(0 if counts else 1)


def test_each_tap_on_the_spot_begins_the_700_ms_anew(still: OpenAt) -> None:
    page = still("multiple_page")
    x, y = find(page, ".option")
    for _ in range(3):
        page.mouse.click(x, y)
        page.clock.run_for(600)
    assert answered(page) == 1


def test_a_second_tap_on_an_option_does_not_answer_the_next_statement(still: OpenAt) -> None:
    page = still("grid_page")
    x, y = find(page, "#i-canteen_food .option >> nth=1")
    for _ in range(4):
        page.mouse.click(x, y)
        page.clock.run_for(60)
    assert answered(page) == 1


def expect_dead_spot(page: Page, x: float, y: float, milliseconds: int) -> None:
    """Expect that a tap on an option at this spot counts only after a pause, not after so many milliseconds."""
    page.locator(".option").first.evaluate(
        "(option, [x, y]) => Object.assign(option.style, {position: 'fixed', left: `${x - 20}px`, top: `${y - 20}px`})", [x, y]
    )
    page.clock.run_for(milliseconds)
    page.mouse.click(x, y)
    assert answered(page) == 0
    page.clock.run_for(701)
    page.mouse.click(x, y)
    assert answered(page) == 1


def test_a_second_tap_on_next_does_nothing_to_the_page_that_came(still: OpenAt) -> None:
    page = still("information_page")
    x, y = find(page, NEXT)
    page.mouse.click(x, y)
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    expect_dead_spot(page, x, y, 600)


def test_a_second_tap_just_after_a_slow_page_has_come_does_nothing(still: OpenAt) -> None:
    page = still("information_page")
    slow = Held(page, method="POST")
    x, y = find(page, NEXT)
    with page.expect_request(lambda request: request.method == "POST"):
        page.mouse.click(x, y)
    expect(page.locator("#status")).to_have_attribute("data-state", "leaving")
    page.clock.run_for(900)
    slow.take().continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    expect_dead_spot(page, x, y, 20)


def test_a_second_tap_takes_no_focus_where_another_thing_has_come(still: OpenAt) -> None:
    page = still("multiple_page")
    x, y = find(page, NEXT)
    page.mouse.click(x, y)
    expect(page.locator("#summary")).to_be_focused()
    page.mouse.click(x, y)
    expect(page.locator("#summary")).to_be_focused()


def test_a_double_click_in_a_text_still_selects_a_word(still: OpenAt) -> None:
    page = still("open_page")
    field = page.locator("textarea").first
    field.fill("wonderful")
    field.dblclick(position={"x": 30, "y": 20})
    assert page.evaluate("getSelection().toString()") == "wonderful"


def test_a_press_on_a_new_page_counts_250_ms_after_its_paint(still: OpenAt) -> None:
    """Wherever it is: nobody sees a page and moves a thumb in less."""
    page = still("information_page")
    page.locator(NEXT).click(position={"x": 10, "y": 20})
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    option = page.locator(".option").first
    for milliseconds, x, count in ((20, 20, 0), (200, 50, 0), (60, 80, 1)):
        page.clock.run_for(milliseconds)
        option.click(position={"x": x, "y": 20})
        assert answered(page) == count


@pytest.mark.parametrize("how", ["link", "reload", "back", "the browser's cache"])
def test_a_press_on_a_new_document_counts_250_ms_after_its_paint(still: OpenAt, how: str) -> None:
    page = still("multiple_page")
    if how == "link":
        page.goto(page.url)
    elif how == "reload":
        page.reload()
    elif how == "back":
        page.goto("/q/gallery/demo")
        page.go_back()
    else:
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    option = page.locator(".option").first
    for milliseconds, x, count in ((20, 20, 0), (200, 50, 0), (60, 80, 1)):
        page.clock.run_for(milliseconds)
        option.click(position={"x": x, "y": 20})
        assert answered(page) == count


def test_a_key_on_a_new_document_counts_at_once(still: OpenAt) -> None:
    page = still("multiple_page")
    page.reload()
    page.locator(".option input").first.press("Space")
    assert answered(page) == 1


@pytest.mark.parametrize("below", [0.2, -2])
def test_a_press_on_the_edge_of_an_option_or_just_beside_it_counts(still: OpenAt, below: float) -> None:
    """A browser rounds where a click was, but not where its press was, and finds the control next to a finger."""
    page = still("multiple_page", has_touch=True, is_mobile=True)
    option = page.locator(".option").first
    option.scroll_into_view_if_needed()
    option.evaluate("option => { option.style.marginTop = `${1.1 - option.getBoundingClientRect().top % 1}px` }")
    left, top = option.evaluate("option => [option.getBoundingClientRect().left, option.getBoundingClientRect().top]")
    page.clock.run_for(300)
    page.touchscreen.tap(left + 30, top + below)
    assert answered(page) == 1


def test_a_press_that_began_on_the_page_before_does_nothing(still: OpenAt) -> None:
    page = still("information_page")
    slow = Held(page, method="POST")
    with page.expect_request(lambda request: request.method == "POST"):
        page.locator(NEXT).click()
    expect(page.locator("#status")).to_have_attribute("data-state", "leaving")
    page.mouse.move(100, 20)
    page.mouse.down()
    page.clock.run_for(50)
    slow.take().continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    page.mouse.move(*find(page, ".option"))
    page.mouse.up()
    page.locator(".option").first.evaluate(
        "option => option.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, detail: 1}))"
    )
    assert answered(page) == 0


def test_a_press_that_spans_the_page_change_begins_the_700_ms_anew(still: OpenAt) -> None:
    page = still("information_page")
    slow = Held(page, method="POST")
    x, y = find(page, NEXT)
    with page.expect_request(lambda request: request.method == "POST"):
        page.mouse.click(x, y)
    page.clock.run_for(300)
    page.mouse.down()
    page.clock.run_for(500)
    slow.take().continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    page.clock.run_for(20)
    page.mouse.up()
    expect_dead_spot(page, x, y, 650)


def test_a_press_before_a_new_page_is_painted_belongs_to_the_old_one(still: OpenAt) -> None:
    page = still("information_page")
    page.locator(NEXT).click(position={"x": 10, "y": 20})
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    page.mouse.move(*find(page, ".option"))
    page.mouse.down()
    page.clock.run_for(100)
    page.mouse.up()
    assert answered(page) == 0


def test_a_press_on_a_new_page_that_is_not_yet_painted_does_nothing(still: OpenAt) -> None:
    page = still("information_page")
    page.locator(NEXT).click(position={"x": 10, "y": 20})
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    page.get_by_text("Yes", exact=True).click()
    assert answered(page) == 0


def test_a_press_counts_250_ms_after_the_window_has_changed_its_size(still: OpenAt) -> None:
    """As when the keyboard of a phone closes."""
    page = still("multiple_page")
    page.set_viewport_size({"width": 390, "height": 500})
    page.wait_for_function("() => innerHeight === 500")
    for milliseconds, count in ((20, 0), (300, 1)):
        page.clock.run_for(milliseconds)
        page.mouse.click(*find(page, f".option >> nth={count}"))
        assert answered(page) == count


@pytest.mark.parametrize("selector", ["main a", "#undo button"])
def test_a_rhythm_of_presses_does_not_leave_the_page_with_the_key(still: OpenAt, selector: str) -> None:
    page = still("multiple_page")
    page.clock.run_for(300)
    page.mouse.click(*find(page, "#answers [value=stop]"))
    expect(page.locator("main.message .key")).to_be_visible()
    address = page.url
    link = page.locator(selector).last
    page.clock.run_for(20)
    link.click(no_wait_after=True)
    page.clock.run_for(2999)
    link.click(no_wait_after=True)
    assert page.url == address and link.is_visible()
    page.clock.run_for(3001)
    link.click()
    page.wait_for_url(lambda url: url != address)


@pytest.mark.parametrize("milliseconds", [720, 1400])
def test_two_thumbs_in_turn_neither_stop_nor_leave_the_page_with_the_key(still: OpenAt, milliseconds: int) -> None:
    page = still("multiple_page")
    page.clock.run_for(300)
    other = find(page, "main h1")
    here = find(page, ".option")

    def tap_in_turn() -> None:
        for spot in (here, other):
            page.mouse.click(*spot)
            page.clock.run_for(milliseconds)

    tap_in_turn()
    place = "(it, [x, y]) => Object.assign(it.style, {position: 'fixed', zIndex: 9, left: `${x - 20}px`, top: `${y - 9}px`})"
    page.locator("[value=stop]").evaluate(place, here)
    for _ in range(3):
        tap_in_turn()
    assert "/a/" in page.url
    page.clock.run_for(3001)
    page.mouse.click(*here)
    expect(page.locator("main.message .key")).to_be_visible()
    address = page.url
    page.locator("main a").last.evaluate(place, here)
    page.clock.run_for(milliseconds)
    for _ in range(3):
        tap_in_turn()
    assert page.url == address


def test_who_went_back_may_go_back_again_on_the_same_spot(still: OpenAt) -> None:
    page = still("multiple_page")
    page.clock.run_for(300)
    for _ in range(2):
        address, back = page.url, page.locator("#answers [value=back]")
        back.evaluate("button => Object.assign(button.style, {position: 'fixed', left: '20px', top: '200px', zIndex: 9})")
        page.mouse.click(40, 215)
        expect(page).not_to_have_url(address)
        page.clock.run_for(1000)


def send_touch(page: Page) -> Callable[..., None]:
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    return send


def swipe(page: Page, spot: tuple[float, float]) -> None:
    """Scroll the page by a finger that begins on a spot."""
    send, (x, y) = send_touch(page), spot
    send("touchStart", (x, y))
    for step in range(1, 8):
        send("touchMove", (x, y - 8 * step))
    send("touchEnd")


def test_a_scroll_forgives_no_page_that_has_just_come(still: OpenAt) -> None:
    page = still("information_page", has_touch=True, is_mobile=True)
    page.touchscreen.tap(*find(page, NEXT))
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    page.evaluate("addEventListener('pointercancel', () => window.scrolled = true)")
    page.clock.run_for(20)
    swipe(page, find(page, "h1"))
    page.wait_for_function("() => window.scrolled")
    page.clock.run_for(50)
    page.evaluate("scrollTo(0, 0)")
    page.touchscreen.tap(*find(page, ".option"))
    assert answered(page) == 0


def test_a_tap_after_a_scroll_by_touch_counts_at_once(still: OpenAt) -> None:
    page = still("grid_page", has_touch=True, is_mobile=True)
    page.clock.run_for(300)
    page.evaluate("() => addEventListener('pointercancel', () => addEventListener('scrollend', () => window.scrolled = true))")
    swipe(page, find(page, ".option"))
    page.wait_for_function("() => window.scrolled && scrollY > 20")
    page.clock.run_for(100)
    page.touchscreen.tap(*find(page, ".option"))
    expect(page.locator(":checked")).to_have_count(1)


@pytest.mark.parametrize("kind", ["PointerEvent", "MouseEvent"])
def test_a_click_belongs_to_the_press_of_its_own_finger(still: OpenAt, kind: str) -> None:
    """A second tap does nothing, also when another finger touches before its click. Safari's MouseEvent names no finger."""
    page = still("multiple_page")
    page.clock.run_for(300)
    x, y = find(page, ".option")
    page.evaluate(
        """([x, y, clicks]) => {
      const option = document.elementFromPoint(x, y);
      const send = (kind, pointerId, target = option) => target.dispatchEvent(new (kind === 'click' ? window[clicks] : PointerEvent)(kind,
        {pointerId, clientX: x, clientY: target === option ? y : 0, detail: +(kind === 'click'), bubbles: true, cancelable: true}));
      for (const kind of ['pointerdown', 'pointerup', 'click']) send(kind, 2);
      send('pointerdown', 3);
      send('pointerup', 3);
      send('pointerdown', 4, document.body);
      send('click', 3);
    }""",
        [x, y, kind],
    )
    assert answered(page) == 1


def test_another_finger_between_two_taps_on_a_spot_changes_nothing(still: OpenAt) -> None:
    page = still("multiple_page", has_touch=True, is_mobile=True)
    page.clock.run_for(300)
    x, y = find(page, ".option")
    page.touchscreen.tap(x, y)
    page.clock.run_for(260)
    page.touchscreen.tap(*find(page, ".option >> nth=2"))
    page.clock.run_for(260)
    page.touchscreen.tap(x, y)
    expect(page.locator(":checked")).to_have_count(2)


def test_the_700_ms_begin_when_a_slow_finger_lifts(still: OpenAt) -> None:
    page = still("multiple_page")
    x, y = find(page, ".option")
    page.mouse.move(x, y)
    page.mouse.down()
    page.clock.run_for(450)
    page.mouse.up()
    page.clock.run_for(460)
    page.mouse.click(x, y)
    assert answered(page) == 1


def test_a_finger_that_is_down_while_a_document_comes_has_tapped(gallery: Callable[..., Page]) -> None:
    page = gallery("multiple_page")
    spot = find(page, ".option")
    page.wait_for_timeout(DOUBLE_TAP)
    page.mouse.move(*spot)
    page.mouse.down()
    page.reload()
    page.mouse.up()
    page.wait_for_timeout(300)
    page.mouse.click(*spot)
    page.mouse.click(*spot)
    expect(page.locator(":checked")).to_have_count(0)
    page.wait_for_timeout(DOUBLE_TAP)
    page.mouse.click(*spot)
    expect(page.locator(":checked")).to_have_count(1)


@pytest.mark.parametrize("code", ["mark_page", "own_marks_page"])
def test_a_fat_finger_presses_the_option_under_its_middle(still: OpenAt, code: str) -> None:
    """Chromium looks for a control in the whole area of a finger."""
    page = still(code, has_touch=True, is_mobile=True)
    session = page.context.new_cdp_session(page)
    page.evaluate(
        "addEventListener('pointerdown', event => { window.pressed = event.target.closest('label')?.textContent.trim(); })"
    )
    wrong = []
    for option in page.locator(":is(.row, .marks) .option").all()[:7]:
        option.scroll_into_view_if_needed()
        box = option.bounding_box()
        assert box
        for inside, radius in ((4, 10), (7, 12), (10, 16)):
            for x in (box["x"] + inside, box["x"] + box["width"] - inside):
                point = {"x": x, "y": box["y"] + box["height"] / 2 + 8, "radiusX": radius, "radiusY": radius}
                session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
                session.send("Input.dispatchTouchEvent", {"type": "touchCancel", "touchPoints": []})
                wrong += [point] * (page.evaluate("window.pressed") != option.inner_text().strip())
    assert wrong == []


@pytest.mark.parametrize(("value", "milliseconds", "leaves"), [("stop", 3000, False), ("back", 900, False), ("back", 3001, True)])
def test_a_rhythm_of_taps_on_one_spot_does_not_leave_the_page(still: OpenAt, value: str, milliseconds: int, leaves: bool) -> None:
    page = still("multiple_page")
    heading = page.get_by_role("heading", level=1)
    title = heading.inner_text()
    page.clock.run_for(300)
    x, y = find(page, ".option")
    page.mouse.click(x, y)
    page.locator(f"[value={value}]").evaluate(
        "(button, [x, y]) => Object.assign(button.style, {position: 'fixed', zIndex: 9, left: `${x - 20}px`, top: `${y - 9}px`})",
        [x, y],
    )
    for _ in range(1 if leaves else 2):
        page.clock.run_for(milliseconds)
        page.mouse.click(x, y)
    page.clock.run_for(1000)
    if leaves:
        expect(heading).not_to_have_text(title)
    else:
        expect(page.locator("#status")).not_to_have_attribute("data-state", "leaving")
        expect(heading).to_have_text(title)


@pytest.mark.parametrize("how", ["key", "assistive technology"])
def test_a_press_without_a_pointer_always_counts(still: OpenAt, how: str) -> None:
    page = still("multiple_page")
    x, y = find(page, ".option")
    page.mouse.click(x, y)
    page.mouse.click(x, y)
    if how == "key":
        page.locator(".option input").first.press("Space")
    else:
        page.locator(".option input").first.evaluate("input => input.click()")
    assert answered(page) == 0


def test_the_begin_of_scrolling_is_no_tap(still: OpenAt) -> None:
    page = still("multiple_page", has_touch=True, is_mobile=True)
    x, y = find(page, ".option")
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: float) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": at} for at in points]})

    page.evaluate("addEventListener('pointercancel', () => window.scrolled = true)")
    send("touchStart", y)
    for step in range(1, 8):
        send("touchMove", y - 8 * step)
    send("touchEnd")
    page.wait_for_function("() => window.scrolled")
    page.clock.run_for(100)
    page.evaluate("scrollTo(0, 0)")
    page.touchscreen.tap(*find(page, ".option"))
    expect(page.locator(":checked")).to_have_count(1)  # the click comes after the touch


# the language menu --------------------------------------------------------------------------------------------------


@pytest.fixture
def menu(gallery: OpenAt) -> Page:
    page = gallery("yes_no_page")
    page.locator(".languages summary").click()
    expect(page.get_by_role("button", name="Deutsch")).to_be_visible()
    return page


def test_escape_closes_the_language_menu_and_keeps_the_focus_on_it(menu: Page) -> None:
    menu.keyboard.press("Tab")
    expect(menu.locator(".tongues button").first).to_be_focused()
    menu.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Deutsch")).to_be_hidden()
    expect(menu.locator(".languages summary")).to_be_focused()


def test_escape_elsewhere_closes_the_language_menu_and_leaves_the_focus(menu: Page) -> None:
    menu.locator("[value=yes]").focus()
    menu.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Deutsch")).to_be_hidden()
    expect(menu.locator("[value=yes]")).to_be_focused()


def test_a_tap_outside_closes_the_language_menu_and_counts(gallery: OpenAt) -> None:
    page = gallery("choice_page")
    page.locator(".languages summary").click()
    tap(page.locator(".option").last)
    expect(page.get_by_role("button", name="Deutsch")).to_be_hidden()
    assert answered(page) == 1


def test_a_tap_or_another_key_inside_the_language_menu_leaves_it_open(menu: Page) -> None:
    menu.keyboard.press("Tab")
    menu.locator(".tongues").click(position={"x": 1, "y": 1})
    expect(menu.get_by_role("button", name="Deutsch")).to_be_visible()


def test_next_counts_for_who_keeps_pressing_it_for_two_seconds(still: OpenAt) -> None:
    page = still("information_page")
    page.evaluate(
        "document.adoptedStyleSheets = [new CSSStyleSheet()]; document.adoptedStyleSheets[0].insertRule("
        "'.go {position: fixed; bottom: 0; left: 0; width: 100%}')"
    )
    x, y = find(page, NEXT)
    page.mouse.click(x, y)
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    for _ in range(3):
        page.clock.run_for(500)
        page.mouse.click(x, y)
    expect(page.locator("#summary")).to_have_count(0)
    for _ in range(3):
        page.clock.run_for(500)
        page.mouse.click(x, y)
    expect(page.locator("#summary")).to_contain_text("Not answered yet")
