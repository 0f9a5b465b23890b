"""A state machine test of respondents: random forms and addresses, compared with a model of stored and shown answers.

Every rendered form may be posted at any time: again, with an older or newer number, from a second window, after Back, in
another language, to either of two processes with separate caches. The model is hand-written and independent of the engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule, run_state_machine_as_test

from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.operations.simulation.browsing import Browser, Reply, WsgiLine
from survey_engine.web.app import create_app
from tests import THOROUGH
from tests.web.conftest import House

HEAD = """\
questionnaire: walk
title: {en: Walk, easy: Walk}
source_language: en
languages: {en: {name: English}, easy: {name: Easy, locale: en, groups: [main]}}
order: [{group: main, sections: [main]}, {group: more, sections: [more]}]
"""
MAIN = """\
section: main
pages:
  - page: job
    questions: [{yes_no: has_job, text: {en: "Job?", easy: "Job?"}}]
  - page: hours
    when: has_job == 'yes'
    questions: [{number: hours, text: {en: "Hours?", easy: "Hours?"}, from: 1, to: 60}]
  - page: evening
    questions:
      - multiple: plans
        text: {en: "Plans?", easy: "Plans?"}
        options:
          sport: {text: {en: Sport, easy: Sport}}
          work: {text: {en: Work, easy: Work}, when: has_job == 'yes'}
          nothing: {text: {en: Nothing, easy: Nothing}, exclusive: true}
      - grid: mood
        text: {en: "Mood?", easy: "Mood?"}
        options: {1: {text: {en: Low, easy: Low}}, 2: {text: {en: High, easy: High}}}
        items:
          tired: {text: {en: Tired, easy: Tired}, when: hours >= 20}
          glad: {text: {en: Glad, easy: Glad}}
  - page: sport
    when: "'sport' in plans"
    questions: [{open: which, text: {en: "Which?", easy: "Which?"}}]
"""
MORE = """\
section: more
pages:
  - page: low
    when: glad == 1 or tired == 1
    questions: [{yes_no: help, text: "Help?"}]
  - page: end
    questions: [{mark: week, text: "Mark?"}]
