"""What a page looks like to somebody on a phone: where things are, how much room they take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import FLAGS, OpenPage, find_browser
from tests.browser.robot import Respondent, tap
from tests.browser.server import Server
from tests.browser.states import LINES

OpenAt = Callable[..., Page]
PHONES = [(360, 740), (390, 844)]
STARTS = [
    (address, language)
    for address, languages in {
        "/q/job-2026/noorderlicht": ("nl", "en", "nt2"),
        "/q/nse-2026/wolkenveld": ("nl", "en"),
        "/q/belonging-2024/duinzicht": ("nl", "en"),
        "/q/gallery/demo": ("nl", "en", "nt2", "pap", "de"),
    }.items()
    for language in languages
]
TOP, BOTTOM = "element => element.getBoundingClientRect().top", "element => element.getBoundingClientRect().bottom"
GAP = "(lower, upper) => lower.getBoundingClientRect().top - upper.getBoundingClientRect().bottom"


def open_on(open_page: OpenPage, width: int, height: int, script: bool = True) -> Page:
    return open_page(viewport={"width": width, "height": height}, java_script_enabled=script)


def iter_sizes(page: Page, sizes: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Turn one screen into each of these, as its owner turns a phone."""
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        yield width, height


def go_to(page: Page, server: Server, code: str, language: str = "en") -> None:
    """Open a page of the gallery, with all pages before it skipped."""
    cookie, address = server.begin("gallery", "demo", language, code)
    page.context.add_cookies([cookie])
    page.goto(address)


# the start page


@pytest.mark.parametrize("script", [True, False])
def test_start_is_visible_without_scrolling(open_page: OpenPage, script: bool) -> None:
    page, low = open_on(open_page, *PHONES[0], script=script), {}
    for address, language in STARTS:
        page.goto(f"{address}?lang={language}")
        assert re.search("[0-9]", page.locator(".facts").inner_text())
        for phone in iter_sizes(page, PHONES):
            box = page.locator("main form .next").first.bounding_box()
            assert box
            if box["y"] + 46 > phone[1]:
                low[address, language, phone] = box["y"] + 46
    assert low == {}


def test_the_rest_of_the_start_page_unfolds_below_start(open_page: OpenPage) -> None:
    page = open_on(open_page, 360, 740, script=False)
    page.goto("/q/job-2026/noorderlicht?lang=en")
    more = page.locator(".more")
    expect(more.locator("p").first).to_be_hidden()
    more.locator("summary").click()
    expect(more.locator("p").first).to_be_visible()
    expect(more.get_by_role("heading", name="Questions?")).to_be_visible()
    assert more.evaluate(TOP) >= page.locator("main form .next").evaluate(BOTTOM)


def test_the_institution_s_colour_fills_the_head_of_a_page(page: Page) -> None:
    page.goto("/q/job-2026/noorderlicht?lang=nl")
    expect(page.locator(".top")).to_have_css("background-color", "rgb(11, 93, 110)")
    expect(page.locator(".top")).to_have_css("color", "rgb(255, 255, 255)")


# progress


def test_the_bar_moves_on_every_page_and_never_back(open_page: OpenPage) -> None:
    """Without script and with hardly any answer; journeys look at it with script on other paths."""
    page = open_on(open_page, 360, 740, script=False)
    Respondent(page).start("/q/belonging-2024/duinzicht?lang=nl")
    seen: list[float] = []
    while "/done/" not in page.url:
        expect(page.locator(".stage")).to_have_text(f"Deel {page.locator('.stage').inner_text().split()[1]} van 8")
        seen.append(float(page.locator("progress").get_attribute("value") or 0))
        for needed in page.locator(".part:has(.needed) [value=yes]").all():
            tap(needed.locator(".."))
        tap(page.locator(".go .next"))
        if page.locator("#summary").count():
            tap(page.locator("#summary .go [value=next]"))
    assert seen == sorted(set(seen))
    assert seen[0] == 0


