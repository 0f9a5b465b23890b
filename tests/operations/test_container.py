"""The container files: rules that hadolint and the compose schema do not check."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import yaml
from sqlalchemy import make_url

from survey_engine.settings import locate_stores
from tests import ROOT

FOLDER = ROOT / ".container"
STEPS = [
    shlex.split(line, comments=True)
    for line in (FOLDER / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    if line and not line.startswith("#")
]
"""The instructions of the container file, each as a list of words."""
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
CADDY = Path(sys.executable).parent / "caddy"


def list_steps(instruction: str) -> list[list[str]]:
    """List the arguments of each instruction of this name."""
    return [words for name, *words in STEPS if name == instruction]


def test_all_that_is_copied_from_the_checkout_is_there() -> None:
    sources = [words[:-1] for words in list_steps("COPY") if not words[0].startswith("--from=")]
    assert sources and [name for names in sources for name in names if not (ROOT / name).exists()] == []


def test_the_base_has_the_python_that_the_locks_are_made_for() -> None:
    images = [words[0] for words in list_steps("FROM")]
    assert images and all(re.fullmatch(r"python:3\.11-slim-\w+", image) for image in images), images


def test_the_application_runs_unprivileged_and_says_whether_it_is_ready() -> None:
    assert list_steps("USER")[-1][0].isdigit() and list_steps("USER")[-1] != ["0"]
    assert len(list_steps("HEALTHCHECK")) == 1 and list_steps("EXPOSE") == [["8000"]]


def test_the_list_of_erasures_outlives_the_containers() -> None:
    places = dict(word.split("=", 1) for words in list_steps("ENV") for word in words if "=" in word)
    mounts = {name: [volume.split(":")[1] for volume in COMPOSE["services"][name]["volumes"]] for name in ("app-1", "app-2")}
    assert all(any(places["SURVEY_ERASURES"].startswith(f"{mount}/") for mount in found) for found in mounts.values())


def test_no_secret_stands_in_the_image() -> None:
    settings = [word.partition("=")[0] for words in [*list_steps("ENV"), *list_steps("ARG")] for word in words]
    assert settings and [name for name in settings if re.search("KEY|PASSWORD|SECRET|TOKEN|URL", name)] == []


def test_passwords_may_contain_the_characters_of_addresses() -> None:
    password = "p@ss:w/o?rd#1%20$"
    given = {name: str(value) for name, value in COMPOSE["services"]["app-1"]["environment"].items()}
    for name in ("SURVEY_DATABASE_PASSWORD", "SURVEY_IDENTITY_PASSWORD"):
        given[name] = password
    for store, address in locate_stores(given).items():
        parts = make_url(address)
        assert (parts.username, parts.password, parts.host, parts.database) == (store, password, store, store)


def test_every_secret_comes_from_the_environment_and_must_be_set() -> None:
    values = {
        name: value
        for service in COMPOSE["services"].values()
        for name, value in service.get("environment", {}).items()
        if re.search("KEY|PASSWORD|SECRET|TOKEN|URL", name)
    }
    own = {name: value for name, value in values.items() if not name.endswith("_URL")}
    assert own and {name: value for name, value in own.items() if ":?" not in value} == {}
    assert [value for name, value in values.items() if name.endswith("_URL") and make_url(value).password] == []


def test_the_proxys_file_is_valid_and_sends_to_services_that_there_are() -> None:
    file = FOLDER / "Caddyfile"
    command = [CADDY, "validate", "--config", file, "--adapter", "caddyfile"]
    checked = subprocess.run(
        command, env={**os.environ, "SURVEY_HOST": "survey.example"}, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    upstreams = re.findall(r"([\w-]+):8000", file.read_text(encoding="utf-8"))
    assert set(upstreams) == {name for name in COMPOSE["services"] if name.startswith("app")}
