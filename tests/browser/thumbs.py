"""A robot with impatient thumbs: it taps twice on a slow line, and a ledger says which answers it aimed at.

A tap is aimed at if it is more than 24 px away from the tap before it, or 700 ms later than that began (or, if the finger stayed down,
100 ms before it lifted) and than its page came, on the page that was seen when it began, and the option does not move under the finger.
"""

from __future__ import annotations

import time
from random import Random
from typing import Any

from playwright.sync_api import Page, TimeoutError

from tests.browser.finger import Finger

SECOND = (60, 120, 200, 300, 450, 600, 800)
"""Milliseconds from a tap to the next one on the same spot."""
LATENCY = (0, 200, 400, 800)
"""Milliseconds that every reply takes longer."""
LEDGER = """(() => {
  const ledger = window.ledger = {taps: [], changes: []};
  const shown = () => document.querySelector('main');
  let seen, came = 0, tap;
  const look = () => requestAnimationFrame(() => setTimeout(() => {
    if (seen !== shown()) came = performance.now();
    seen = shown();
    look();
  }));
  look();
  addEventListener('pointerdown', event => {
    const {timeStamp: at, clientX: x, clientY: y} = event, input = event.target.closest('.option')?.querySelector('input');
    const far = !tap || at - Math.max(tap.until, came) > 700 || Math.hypot(x - tap.x, y - tap.y) > 24;
    tap = {at, until: at, x, y, aimed: far && seen === shown(), name: input?.name, value: input?.value, before: input?.checked};
    tap.input = input;
    tap.page = shown();
    tap.top = input?.getBoundingClientRect().top;
    ledger.taps.push(tap);
  }, true);
  addEventListener('input', ({target}) => {
    const aimed = tap?.aimed && tap.input === target;
    if (target.matches('[type=radio], [type=checkbox]'))
      ledger.changes.push({name: target.name, value: target.value, checked: target.checked, aimed: !!aimed,
        several: target.type === 'checkbox' && (target.dataset.alone ? 'alone' : 'several')});
    if (tap) tap.changed = true;
  }, true);
  addEventListener('click', event => {
    if (event.target.matches('.undo'))
      ledger.changes.push({name: `q.${event.target.value}`, value: '', checked: false, aimed: tap.aimed, several: false});
    if (event.target.value !== 'stop') return;
    event.preventDefault(); // the robot goes on, but a press that was not aimed at Stop counts
    if (!tap.aimed) ledger.changes.push({name: 'wish', value: 'stop', checked: true, aimed: false, several: false});
  });
  ledger.take = () => {
    const missed = ledger.taps.filter(tap => tap.aimed && tap.name && !tap.changed && !(tap.input.type === 'radio' && tap.before)
      && tap.lifted === tap.page && tap.still);
    const taken = {taps: ledger.taps.length, changes: ledger.changes, missed: missed.map(tap => [tap.name, tap.value])};
    ledger.taps = [];
    ledger.changes = [];
    return taken;
  };
  addEventListener('pointerup', ({timeStamp}) => {
    if (!tap) return;
    tap.until = Math.max(tap.at, timeStamp - 100);
    Object.assign(tap, {lifted: shown(), still: tap.input?.getBoundingClientRect().top === tap.top});
  }, true);
})()"""
"""Watches taps and changed inputs in the page, independently of the page's own script."""
OPTIONS = """() => [...document.querySelectorAll('#answers .option')].filter(option => option.checkVisibility()
  && !option.querySelector('input').checked)
  .map(option => [option.querySelector('input').name, option.querySelector('input').value])"""
"""Name and value of the options that could be chosen now."""
PLACE = """option => {
  option.scrollIntoView({block: 'nearest', behavior: 'instant'});
  const {x, y, width, height} = option.getBoundingClientRect();
  return [x, y, width, height];
}"""


PAUSE = 0.75
"""Seconds after which a tap on the spot of another is no double tap, with some for the machine."""