def test_back_leaves_the_bar_where_it_was(gallery: OpenAt) -> None:
    page = gallery("grid_page")
    before = page.locator("progress").get_attribute("value")
    tap(page.locator(".go [value=back]"))
    expect(page.get_by_role("heading", level=1)).not_to_have_text("At college")
    expect(page.locator("progress")).to_have_attribute("value", str(before))


@pytest.mark.parametrize(("width", "visible"), [(1280, True), (1120, False), (360, False)])
def test_wide_screens_list_the_parts_beside_the_page(open_page: OpenPage, width: int, visible: bool) -> None:
    page = open_on(open_page, width, 740)
    student = Respondent(page)
    student.start("/q/job-2026/noorderlicht?lang=nl")
    student.answer_page()
    student.go_on()
    if not visible:
        expect(page.locator(".parts")).to_have_count(0)
        return
    number, total = re.findall(r"\d+", page.locator(".stage").inner_text())
    parts = page.locator(".parts li")
    expect(parts).to_have_count(int(total))
    expect(parts.nth(int(number) - 1)).to_have_class("now")
    edge = page.locator(".parts").evaluate("list => list.getBoundingClientRect().right")
    assert 0 < edge < page.locator("#answers").evaluate("form => form.getBoundingClientRect().left")


# the soft prompt


@pytest.mark.parametrize("language", ["nl", "en", "nt2", "pap", "de"])
@pytest.mark.parametrize("code", ["grid_page", "demo_garden_page"])
def test_the_soft_prompt_takes_a_third_of_the_screen_at_most(page: Page, server: Server, code: str, language: str) -> None:
    """The second page has a long stem. On short screens its link has two lines at most."""
    go_to(page, server, code, language)
    tap(page.locator(".go .next"))
    expect(page.locator("#summary")).to_be_focused()
    for _, height in iter_sizes(page, [*PHONES, (320, 568), (740, 360)]):
        box = page.locator("#summary").bounding_box()
        assert box and box["height"] <= height / 3


@pytest.mark.parametrize("language", ["nl", "nt2", "en", "de", "pap"])
def test_the_soft_prompt_lists_first_and_goes_on_after_it(page: Page, server: Server, language: str) -> None:
    for width, height in iter_sizes(page, [*PHONES, (740, 360), (1280, 800)]):
        go_to(page, server, "grid_page", language)
        tap(page.locator("#answers > .go .next"))
        shown, on = (page.locator(f".summary .go {part}").bounding_box() for part in ("details", ".button"))
        assert shown and on, (width, height)
        assert shown["y"] + shown["height"] <= on["y"] + 1 or shown["x"] + shown["width"] <= on["x"]


