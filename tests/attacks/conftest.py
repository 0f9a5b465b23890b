"""One application for all attacks: the gallery, and a questionnaire whose author is an attacker."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask

from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.settings import ROOT, Settings
from survey_engine.storage.identity import Seat
from survey_engine.web.app import create_app
from tests.attacks.hostile import CANARY, TEMPLATE_BOMBS

METRICS_TOKEN = "metrics-token-of-the-tests"


def write_hostile_author(folder: Path) -> None:
    """A questionnaire whose every text tries to become code."""
    folder.mkdir(parents=True)
    texts = [*TEMPLATE_BOMBS, CANARY, "[click](javascript:alert(1))", "<img src=x onerror=alert(1)>", "%(x)s %n $x"]
    quoted = ["'" + text.replace("'", "''") + "'" for text in texts]
    items = "\n".join(f"          item_{number}: {text}" for number, text in enumerate(quoted))
    options = "\n".join(f"          option_{number}: {text}" for number, text in enumerate(quoted))
    (folder / "questionnaire.yaml").write_text(
        f"""\
questionnaire: hostile
title: {quoted[0]}
source_language: en
languages: {{en: {{name: English}}}}
introduction: {quoted[1]}
contact: {quoted[0]}
thanks: {quoted[1]}
terms:
  school: {quoted[2]}
scales:
  agree: {{1: Disagree, 2: {quoted[0]}}}
order:
  - {{group: only, sections: [only]}}
"""
    )
    (folder / "only.yaml").write_text(
        f"""\
section: only
title: {quoted[0]}
pages:
  - page: first
    title: {quoted[1]}
    questions:
      - grid: grid
        text: {quoted[0]}
        scale: agree
        items:
{items}
      - choice: choice
        text: {quoted[1]}
        options:
{options}
      - information: told
        text: "{{school}} {{institution}}"
"""
    )
    (folder / "evil.yaml").write_text(f"institution: evil\nname: {quoted[3]}\n")


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The real application on SQLite stores of its own."""
    folder = tmp_path_factory.mktemp("attacks")
    shutil.copytree(ROOT / "questionnaires" / "gallery", folder / "questionnaires" / "gallery")
    write_hostile_author(folder / "questionnaires" / "hostile")
    return create_app(
        Settings(
            database_url=f"sqlite:///{folder}/answers.db",
            identity_url=f"sqlite:///{folder}/identity.db",
            secret_keys=("k" * 32,),
            pseudonym_key="p" * 32,
            contact_keys=("c" * 32,),
            data=folder,
            erasures=folder / "erasures.csv",
            questionnaires=folder / "questionnaires",
            base_url="https://survey.example.org",
            secure_cookies=True,
            metrics_token=METRICS_TOKEN,
            security_contact="mailto:security@example.org",
        )
    )


@pytest.fixture
def link(app: Flask) -> str:
    """A fresh personal link to the institution that may be framed."""
    site = app.extensions["survey_engine"]
    seat = Seat("gallery", "demo", {"track": "day", "study_year": 1})
    (token,) = give_links(site.identity, site.participation.contact_keys, [seat])
    return f"/l/{token}"