class Thumbs:
    """One respondent on a phone with touch; `pages` counts the pages that it left by Next."""

    def __init__(self, page: Page, helper: Page, seed: int) -> None:
        self.page, self.finger, self.chance = page, Finger(page, helper), Random(seed)
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        page.add_init_script(LEDGER)
        self.pages = 0
        self.ignored: list[str] = []
        """Aimed taps that changed nothing, and pages on which an aimed press of Next brought no page."""
        self.taps = 0
        self.changes: list[dict[str, Any]] = []
        """Each choice that changed: name, value, checked, aimed, and whether there may be several or one alone."""
        self.at = (0.0, 0.0)
        self.began = 0.0
        self.spots: list[tuple[float, tuple[float, float]]] = []
        """When and where the last taps began: the last one, and those of the last moment before it."""

    def start(self, address: str) -> None:
        self.page.goto(address)
        self.slow(self.chance.choice(LATENCY))
        self.tap_twice("main form .next")
        self.page.wait_for_url("**/a/**")

    def slow(self, latency: int) -> None:
        self.session.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1},
        )

    def touch(self, x: float, y: float) -> None:
        self.at, self.began = (x, y), time.monotonic()
        self.spots = [*(spot for spot in self.spots if self.began - spot[0] < PAUSE), (self.began, self.at)]
        self.finger.touch(x, y)

    def wait_until(self, moment: float) -> None:
        self.page.wait_for_timeout(max(0.0, moment - time.monotonic()) * 1000)

    def aim(self, selector: str) -> None:
        """Tap a thing, at a point of it that is over 24 px away from the last taps; if it has none, after 700 ms."""
        x, y, width, height = self.page.locator(selector).first.evaluate(PLACE)
        points = [(x + width * part, y + height / 2) for part in (0.5, 0.15, 0.85)]
        far = [(px, py) for px, py in points if all(abs(px - at[0]) + abs(py - at[1]) > 60 for _, at in self.spots)]
        if not far:
            self.wait_until(self.began + PAUSE)
        self.page.evaluate("dispatchEvent(new Event('wheel'))")  # looks first, where the thing is now
        self.touch(*(far or points)[0])

    def tap_twice(self, selector: str) -> None:
        """Tap, and tap again on the same spot, as impatient thumbs do."""
        self.aim(selector)
        for _ in range(self.chance.choice((1, 1, 2))):
            self.wait_until(self.began + self.chance.choice(SECOND) / 1000)
            self.touch(self.at[0] + self.chance.uniform(-5, 5), self.at[1] + self.chance.uniform(-5, 5))

    def answer(self) -> None:
        """Choose some options, often with a double tap."""
        needed = self.page.locator("#answers .part:has(.needed) .option:has([value=yes])")
        for number in range(needed.count()):
            self.aim(f"#answers .part:has(.needed) >> nth={number} >> .option:has([value=yes])")
        for _ in range(self.chance.choice((0, 1, 2, 3))):
            if not (options := self.page.evaluate(OPTIONS)):
                return
            name, value = self.chance.choice(options)
            option = f".option:has([name='{name}'][value='{value}'])"
            if self.chance.random() < 0.7:
                self.tap_twice(option)
            else:
                self.aim(option)

    def go_on(self) -> None:
        """Tap Next; then, once the next page is seen, aim at it at once."""
        self.collect()
        self.page.evaluate("document.querySelector('main').classList.add('left-now')")
        self.slow(self.chance.choice(LATENCY))
        self.tap_twice(".go .next")
        try:
            self.page.locator("main:not(.left-now)").wait_for(timeout=5000)
        except TimeoutError:
            self.ignored.append(f"Next on {self.page.url}")
            return
        self.pages += 1
        if self.page.locator("#answers").count() and self.chance.random() < 0.5:
            self.page.wait_for_timeout(50)  # which page was seen is unclear within its first frames
            self.aim(".option") if self.page.locator(".option").first.is_visible() else None

    def collect(self) -> None:
        """Take over what the page's ledger holds, which a new document begins anew."""
        found = self.page.evaluate("ledger.take()")
        self.taps += found["taps"]
        self.changes += found["changes"]
        self.ignored += [f"{name}={value}" for name, value in found["missed"]]

    def compare(self, stored: dict[str, Any]) -> tuple[list[str], list[str]]:
        """Stored answers that nobody aimed at, and aimed taps that were not taken; each as `name=value`."""
        aimed = [change for change in self.changes if change["aimed"]]
        last = {(change["name"], change["value"]): change["checked"] for change in aimed}
        kept = {(f"q.{name}", one) for name, value in stored.items() for one in (value if isinstance(value, list) else [value])}
        stray = {(change["name"], change["value"]) for change in self.changes if not change["aimed"]}
        stray |= {key for key in kept if not last.get(key)}
        radios = {change["name"]: change for change in aimed if not change["several"]}
        chosen = {name: change["value"] for name, change in radios.items() if change["checked"]}
        cleared = {change["name"] for change in aimed if change["several"] == "alone"}
        expected = {key for key, checked in last.items() if checked and key[0] not in {*radios, *cleared}} | {*chosen.items()}
        lost = [f"{name}={value}" for name, value in expected - kept]
        return sorted(f"{name}={value}" for name, value in stray), sorted({*lost, *self.ignored})