@pytest.mark.parametrize("script", [True, False])
def test_one_may_go_on_from_within_the_soft_prompt(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_on(open_page, 360, 740, script=script)
    go_to(page, server, "grid_page")
    tap(page.locator(".go .next"))
    tap(page.locator("#summary").get_by_role("button", name="Go on anyway"))
    expect(page.get_by_role("heading", level=1)).to_have_text("In numbers")


def test_a_link_of_the_soft_prompt_names_stem_and_statement(gallery: OpenAt) -> None:
    page = gallery("grid_page")
    tap(page.locator(".go .next"))
    link = page.locator("#summary a").first
    expect(link).to_have_text("What do you think of the canteen? – The food is good")
    tap(page.locator("#summary summary"))
    tap(page.locator("#summary details a").nth(1))
    expect(page.locator("#i-canteen_price input").first).to_be_focused()


@pytest.mark.parametrize("script", [True, False])
def test_the_title_says_that_something_is_wrong(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_on(open_page, 360, 740, script=script)
    go_to(page, server, "number_page")
    page.locator("[inputmode=numeric]").first.fill("99999")
    tap(page.locator(".go .next"))
    expect(page).to_have_title("Error: In numbers – Demo College")
    expect(page.locator("#summary a")).to_have_text("How long does it take you to get to college?")
    expect(page.locator("#summary li")).to_contain_text("Enter a whole number")
    for field in page.locator("[inputmode=numeric]").all():
        field.fill("9")
    page.wait_for_timeout(710) if not script else None
    tap(page.locator(".go .next"))
    expect(page).not_to_have_title("Error", timeout=5000)


# the bar


@pytest.mark.parametrize("language", ["nl", "en", "nt2", "pap", "de"])
def test_the_bar_does_not_wrap(page: Page, server: Server, language: str) -> None:
    go_to(page, server, "grid_page", language)
    for _ in iter_sizes(page, PHONES):
        left, stage, menu, bar = (page.locator(it).bounding_box() for it in (".left", ".stage", ".languages summary", ".bar"))
        assert left and stage and menu and bar
        assert left["x"] + left["width"] <= menu["x"]
        assert left["height"] < 20 and stage["height"] < 20 and bar["height"] <= 64
    height = page.locator("h1").evaluate(TOP)
    tap(page.locator(".languages summary"))
    assert page.locator("h1").evaluate(TOP) == height


@pytest.mark.parametrize("width", [360, 320, 1280])
def test_the_arrow_of_the_languages_stands_beside_their_name(open_page: OpenPage, server: Server, width: int) -> None:
    page = open_on(open_page, width, 740)
    go_to(page, server, "grid_page", "nt2")
    menu = page.locator(".languages summary")
    box = menu.bounding_box()
    assert box and box["x"] + box["width"] - max(right for *_, right, _ in menu.evaluate(LINES)) < 24


def test_the_languages_are_as_large_as_other_buttons(gallery: OpenAt) -> None:
    page = gallery("grid_page")
    tap(page.locator(".languages summary"))
    expect(page.locator(".tongues button").first).to_have_css("font-size", "16px")


def test_a_language_that_leaves_out_topics_says_so_before_it_is_chosen(open_page: OpenPage, server: Server) -> None:
    page = open_on(open_page, 360, 740, script=False)
    go_to(page, server, "grid_page")
    tap(page.locator(".languages summary"))
    expect(page.get_by_role("button", name="Makkelijk Nederlands")).to_contain_text("shorter: leaves out some topics")
    expect(page.get_by_role("button", name="Deutsch")).not_to_contain_text("shorter")
    expect(page.locator(".stage")).to_have_text("Part 1 of 10")
    tap(page.get_by_role("button", name="Makkelijk Nederlands"))
    expect(page.locator(".stage")).to_have_text("Deel 1")


# other screens


@pytest.mark.parametrize("width", [740, 1280])
def test_wide_screens_align_yes_no_and_marks_with_their_question(open_page: OpenPage, server: Server, width: int) -> None:
    page = open_on(open_page, width, 740)
    for code, scale in (("outside_page", ".pair"), ("own_marks_page", ".row")):
        go_to(page, server, code)
        first, *_, last = (option.bounding_box() for option in page.locator(f"{scale} >> nth=0 >> .option:not(.outside)").all())
        text = page.locator(f".question:has({scale}) > .text").first.bounding_box()
        assert first and last and text
        assert abs(first["x"] - text["x"]) <= 1
        assert abs(last["x"] + last["width"] - text["x"] - text["width"]) <= 2


def test_rows_of_several_lines_keep_clear_of_their_rule(open_page: OpenPage, server: Server) -> None:
    page = open_on(open_page, 320, 640)
    go_to(page, server, "grid_page")
    lines = [(row.evaluate(TOP), row.locator("legend").evaluate(LINES)) for row in page.locator(".closed").all()]
    assert max(len(texts) for _, texts in lines) == 2
    assert all(texts[0][1] - top >= 8 for top, texts in lines)


@pytest.mark.parametrize("language", ["nl", "nt2", "en", "de", "pap"])
def test_no_line_breaks_within_a_date(open_page: OpenPage, server: Server, language: str) -> None:
    page = open_on(open_page, 360, 740)
    go_to(page, server, "date_page", language)
    for hint in page.locator("[id^=bounds-]").all():
        dates = re.findall(r"\d+[^\d\s]\d+[^\d\s]\d{4}", hint.inner_text())
        assert len(dates) == 2
        assert all("-" not in day for day in dates)


def test_the_text_of_an_error_is_clear_of_the_ring_around_its_field(open_page: OpenPage, server: Server) -> None:
    page = open_on(open_page, 320, 640)
    go_to(page, server, "open_page")
    field = page.locator("textarea").first
    field.fill("long " * 2000)
    tap(page.locator("#answers > .go .next"))
    text = page.locator(".open > .fault:not(.count)")
    expect(text).to_be_visible()
    # Both in one step: the page may still scroll to the error.
    assert field.evaluate(GAP, text.element_handle()) >= 8


@pytest.mark.parametrize("code", ["choice_page", "grid_page", "mark_page", "yes_no_page"])
def test_in_landscape_the_first_answer_is_on_the_first_screen(open_page: OpenPage, server: Server, code: str) -> None:
    page = open_on(open_page, 740, 360)
    go_to(page, server, code)
    assert page.locator(".option").first.evaluate(BOTTOM) <= 360


SHAPES = """() => [document.documentElement.scrollWidth, Math.min(...[...document.querySelectorAll('.option')]
  .map(option => option.getBoundingClientRect()).map(box => Math.min(box.width, box.height)))]"""
"""The width of the page, and the shortest side of an option."""


@pytest.mark.parametrize("size", [16, 24, 32])
def test_marks_fit_short_upright_phones_at_every_text_size(chromium: Browser, server: Server, size: int) -> None:
    """The size is the one of the browser's settings, in which media queries count."""
    flags = [*FLAGS, f"--blink-settings=defaultFontSize={size}"]
    browser = chromium.browser_type.launch(executable_path=find_browser(), args=flags)
    try:
        page = browser.new_page(viewport={"width": 320, "height": 480}, base_url=server.url)
        cookie, address = server.begin("gallery", "demo", "en", "mark_page")
        page.context.add_cookies([cookie])
        page.goto(address)
        width, shortest = page.evaluate(SHAPES)
    finally:
        browser.close()
    assert width == 320
    assert shortest >= 44


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_the_two_buttons_of_a_conflict_differ_and_are_apart(open_page: OpenPage, server: Server, width: int) -> None:
    page = open_on(open_page, width, 740)
    go_to(page, server, "yes_no_page")
    other = page.context.new_page()
    other.goto(page.url)
    tap(other.get_by_text("Yes", exact=True))
    tap(other.locator(".go .next"))
    expect(other.get_by_role("heading", level=1)).to_have_text("On your way")
    tap(page.get_by_text("No", exact=True))
    new, stored = (
        page.get_by_role("button", name="Keep the answers below"),
        page.get_by_role("button", name="Keep the saved answers"),
    )
    expect(stored).to_be_visible()
    looks = "button => getComputedStyle(button).backgroundColor"
    assert new.evaluate(looks) != stored.evaluate(looks)
    first, second = (button.bounding_box() for button in (new, stored))
    assert first and second and first["x"] + first["width"] <= width
    assert first["width"] == pytest.approx(second["width"], abs=1)
    assert max(second["y"] - first["y"] - first["height"], second["x"] - first["x"] - first["width"]) >= 8


def test_forced_colours_tell_next_from_back_and_keep_the_globe(open_page: OpenPage, server: Server) -> None:
    page = open_page(forced_colors="active")
    go_to(page, server, "grid_page")
    looks = "button => getComputedStyle(button).backgroundColor"
    assert page.locator(".go .next").evaluate(looks) != page.locator(".go [value=back]").evaluate(looks)
    globe = "it => getComputedStyle(it, '::before').backgroundColor !== getComputedStyle(document.body).backgroundColor"
    assert page.locator(".globe").evaluate(globe)


def test_a_number_may_be_written_with_its_unit(gallery: OpenAt) -> None:
    page = gallery("number_page")
    page.locator("[inputmode=numeric]").first.fill("45 minutes")
    page.locator("[inputmode=numeric]").last.fill("3")
    tap(page.locator(".go .next"))
    expect(page.get_by_role("heading", level=1)).not_to_have_text("In numbers")
