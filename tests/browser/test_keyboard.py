"""One journey by keyboard alone: Tab, arrows, Space and Enter, looking only at where the focus is."""

from __future__ import annotations

from random import Random

from playwright.sync_api import Page, expect

from tests.browser.robot import SENTENCE, say
from tests.browser.server import Server

FOCUS = """() => {
  const at = document.activeElement, label = at.closest('.option, .button') || at;
  const box = at.closest('.option')?.getBoundingClientRect() || at.getBoundingClientRect();
  return {
    kind: at.matches('.next') ? 'next' : at.matches('.change') ? 'change' : at.type || at.localName, name: (at.name || '').slice(2),
    value: at.value || '', checked: !!at.checked, text: label.textContent.trim(), bounds: (at.min || '') + ' ' + (at.max || ''),
    count: document.getElementsByName(at.name).length, seen: box.top >= 0 && box.bottom <= innerHeight && box.width > 0,
    outlined: getComputedStyle(label).outlineStyle !== 'none' || getComputedStyle(at).outlineStyle !== 'none',
    needed: !!at.closest('.part')?.querySelector('.needed'), namely: !!at.closest('.namely'), date: at.max || '',
  };
}"""


class Typist:
    """Goes through pages with the keyboard and remembers what it answered."""

    def __init__(self, page: Page) -> None:
        self.page, self.chance = page, Random(3)
        self.given: dict[str, object] = {}

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)

    def answer_page(self) -> None:
        """Tab from the heading to Next, answering what comes along."""
        while True:
            self.press("Tab")
            focus = self.page.evaluate(FOCUS)
            assert focus["outlined"], f"nobody sees where the focus is: {focus}"
            assert focus["seen"], f"the focus is out of sight: {focus}"
            if focus["kind"] == "next":
                return
            self.answer(focus)

    def answer(self, focus: dict[str, object]) -> None:
        name = str(focus["name"])
        if focus["kind"] == "radio" and name not in self.given:
            self.press("Space")
            self.press("ArrowDown", 0 if focus["needed"] else self.chance.randrange(int(str(focus["count"]))))
            self.given[name] = self.page.evaluate(FOCUS)["value"]
        elif focus["kind"] == "checkbox" and name not in self.given:
            self.press("Space")
            self.given[name] = [focus["value"]]
        elif focus["kind"] == "textarea" or focus["namely"]:
            self.page.keyboard.insert_text(SENTENCE)
            self.given[name] = SENTENCE
        elif focus["kind"] == "text":
            self.page.keyboard.type("7")
            self.given[name] = "7"

    def go_on(self) -> None:
        here = self.page.url
        self.press("Enter")
        self.page.wait_for_url(lambda url: url != here)


def test_a_student_reaches_the_end_by_keyboard_alone(page: Page, server: Server) -> None:
    page.goto("/q/job-2026/noorderlicht?lang=nl")
    typist = Typist(page)
    typist.press("Tab")
    expect(page.get_by_role("link", name="Ga direct naar de vragen")).to_be_focused()
    while page.evaluate(FOCUS)["kind"] != "next":
        typist.press("Tab")
    typist.go_on()
    while "/done/" not in page.url:
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        typist.answer_page()
        typist.go_on()
    stored = server.read("job-2026", page.context.cookies())
    assert stored.completed
    assert say(stored) == typist.given
