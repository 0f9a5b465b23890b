"""The real application under granian on a SQLite store of its own, and what a test may ask of that store."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from survey_engine.answering import Response, Save
from survey_engine.assignment import assign_modules
from survey_engine.compiler import compile_questionnaire
from survey_engine.links import Signatures, Visit
from survey_engine.model import Questionnaire, Values
from survey_engine.routing import Respondent
from survey_engine.settings import read_settings
from survey_engine.storage.answers import load_response, save_page, start_response
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat, add_seats
from survey_engine.web.site import COOKIE
from tests.databases import find_port, wait_open

START_SECONDS = 60


class Server:
    """One running application; `folder` keeps its databases, keys and log."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, find_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SURVEY_")}
        environment |= {"SURVEY_DATA": str(folder), "SURVEY_BASE_URL": self.url}
        self.settings = read_settings(environment)
        command = [str(Path(sys.executable).parent / "survey-engine"), "run", "--port", str(self.port), "--workers", "1"]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_open(self.port, START_SECONDS)
        except TimeoutError as error:
            self.stop()
            raise RuntimeError(f"The application does not start: {(folder / 'log').read_text()[-3000:]}") from error
        self.signatures = Signatures(self.settings.secret_keys, self.settings.resume_days)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)

    @cached_property
    def answers(self) -> Database:
        return Database(self.settings.database_url, "answers")

    @cached_property
    def identity(self) -> Database:
        return Database(self.settings.identity_url, "identity")

    @cached_property
    def questionnaires(self) -> dict[str, Questionnaire]:
        folders = [path.parent for path in self.settings.questionnaires.glob("*/questionnaire.yaml")]
        found = [compile_questionnaire(folder, self.settings.translations) for folder in folders]
        return {questionnaire.code: questionnaire for questionnaire in found}

    def make_link(self, questionnaire: str, institution: str, background: Values, language: str | None = None) -> str:
        """A personal link."""
        (token,) = add_seats(self.identity, [Seat(questionnaire, institution, background, language)])
        return f"{self.url}/l/{token}"

    def read(self, questionnaire: str, cookies: list[Any]) -> Response:
        """The response of a browser with these cookies, as it is stored."""
        (value,) = (cookie["value"] for cookie in cookies if cookie["name"] == COOKIE + questionnaire)
        visit = self.signatures.read_visit(questionnaire, value)
        response = load_response(self.answers, visit.response) if visit else None
        assert response, "this browser has no response"
        return response

    def begin(self, code: str, institution: str, language: str, background: Values, done: Mapping[str, Values]) -> dict[str, Any]:
        """A response whose pages `done` (page → answers) have been gone on from; returns the cookie that resumes it."""
        questionnaire = self.questionnaires[code]
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
            assign=lambda counts: assign_modules(questionnaire, questionnaire.institutions[institution], known, counts, "a"),
        )
        for page, values in done.items():
            save_page(self.answers, id, Save(page, dict(values), "earlier", 1, 0, done=True, seconds_left=9999))
        return {"name": COOKIE + code, "value": self.signatures.write_visit(code, Visit(id, language)), "url": self.url}
