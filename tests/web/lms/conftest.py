"""An application that a learning environment launches, and browsers between the two."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text
from werkzeug.test import Client, TestResponse

from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.signing import hash_address, hash_key
from survey_engine.storage.identity import Seat
from survey_engine.storage.lms import MATCH_BY_NUMBER
from tests.learning_environment import CLAIM, Environment, serve
from tests.web.conftest import House, write_short

TABLES = ("lms_registration", "lms_deployment", "lms_nonce", "lms_invitation", "lms_seat", "lms_report")
CUSTOM, SOURCED = f"{CLAIM}custom", f"{CLAIM}lis"
FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "https://lms.example.org", "Accept-Language": "en"}
FRAME = {"Sec-Fetch-Dest": "iframe"}
OWN = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Visitor:
    """A browser that an environment launches."""

    house: House
    environment: Environment
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client: Client = self.house.app.test_client()

    def login(self, **fields: str) -> dict[str, str]:
        """Begin a launch; return what the environment is asked."""
        asked = {"iss": self.environment.issuer, "client_id": self.environment.client_id, "login_hint": "hint-1", **fields}
        reply = self.client.post("/lti/login", data=asked, headers={"Sec-Fetch-Dest": "document", **FOREIGN, **self.headers})
        address = reply.headers.get("Location") or unescape(re.findall(r'id="go" href="([^"]+)"', reply.text)[0])
        return {name: found[0] for name, found in parse_qs(urlsplit(address).query).items()}

    def post(self, asked: dict[str, str], token: str) -> TestResponse:
        return self.client.post(
            "/lti/launch", data={"state": asked["state"], "id_token": token}, headers={**FOREIGN, **self.headers}
        )

    def launch(self, **claims: Any) -> TestResponse:
        """Launch a card."""
        asked = self.login()
        now = self.house.site.participation.now().timestamp()
        return self.post(asked, self.environment.sign(self.environment.claims(asked["nonce"], now, **claims)))

    def start(self, page: TestResponse) -> TestResponse:
        """Press Start on a launched start page."""
        return self.client.post(read_action(page), data=read_fields(page), headers={**OWN, **self.headers})


def read_action(page: TestResponse) -> str:
    return re.findall(r'action="(/lti/start/[^"]+)"', page.text)[0]


def read_fields(page: TestResponse) -> dict[str, str]:
    return {"card": unescape(re.findall(r'name="card" value="([^"]+)"', page.text)[0])}


@pytest.fixture(scope="package")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Environment]]:
    folder: Path = tmp_path_factory.mktemp("house")
    write_short(folder / "q", "short")
    (folder / "q" / "short" / "closed.yaml").write_text("institution: closed\nname: Closed School\nopen_link: false\n")
    house = House(folder, SURVEY_LMS_DEVELOPMENT="http://127.0.0.1:8001")
    found: list[Environment] = []
    with serve(lambda path, body: (200, json.dumps(found[0].key_set()).encode())) as address:
        found.append(Environment(f"{address}/keys"))
        yield house, found[0]
    house.close()


@pytest.fixture
def visitor(connected: tuple[House, Environment]) -> Visitor:
    """A new browser at an application with empty stores and one registered environment."""
    house, environment = connected
    with house.site.identity.write() as connection:
        for table in TABLES:
            connection.execute(text(f"DELETE FROM {table}"))
    with house.site.answers.write() as connection:
        for table in ("page", "response", "withdrawn_response"):
            connection.execute(text(f"DELETE FROM {table}"))
    environment.register(house.site.identity)
    return Visitor(house, environment)


@pytest.fixture
def listed(visitor: Visitor) -> Visitor:
    with visitor.house.site.identity.write() as connection:
        connection.execute(text("DELETE FROM seat"))
    visitor.environment.register(visitor.house.site.identity, roster_match=MATCH_BY_NUMBER)
    return visitor


def add_seat(visitor: Visitor, number: str = "S0012", *, institution: str = "demo", level: int = 1, address: str = "") -> str:
    """Add a person to the roster; return the path of the personal link."""
    key = visitor.house.settings.pseudonym_key
    addresses = (hash_address(key, address),) if address else ()
    hashed = hash_key(key, "short", institution, number)
    seat = Seat("short", institution, {"level": level}, key_hash=hashed, address_hashes=addresses)
    (token,) = give_links(visitor.house.site.identity, visitor.house.site.participation.contact_keys, [seat])
    return f"/l/{token}"