"""
PAGES = ("job", "hours", "evening", "sport", "low", "end")
LANGUAGES = {"en": PAGES, "easy": PAGES[:4]}

ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "has_job": st.sampled_from(["yes", "no", "maybe"]),
        "hours": st.sampled_from(["5", "30", "500", " 7 ", ""]),
        "plans": st.lists(st.sampled_from(["sport", "work", "nothing", "forged"]), unique=True),
        "tired": st.sampled_from(["1", "2", "3"]),
        "glad": st.sampled_from(["1", "2"]),
        "which": st.sampled_from(["judo", "", " Zoë & co "]),
        "help": st.sampled_from(["yes", "no"]),
        "week": st.sampled_from(["1", "10", "11"]),
    },
)


@dataclass
class Stored:
    """A stored page in the model."""

    answers: dict[str, Any] = field(default_factory=dict)
    version: int = 0
    writer: int = -1
    number: int = 0
    done: bool = False


@dataclass(frozen=True)
class Form:
    """A rendered page, whose form may be posted at any later time."""

    page: str
    action: str
    ticket: str
    number: int
    prompted: bool
    writer: int
    based_on: int
    warned: frozenset[str] = frozenset()


@dataclass
class Model:
    """A hand-written model of the questionnaire and one response."""

    pages: dict[str, Stored] = field(default_factory=dict)
    language: str = "en"
    completed: bool = False

    def read(self, page: str, name: str, path: list[str]) -> Any:
        return self.pages[page].answers.get(name) if page in path and page in self.pages else None

    def path(self) -> list[str]:
        path = ["job"]
        if self.works(path):
            path.append("hours")
        path.append("evening")
        if "sport" in (self.read("evening", "plans", path) or []):
            path.append("sport")
        tired = self.read("evening", "tired", path) if self.is_tiring(path) else None
        if self.read("evening", "glad", path) == 1 or tired == 1:
            path.append("low")
        return [page for page in [*path, "end"] if page in LANGUAGES[self.language]]

    def works(self, path: list[str]) -> bool:
        return bool(self.read("job", "has_job", path) == "yes")

    def is_tiring(self, path: list[str]) -> bool:
        return (self.read("hours", "hours", path) or 0) >= 20

    def first_open(self) -> str:
        path = self.path()
        return next((page for page in path if page not in self.pages or not self.pages[page].done), path[-1])

    def is_reachable(self, page: str) -> bool:
        path = self.path()
        return page in path and all(other in self.pages and self.pages[other].done for other in path[: path.index(page)])

    def shown(self, page: str) -> str:
        """Return the page that a request for a page shows."""
        return "done" if self.completed else page if self.is_reachable(page) else self.first_open()

    def take(self, page: str, posted: dict[str, Any]) -> tuple[dict[str, Any], set[str], bool]:
        """Return the stored answers of a page after a form, its errors, and whether an answer is missing."""
        before = self.pages[page].answers if page in self.pages else {}
        if page == "evening":
            return self.take_evening(posted, before)
        name, allowed = {
            "job": ("has_job", {"yes": "yes", "no": "no"}),
            "hours": ("hours", {str(hours): hours for hours in range(1, 61)}),
            "sport": ("which", {}),
            "low": ("help", {"yes": "yes", "no": "no"}),
            "end": ("week", {str(mark): mark for mark in range(1, 11)}),
        }[page]
        text = posted.get(name, "").strip()
        faulty = bool(text) and page != "sport" and text not in allowed
        value = before.get(name) if faulty else allowed.get(text, text) or None
        found = {} if value is None else {name: value}
        return found, {name} if faulty else set(), not found and page != "sport"

    def take_evening(self, posted: dict[str, Any], before: dict[str, Any]) -> tuple[dict[str, Any], set[str], bool]:
        path = self.path()
        found, faults, live = {}, set(), self.take_plans(posted.get("plans", []), before.get("plans", []), path)
        if live is None:
            faults.add("plans")
            live = [plan for plan in before.get("plans", []) if plan != "work" or self.works(path)]
            plans = before.get("plans", [])
        else:
            closed = [plan for plan in before.get("plans", []) if plan == "work" and not self.works(path)]
            plans = live if "nothing" in live else [plan for plan in ("sport", "work", "nothing") if plan in {*live, *closed}]
        found.update({"plans": plans} if plans else {})
        asked = ["tired", "glad"] if self.is_tiring(path) else ["glad"]
        for name in ("tired", "glad"):
            if name in asked and posted.get(name) in ("1", "2"):
                found[name] = int(posted[name])
            elif name in before and (name not in asked or posted.get(name)):
                found[name] = before[name]
        faults |= {name for name in asked if posted.get(name, "1") not in ("1", "2")}
        return found, faults, not live or any(name not in found for name in asked)

    def take_plans(self, posted: list[str], before: list[str], path: list[str]) -> list[str] | None:
        """Return the valid plans; None if a plan was not offered, or nothing was chosen beside others."""
        if posted == ["nothing"]:
            return ["nothing"]
        if {"nothing", "forged"} & {*posted} or ("work" in posted and not self.works(path) and "work" not in before):
            return None
        return [plan for plan in ("sport", "work") if plan in posted and (plan != "work" or self.works(path))]


class Walks(RuleBasedStateMachine):
    house: ClassVar[House]
    processes: ClassVar[list[Flask]]
    forms = Bundle("forms")

    @initialize(target=forms, script=st.booleans())
    def begin(self, script: bool) -> Any:
        self.model, self.drawings, self.script, self.process = Model(), 0, script, 0
        self.link = self.house.invite("walk")
        self.device = self.make_device()
        return self.see(self.device.post_plainly(self.link, [("lang", "en")]), "job")

    def make_device(self) -> Browser:
        return Browser(WsgiLine(self.serve), "en", script=self.script)

    def serve(self, environ: Any, start_response: Any) -> Any:
        return self.processes[self.process].wsgi_app(environ, start_response)

    # actions ------------------------------------------------------------------------------------------------

    @rule(target=forms, page=st.sampled_from(PAGES))
    def ask_for(self, page: str) -> Any:
        """Open an address, or reload."""
        return self.see(self.device.get(f"/a/walk/{self.house.slug(page, 'walk')}"), self.model.shown(page))

    @rule()
    def reconnect(self) -> None:
        """Send the next requests to the other process."""
        self.process = 1 - self.process

    @rule(target=forms)
    def go_on_elsewhere(self) -> Any:
        """Open the personal link on another device."""
        self.device = self.make_device()
        return self.see(self.device.post_plainly(self.link, []), self.model.shown("") if not self.model.completed else "done")

    @rule(
        target=forms,
        form=forms,
        posted=ANSWERS,
        wish=st.sampled_from(["next", "next", "next", "back", "keep"]),
        step=st.sampled_from([0, 1, 1, 2, -1]),
        again=st.booleans(),
    )
    def send(self, form: Form, posted: dict[str, Any], wish: str, step: int, again: bool) -> Any:
        """Post a form, possibly twice, and possibly an outdated one."""
        number = max(1, form.number + step)
        for _ in range(1 + again):
            seen = self.send_once(form, posted, wish, number)
        return seen

    @rule(target=forms, form=forms, posted=ANSWERS, language=st.sampled_from(list(LANGUAGES)))
    def change_language(self, form: Form, posted: dict[str, Any], language: str) -> Any:
        number = form.number + 1
        outcome, faults = self.decide(form, posted, "keep", number)
        fields = self.fill(form, posted, number)
        reply = self.device.post_plainly(form.action, [*fields, ("language", language)])
        if self.model.completed:
            return self.see(reply, "done")
        self.model.language = language
        if outcome not in ("kept", "late", "stale"):
            return self.see(reply, self.model.shown(outcome))
        if not self.model.is_reachable(form.page):
            return self.see(reply, self.model.first_open())
        if outcome == "stale":
            return self.see(reply, form.page, 409, conflict=form)
        again = replace(form, number=number + 1, warned=frozenset(faults))
        return self.see(reply, form.page, 422 if faults else 200, again=again)

    # checks -------------------------------------------------------------------------------------------

    def send_once(self, form: Form, posted: dict[str, Any], wish: str, number: int) -> Any:
        outcome, faults = self.decide(form, posted, wish, number)
        fields = [*self.fill(form, posted, number), ("wish", wish)]
        reply = self.device.post(form.action, fields, background=wish == "keep")
        if wish == "keep":
            assert reply.status == (422 if faults else 204 if outcome in ("kept", "late") else 409), outcome
            return multiple()
        if outcome in ("faulty", "missing"):
            if outcome == "missing" and not self.device.script and not form.warned:  # a redirect
                return self.see(reply, form.page, 422, prompts=True)
            prompted = form.prompted or outcome == "missing"
            same = replace(form, number=number + 1, prompted=prompted, warned=frozenset(faults))
            return self.see(reply, form.page, 422, again=same)
        if outcome == "stale":
            return self.see(reply, form.page, 409, conflict=form)
        return self.see(reply, outcome)

    def decide(self, form: Form, posted: dict[str, Any], wish: str, number: int) -> tuple[str, set[str]]:
        """Apply a form to the model; return the next page, or kept, late, stale, faulty or missing, and the errors."""
        model = self.model
        if model.completed:
            return "done", set()
        before = model.pages.get(form.page, Stored())
        if not model.is_reachable(form.page):
            return model.first_open(), set()
        if before.writer == form.writer and number < before.number:
            return "late" if wish == "keep" else "stale", set()
        if before.version and before.writer != form.writer and before.version != form.based_on:
            return "stale", set()
        answers, faults, missing = model.take(form.page, posted)
        goes_on = wish == "next" and not faults and (not missing or form.prompted)
        now = Stored(answers, before.version, form.writer, number, before.done or goes_on)
        model.pages[form.page] = before if now == before else replace(now, version=before.version + 1)  # the same again
        goes_on = goes_on or (wish == "back" and faults <= form.warned)
        return self.follow(form.page, wish, goes_on, "faulty" if faults else "missing"), faults

    def follow(self, page: str, wish: str, goes_on: bool, failure: str) -> str:
        path = self.model.path()
        at = path.index(page)
        if wish == "keep":
            return "kept"
        if not goes_on:
            return failure
        if wish == "back":
            return path[max(0, at - 1)]
        self.model.completed = at == len(path) - 1
        return "done" if self.model.completed else path[at + 1]

    def fill(self, form: Form, posted: dict[str, Any], number: int) -> list[tuple[str, str]]:
        prompted = [("prompted", "1")] if form.prompted else []
        pairs = [
            (FIELD_PREFIX + name, one)
            for name, value in posted.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        warned = [("warned", " ".join(form.warned))] if form.warned else []
        return [("ticket", form.ticket), ("number", str(number)), *prompted, *warned, *pairs]

    def see(
        self,
        reply: Reply,
        page: str,
        status: int = 200,
        *,
        again: Form | None = None,
        conflict: Form | None = None,
        prompts: bool = False,
    ) -> Any:
        """Assert that the reply shows a page; its form may be posted from now on.

        Args:
            reply: the reply.
            page: the expected page.
            again: the form whose values it must show.
            conflict: the form that another window's save conflicts with.
            prompts: whether it points out unanswered items.
        """
        drawn = reply.drawn
        if page == "done":
            assert drawn.receipt and reply.path == "/done/walk", drawn.heading
            return multiple()
        assert (reply.status, self.house.page(reply, "walk")) == (status, page), drawn.heading
        stored = self.model.pages.get(page, Stored())
        assert set((drawn.read_hidden("warned") or "").split()) == (again.warned if again else frozenset())
        if again:
            assert drawn.read_hidden("number") == str(again.number) and (drawn.read_hidden("prompted") == "1") is again.prompted
            return replace(again, ticket=drawn.read_hidden("ticket") or "")
        if not conflict:
            assert self.read_filled(reply) == self.list_shown(page, stored.answers)
        self.drawings += 1
        number, prompted = int(drawn.read_hidden("number") or 0), conflict.prompted if conflict else stored.done or prompts
        assert (drawn.read_hidden("prompted") == "1") is prompted
        return Form(page, drawn.action or "", drawn.read_hidden("ticket") or "", number, prompted, self.drawings, stored.version)

    def read_filled(self, reply: Reply) -> list[tuple[str, str]]:
        own = ("ticket", "number", "lang", "prompted", "warned", "follows")
        return sorted(
            (name.removeprefix(FIELD_PREFIX), value) for name, value in reply.drawn.list_filled() if name not in own and value
        )

    def list_shown(self, page: str, answers: dict[str, Any]) -> list[tuple[str, str]]:
        """Return the answers that a page shows: stored answers that are still asked and offered."""
        path = self.model.path()
        hidden = {"tired"} if page == "evening" and not self.model.is_tiring(path) else set()
        pairs = [
            (name, str(one))
            for name, value in answers.items()
            if name not in hidden
            for one in (value if isinstance(value, list) else [value])
            if one != "work" or self.model.works(path)
        ]
        return sorted(pairs)

    @invariant()
    def what_is_stored_is_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        id = self.house.find_response(self.device, "walk")
        ((language, completed),) = self.house.rows("SELECT language, completed_at IS NOT NULL FROM response WHERE id = ?", id)
        rows = self.house.rows("SELECT page, answers, version, number, done FROM page WHERE response_id = ?", id)
        stored = {page: (json.loads(answers), version, number, bool(done)) for page, answers, version, number, done in rows}

        assert stored == {page: (kept.answers, kept.version, kept.number, kept.done) for page, kept in self.model.pages.items()}
        assert (language, bool(completed)) == (self.model.language, self.model.completed)


@pytest.fixture(scope="module")
def walking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("walks")
    (folder / "q" / "walk").mkdir(parents=True)
    files = {"questionnaire": HEAD, "main": MAIN, "more": MORE, "demo": "institution: demo\nname: Demo"}
    for name, content in files.items():
        (folder / "q" / "walk" / f"{name}.yaml").write_text(content)
    house = House(folder)
    yield house
    house.close()


def walk_about(house: House, walks: int, steps: int) -> None:
    class Here(Walks):
        pass

    Here.house, Here.processes = house, [house.app, create_app(house.settings)]
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=walks,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=checks,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking walks through a real application takes minutes
        ),
    )


def test_stored_answers_are_the_models_whatever_a_respondent_does(walking):
    walk_about(walking, walks=15, steps=15)


@pytest.mark.slow
def test_long_walks_end_as_in_the_model(walking):
    walk_about(walking, walks=200 if THOROUGH else 25, steps=30)
