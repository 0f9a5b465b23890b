"""Every question type of the gallery in every state that a respondent can bring it into, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser.robot import Respondent, tap
from tests.browser.server import Server

PAGES = {
    "information": "information_page",
    "yes_no": "yes_no_page",
    "choice": "choice_page",
    "multiple": "multiple_page",
    "grid": "grid_page",
    "number": "number_page",
    "mark": "mark_page",
    "marks with own bounds": "own_marks_page",
    "options outside the scale": "outside_page",
    "date": "date_page",
    "open": "open_page",
    "consent": "consent_page",
    "panel": "panel_page",
}
"""Question type → the page of the gallery that shows it."""


SMALL = {"width": 320, "height": 640}
OVERFLOW = "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"
TARGETS = """() => [...document.querySelectorAll('a[href], button, summary, textarea, label.option, input:not([type=hidden])')]
  .filter(target => target.checkVisibility() && !target.matches('.skip, .first, .option input'))
  .filter(target => !(target.matches('a') && target.closest('p:not(.go), legend, h2, .help')))
  .map(target => [target.textContent || target.name, Math.round(target.getBoundingClientRect().height * 10) / 10])
  .filter(([, height]) => height < 44)"""
"""Visible targets under 44 px high. The label of an option is its target; a link inside a sentence is as high as its line."""
LINES = """element => {
  const range = document.createRange(), texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  range.selectNodeContents(texts.nextNode());
  return [...range.getClientRects()].map(({left, top, right, bottom}) => [left, top, right, bottom]);
}"""
"""Left, top, right and bottom of each line of an element's first text."""
TWICE = "document.documentElement.style.fontSize = '200%'"


def open_at(page: Page, server: Server, code: str, language: str = "en") -> Page:
    """Open a page of the gallery, as somebody who has skipped all pages before it."""
    cookie, address = server.begin("gallery", "demo", language, code)
    page.context.add_cookies([cookie])
    page.goto(address)
    return page


def walk_states(page: Page, server: Server, language: str) -> Iterator[str]:
    """Bring up one state after the other; yields its name while the page shows it."""
    for type_, code in PAGES.items():
        open_at(page, server, code, language)
        yield f"{type_} as it comes"
        if type_ == "information":
            continue
        spoil(page)
        page.locator(".go .next").press("Enter")
        expect(page.locator("#summary")).to_be_focused()
        yield f"{type_} to be looked at again"
        Respondent(page).answer_page()
        if type_ == "grid":
            yield "grid with all statements folded"
            tap(page.locator(".change").first)
        page.locator(".languages summary").click()
        yield f"{type_} answered, with the languages open"
    open_at(page, server, "bicycle_page", language)
    page.wait_for_function("respondent.follow")
    page.locator(".option").first.click()
    yield "follow-ups unfolded"


def spoil(page: Page) -> None:
    """Write what cannot be stored, wherever something can be written."""
    for details in page.locator(".comment").all():
        details.evaluate("comment => comment.open = true")
    for selector, text in {"[inputmode=numeric]": "many", "[type=email]": "nobody", "textarea": "x" * 1001}.items():
        for field in page.locator(selector).all():
            field.fill(text)
