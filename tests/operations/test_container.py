"""The container files: rules that hadolint and the compose schema do not check."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from sqlalchemy import make_url

from survey_engine.settings import locate_stores
from tests import ROOT
from tests.databases import MissingServer

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
    images = {words[0] for words in list_steps("FROM")}
    assert len(images) == 1 and all(image.startswith("python:3.11-slim-") for image in images), images


def test_every_image_is_pinned_by_its_digest() -> None:
    images = [words[0] for words in list_steps("FROM")]
    images += [service["image"] for service in COMPOSE["services"].values() if "image" in service]
    assert images and [image for image in images if not re.fullmatch(r"[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}", image)] == []


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


def test_the_proxy_announces_no_protocol_whose_port_is_closed() -> None:
    """HTTP/3 needs UDP, which compose does not publish."""
    command = [CADDY, "adapt", "--config", FOLDER / "Caddyfile", "--adapter", "caddyfile"]
    adapted = subprocess.run(
        command, env={**os.environ, "SURVEY_HOST": "survey.example"}, capture_output=True, text=True, check=True
    )
    servers = json.loads(adapted.stdout)["apps"]["http"]["servers"].values()
    assert [server["protocols"] for server in servers] == [["h1", "h2"]]
    assert not any(port.endswith("/udp") for port in COMPOSE["services"]["proxy"]["ports"])


UNITS = sorted(FOLDER.glob("*.service"))
EXPOSURE = 20
"""Tenths of systemd's figure for what a unit may still do: 100 without limits."""


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_of_systemd_is_valid_and_hardened(unit: Path, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        raise MissingServer("This test needs systemd-analyze. Install it with `make tools`, or: apt-get install systemd")
    written = unit.read_text().replace("/opt/survey-engine/bin", str(Path(sys.executable).parent))
    written = written.replace("postgresql.service", "")
    copy = tmp_path / unit.name
    copy.write_text(written)
    for command in (["verify", "--man=no"], ["security", "--offline=true", f"--threshold={EXPOSURE}"]):
        done = subprocess.run(["systemd-analyze", *command, copy], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and copy.name not in done.stderr, done.stdout[-600:] + done.stderr


def test_what_serves_is_installed_without_tools_that_build() -> None:
    runtime = (ROOT / "requirements.lock").read_text()
    build = (ROOT / "requirements-build.lock").read_text()
    assert not any(f"\n{name}==" in runtime for name in ("hatchling", "editables", "trove-classifiers", "pluggy"))
    assert "hatchling==" in build and "--hash=" in build
    installed = [words for words in list_steps("COPY") if words[0] == "--from=build"]
    assert installed == [["--from=build", "/venv", "/venv"]]
    assert all("requirements-build.lock" not in " ".join(words) or "/tools/" in " ".join(words) for words in list_steps("RUN"))
