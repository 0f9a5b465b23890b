"""A simulated respondent for browser tests: answers all questions on a page, with or without script, and remembers the answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Error, Locator, Page, Route, TimeoutError, expect

from survey_engine.engine.response_state import Response

APART, DOUBLE_TAP = 25, 710
"""Minimum pixels or milliseconds between two presses that are not a double tap."""
SENTENCE = "Dit schreef ik zelf: 100 % & <meer>."
ADDRESS = "student@example.org"
READ = """fields => {
  const found = {};
  for (const field of fields) {
    const it = found[field.name] ??= {name: field.name.slice(2), kind: field.type, values: [], alone: [], needed: false};
    it.values.push(field.value);
    if (field.dataset.alone) it.alone.push(field.value);
    const about = field.closest('.part'), bounds = document.getElementById('bounds-' + field.name.slice(2));
    it.needed = !!about?.querySelector('.needed');
    it.bounds = bounds ? bounds.textContent : field.min + ' ' + field.max;
    it.namely = field.closest('.namely') && field.closest('.question').querySelector('[data-namely]').value;
  }
  return Object.values(found);
}"""
"""Script that lists the fields of the page by name, in reading order."""


_LAST: WeakKeyDictionary[Page, list[tuple[float, list[float]]]] = WeakKeyDictionary()
"""Page → its last press and all presses of the last second: (time, [x, y] in the window)."""
AIM = """async (element, [before, apart]) => {
  if (window.respondent) await new Promise(done => new IntersectionObserver(done).observe(document.documentElement));
  if (!element.checkVisibility()) return null;
  element.scrollIntoViewIfNeeded();
  dispatchEvent(new Event('wheel'));
  window.heard = false;
  addEventListener('click', () => { heard = true }, {capture: true, once: true});
  const box = element.getBoundingClientRect();
  for (const part of [0.5, 0.1, 0.9]) {
    const spot = {x: box.width * part, y: box.height / 2}, at = [box.x + spot.x, box.y + spot.y];
    const near = before.some(([x, y]) => Math.hypot(at[0] - x, at[1] - y) < apart);
    if (!near) return {spot, at, free: element.contains(document.elementFromPoint(...at))};
  }
  return false;
}"""
"""Script that waits for a drawn frame (a stopped clock does not delay it), scrolls to an element and finds a spot on it that is not a
double tap: position in the element, position in the window, whether nothing covers it. False if the element is too small for such a
spot, null if it is not visible."""


def tap(target: Locator) -> None:
    """Press an element after looking, as a respondent does; press again if the page ignored it because the element had just moved."""
    main = target.page.main_frame
    frame = target.element_handle().owner_frame() if main.child_frames else main
    assert frame
    press_apart(target)
    try:
        ignored = frame.evaluate("window.respondent && window.heard === false")
    except Error:  # the press opened another document
        return
    if ignored:
        press_apart(target)


def press_apart(target: Locator) -> None:
    """Scroll to an element and press it at a spot that is not a double tap."""
    while not (aim := target.evaluate(AIM, [[at for _, at in _LAST.get(target.page, [])], APART])):
        if aim is None:  # the page may have been replaced since the element was found
            expect(target).to_be_visible()
        else:
            target.page.wait_for_timeout(DOUBLE_TAP)
            del _LAST[target.page]
    # If `free`, the driver need not check again whether something covers the spot.
    target.click(position=aim["spot"], force=aim["free"])
    now = monotonic()
    _LAST[target.page] = [*(each for each in _LAST.get(target.page, []) if now - each[0] < 1), (now, aim["at"])]


class Held:
    """Requests of a page to an address (only those with `method`, if given) that wait until the test continues them."""

    def __init__(self, page: Page, address: str = "**/a/**", method: str | None = None) -> None:
        self.page = page
        self.method = method
        self.routes: list[Route] = []
        page.route(address, self.keep)

    def keep(self, route: Route) -> None:
        if self.method in (None, route.request.method):
            self.routes.append(route)
        else:
            route.continue_()

    def take(self) -> Route:
        """Wait for the first held request and return it: a page may show that it sends before its request arrives here."""
        for _ in range(250):
            if self.routes:
                break
            self.page.wait_for_timeout(20)
        assert self.routes, "nothing was sent"
        return self.routes.pop(0)


class Respondent:
    """Chooses answers with a seeded random generator; `given` has its last answers: variable → value as text or list of texts."""

    def __init__(self, page: Page, seed: int = 1) -> None:
        self.page, self.chance = page, Random(seed)
        self.given: dict[str, Any] = {}
        self.answered = set[str]()
        """The fields of the current page that are answered."""

    def start(self, address: str, language: str | None = None) -> None:
        """Open a start page, choose a language by its name, and begin."""
        self.page.goto(address)
        if language:
            self.page.get_by_role("navigation").get_by_role("link", name=language, exact=True).click()
            expect(self.page.locator("nav [aria-current]")).to_have_text(language)
        tap(self.page.locator("main form .button.next"))
        self.page.wait_for_url("**/a/**")

    def answer_page(self, *, further: bool = False) -> None:
        """Answer all questions on the page, follow-ups included; with `further`, only fields that appeared since."""
        fields = self.page.locator("#answers :is(.question, .namely) [name^='q.']:enabled")
        self.answered = self.answered if further else set()
        while found := [field for field in fields.evaluate_all(READ) if field["name"] not in self.answered]:
            for field in found:
                self.answer(field)
                self.answered.add(field["name"])

    def answer(self, field: dict[str, Any]) -> None:
        """Answer one field in the way of its kind."""
        if field["namely"]:
            self.write_namely(field)
        elif field["kind"] == "radio":
            value = "yes" if field["needed"] else self.chance.choice(field["values"])
            self.choose(field["name"], value)
            self.given[field["name"]] = value
        elif field["kind"] == "checkbox":
            self.given[field["name"]] = self.tick(field)
        else:
            written = self.invent(field)
            place = self.page.locator(f"[name='q.{field['name']}']")
            if not place.is_visible():
                tap(self.page.locator(f".comment:has([name='q.{field['name']}']) summary"))
            place.fill(written)
            if field["kind"] != "email":
                self.given[field["name"]] = written

    def choose(self, name: str, value: str) -> None:
        """Press an option; open its statement first if it is folded or closed."""
        option = self.page.locator(f".option:has([name='q.{name}'][value='{value}'])")
        if not option.is_visible():
            tap(self.page.locator(f".statement:has([name='q.{name}']) .change"))
        tap(option)

    def tick(self, field: dict[str, Any]) -> list[str]:
        """Tick one or two options, or one exclusive option; return the ticked options in the order of the page."""
        several = [value for value in field["values"] if value not in field["alone"]]
        wanted = self.chance.sample(several, min(2, len(several))) if several else []
        if field["alone"] and self.chance.random() < 0.2:
            wanted = field["alone"][:1]
        for value in wanted:
            self.choose(field["name"], value)
        return [value for value in field["values"] if value in wanted]

    def write_namely(self, field: dict[str, Any]) -> None:
        chosen = self.given.get(field["name"].removesuffix("__namely"), "")
        if field["namely"] == chosen or field["namely"] in chosen:
            self.page.locator(f"[name='q.{field['name']}']").fill("iets anders")
            self.given[field["name"]] = "iets anders"

    def invent(self, field: dict[str, Any]) -> str:
        """Return a text or number that fits the field."""
        if field["kind"] == "email":
            return ADDRESS
        if dates := re.findall(r"(\d{1,2})\u2011(\d{1,2})\u2011(\d{4})", field["bounds"]):
            day, month, year = map(int, dates[-1])
            return f"{year}-{month:02}-{day:02}"
        if numbers := re.findall(r"\d+", field["bounds"]):
            return str(self.chance.randint(int(numbers[0]), int(numbers[1])))
        return SENTENCE

    def press(self, selector: str) -> None:
        """Press a button that leads to another page."""
        here = self.page.url
        tap(self.page.locator(selector))
        try:
            self.page.wait_for_url(lambda url: url != here)
        except TimeoutError as error:
            raise AssertionError(f"Still on {here}: {self.page.locator('main').inner_text()}") from error

    def go_on(self) -> None:
        """Press Next. Without a script, each press may show the page again with further follow-ups."""
        form = self.page.locator("#answers")
        while form.locator("[data-when]:disabled").count() and not self.page.evaluate("'respondent' in window"):
            here = form.get_attribute("action")
            with self.page.expect_navigation():
                tap(self.page.locator(".go .next"))
            if not form.count() or form.get_attribute("action") != here:
                return
            self.answer_page(further=True)
        self.press(".go .next")

    def go_back(self) -> None:
        self.press(".go [value=back]")

    def finish(self, look: Callable[[Page], Any] = lambda page: None) -> int:
        """Answer all pages until the questionnaire is complete, and call `look` on each; return the number of pages."""
        pages = 0
        while "/done/" not in self.page.url:
            self.answer_page()
            look(self.page)
            self.go_on()
            pages += 1
        return pages


def say(response: Response) -> dict[str, Any]:
    """Return variable → stored value as text, without the versions of consents."""
    found: dict[str, Any] = {}
    for stored in response.pages.values():
        for name, value in stored.answers.items():
            if not name.endswith("__version"):
                found[name] = [str(one) for one in value] if isinstance(value, list) else str(value)
    return found
