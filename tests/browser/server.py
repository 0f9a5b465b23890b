"""The real application under granian on a SQLite store of its own, and what a test may ask of that store."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

from survey_engine.engine.assignment import assign
from survey_engine.engine.decisions import Save
from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Respondent, route
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.signing import DeviceCookie, Signatures
from survey_engine.model.questionnaire import Questionnaire, Values
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.settings import read_settings
from survey_engine.storage.answers import load_response, save_page, start_response
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat
from survey_engine.web.respondent.site import COOKIE
from tests.databases import find_port, prepare_store, wait_open
from tests.faults.serve import make_server

START_SECONDS = 60
SHORT = """\
questionnaire: gallery
title: Gallery
edition: 2026
source_language: en
languages: {en: {name: English}}
scales: {agree: {1: Disagree, 2: Agree}}
order:
  - {group: main, sections: [main]}
"""
PAGES = """\
section: main
pages:
  - page: yes_no_page
    questions: [{yes_no: job, text: Do you have a job?}]
  - page: grid_page
    questions: [{grid: canteen, text: What do you think of the canteen?, scale: agree, items: {food: The food is good, price: It is cheap}}]
  - page: open_page
    questions: [{open: wish, text: What can be better?}]
  - page: consent_page
    questions: [{consent: agreed, text: Do you agree?, parts: {agree_use: {text: Use my answers, required: true}}}]
"""


def write_short_gallery(folder: Path) -> Path:
    """Write a questionnaire of four pages in the place of the gallery, for walks to the end in every kind of frame."""
    (folder / "gallery").mkdir(parents=True)
    (folder / "gallery" / "questionnaire.yaml").write_text(SHORT)
    (folder / "gallery" / "main.yaml").write_text(PAGES)
    (folder / "gallery" / "demo.yaml").write_text('institution: demo\nname: Demo College\nembed: ["https://lms.example.org"]\n')
    return folder


class Server:
    """One running application; `folder` keeps its databases, keys and log; without `questionnaires` it serves the shipped ones.

    `more` are further settings.
    """

    def __init__(self, folder: Path, questionnaires: Path | None = None, **more: str) -> None:
        self.folder, self.port = folder, find_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SURVEY_")}
        environment |= {"SURVEY_DATA": str(folder), "SURVEY_BASE_URL": self.url}
        environment |= {"SURVEY_QUESTIONNAIRES": str(questionnaires)} if questionnaires else {}
        environment |= more
        self.settings = read_settings(environment)
        self.start(environment)
        try:
            wait_open(self.port, START_SECONDS)
        except TimeoutError as error:
            self.stop()
            raise RuntimeError(f"The application does not start: {(folder / 'log').read_text()[-3000:]}") from error
        self._compiled: dict[str, Questionnaire] = {}
        self.signatures = Signatures(self.settings.secret_keys, self.settings.resume_days)
        self.contact_keys = ContactKeys(self.settings.contact_keys)

    def start(self, environment: dict[str, str]) -> None:
        """Fork the server from a process that has loaded the program, on migrated stores: both take over a second of CPU."""
        prepare_store(self.settings.database_url, "answers")
        prepare_store(self.settings.identity_url, "identity")
        self.forked = make_server([str(self.port), "--workers", "1"], environment, self.folder / "log")
        self.forked.start()

    def stop(self) -> None:
        self.forked.terminate()
        self.forked.join(20)
        assert self.forked.exitcode is not None

    @cached_property
    def answers(self) -> Database:
        return Database(self.settings.database_url, "answers")

    @cached_property
    def identity(self) -> Database:
        return Database(self.settings.identity_url, "identity")

    def questionnaire(self, code: str) -> Questionnaire:
        if code not in self._compiled:
            self._compiled[code] = compile_questionnaire(self.settings.questionnaires / code, self.settings.translations)
        return self._compiled[code]

    def address(self, code: str, page: str) -> str:
        """Where a page of a questionnaire stands."""
        return next(f"/a/{code}/{slug}" for slug, (_, it) in self.questionnaire(code).placed_pages.items() if it.code == page)

    def make_link(self, questionnaire: str, institution: str, background: Values, language: str | None = None) -> str:
        """A personal link."""
        (token,) = give_links(self.identity, self.contact_keys, [Seat(questionnaire, institution, background, language)])
        return f"{self.url}/l/{token}"

    def read(self, questionnaire: str, cookies: list[Any]) -> Response:
        """The response of a browser with these cookies, as it is stored."""
        (value,) = (cookie["value"] for cookie in cookies if cookie["name"] == COOKIE + questionnaire)
        visit = self.signatures.read_cookie(questionnaire, value)
        response = load_response(self.answers, visit.response) if visit else None
        assert response, "this browser has no response"
        return response

    def find(self, id: int) -> Response:
        """A response as it is stored."""
        response = load_response(self.answers, id)
        assert response
        return response

    def list_texts(self, part: str) -> list[str]:
        """The stored answers of all pages that contain a text."""
        with self.answers.read() as connection:
            rows = connection.exec_driver_sql("SELECT answers FROM page").all()
        return [answers for (answers,) in rows if part in answers]

    def begin(self, code: str, institution: str, language: str, at: str) -> tuple[dict[str, Any], str]:
        """A new response that has gone on from all pages before `at`, unanswered.

        Returns:
            The cookie that resumes it, and the address of the page.
        """
        questionnaire = self.questionnaire(code)
        background = questionnaire.institutions[institution].open_link
        known = Respondent(institution, language, background).known()
        id = start_response(
            self.answers,
            questionnaire=code,
            version=questionnaire.version,
            institution=institution,
            language=language,
            background=background,
            pseudonym=None,
            abandoned_hours=24,
            assign=lambda counts: assign(questionnaire, questionnaire.institutions[institution], known, counts, "a"),
        )
        cookie = {"name": COOKIE + code, "value": self.signatures.sign_cookie(code, DeviceCookie(id, language)), "url": self.url}
        return cookie, self.skip(code, id, at)

    def skip(self, code: str, id: int, at: str) -> str:
        """Go on from all pages before `at` that are not stored, with required consents alone; return the address of the page."""
        response = self.find(id)
        pages = [step.page for step in route(self.questionnaire(code), response.respondent, {}).steps]
        position = next(index for index, page in enumerate(pages) if page.code == at)
        for page in (page for page in pages[:position] if page.code not in response.pages):
            agreed = {item.code: "yes" for question in page.questions for item in question.items if item.required}
            save_page(self.answers, id, Save(page.code, agreed, "earlier", 1, 0, done=True, seconds_left=9999))
        return self.address(code, at)


class RunServer(Server):
    """One that is started by `survey-engine run`."""

    def start(self, environment: dict[str, str]) -> None:
        command = [str(Path(sys.executable).parent / "survey-engine"), "run", "--port", str(self.port), "--workers", "1"]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
