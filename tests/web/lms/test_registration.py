"""Dynamic registration: one address registers one environment, which waits for approval."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.test import TestResponse

from survey_engine.cli import main
from survey_engine.fieldwork.lms.dynamic_registration import TOOL, invite
from survey_engine.fieldwork.lms.platform_requests import MAX_REPLY_BYTES, PlatformError, check_address, is_public, request_json
from survey_engine.storage.lms import list_deployments, list_registrations, use_invitation
from tests.learning_environment import serve
from tests.web.lms.conftest import OWN, Visitor


class Describing:
    """An environment that describes itself and accepts registrations."""

    def __init__(self, **more: Any) -> None:
        self.address, self.more, self.asked = "", more, list[dict[str, Any]]()

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        if path == "/register":
            self.asked.append(json.loads(body))
            return 201, json.dumps({"client_id": "new", TOOL: {"deployment_id": "d1"}}).encode()
        found = {
            "issuer": self.address,
            "registration_endpoint": f"{self.address}/register",
            "authorization_endpoint": f"{self.address}/auth",
            "jwks_uri": f"{self.address}/keys",
            "token_endpoint": f"{self.address}/token",
        }
        return 200, json.dumps(found | self.more).encode()


def post(visitor: Visitor, secret: str, address: str) -> TestResponse:
    posted = {"openid_configuration": address, "registration_token": "t"}
    return visitor.client.post(f"/lti/register/{secret}", data=posted, headers=OWN)


def make_secret(visitor: Visitor) -> str:
    return invite(visitor.house.site.identity, "demo", visitor.house.site.participation.now().timestamp())


def test_an_environment_registers_once_and_waits_for_approval(visitor: Visitor) -> None:
    identity, secret, described = visitor.house.site.identity, make_secret(visitor), Describing()
    with serve(described.answer) as described.address:
        page = visitor.client.get(f"/lti/register/{secret}?openid_configuration={described.address}/openid&registration_token=t")
        assert page.status_code == 200 and not described.asked, "a GET changes nothing"
        assert post(visitor, secret, f"{described.address}/openid").status_code == 200
        assert post(visitor, secret, f"{described.address}/openid").status_code == 400
    (asked,) = described.asked
    assert asked["redirect_uris"] == [f"{visitor.house.settings.base_url}/lti/launch"]
    assert asked[TOOL]["claims"] == ["iss", "sub"]
    found = next(one for one in list_registrations(identity) if one.client_id == "new")
    assert not found.approved
    assert ("d1", "demo") in [(one.deployment, one.institution) for one in list_deployments(identity)]


@pytest.mark.parametrize(
    "more",
    [
        {"issuer": "https://elsewhere.example"},
        {"registration_endpoint": "ftp://x/y"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": ["x"]},
    ],
)
def test_a_description_of_another_host_or_without_addresses_is_refused(visitor: Visitor, more: dict[str, Any]) -> None:
    before, described = list_registrations(visitor.house.site.identity), Describing(**more)
    with serve(described.answer) as described.address:
        reply = post(visitor, make_secret(visitor), f"{described.address}/openid")
    assert reply.status_code == 400 and list_registrations(visitor.house.site.identity) == before


def test_a_registered_client_keeps_its_addresses(visitor: Visitor) -> None:
    identity, described = visitor.house.site.identity, Describing()
    with serve(described.answer) as described.address:
        post(visitor, make_secret(visitor), f"{described.address}/openid")
        before = list_registrations(identity)
        assert post(visitor, make_secret(visitor), f"{described.address}/other").status_code == 400
    assert list_registrations(identity) == before


def test_an_invitation_expires(visitor: Visitor) -> None:
    identity, now = visitor.house.site.identity, visitor.house.site.participation.now().timestamp()
    secret = invite(identity, "demo", now - 8 * 86_400)
    assert secret and use_invitation(identity, secret, now) is None
    assert post(visitor, secret, "https://lms.example.org/openid").status_code == 400


PRIVATE = [
    *("127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "224.0.0.1", "[::1]", "localhost", "[::ffff:10.0.0.1]"),
    *("[64:ff9b::10.0.0.1]", "[64:ff9b:1::10.0.0.1]", "[2002:a00:1::1]", "[fec0::1]", "[::10.0.0.1]", "[ff0e::1]"),
]


@pytest.mark.parametrize("host", PRIVATE)
def test_private_hosts_are_not_asked(host: str) -> None:
    with pytest.raises(PlatformError, match="private"):
        request_json(f"https://{host}/openid")


@pytest.mark.parametrize("address", ["198.41.0.4", "2001:500:2::c", "64:ff9b::198.41.0.4", "::ffff:198.41.0.4"])
def test_public_addresses_are_asked(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address", ["http://x.example", "https://", "https://a:b@x.example", "https://x\n.example", 7, "//x", "https://x:0/"]
)
def test_an_address_is_complete_and_over_https(address: Any) -> None:
    with pytest.raises(PlatformError):
        check_address(address)


def test_a_reply_is_limited_in_time_and_size() -> None:
    with serve(lambda path, body: (200, b"1" * (MAX_REPLY_BYTES + 1))) as address, pytest.raises(PlatformError, match="large"):
        request_json(address, plain=True)
    with serve(lambda path, body: (302, b"")) as address, pytest.raises(PlatformError, match="302"):
        request_json(address, plain=True)


def test_commands_register_approve_and_rotate(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    house = visitor.house
    monkeypatch.setenv("SURVEY_DATA", str(house.folder / "data"))
    monkeypatch.setenv("SURVEY_QUESTIONNAIRES", str(house.folder / "q"))

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(main, ["lti", *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    run("register", "moodle", "https://m.example.org", "--client-id", "abc", "--deployment", "5", "--institution", "demo")
    assert "https://m.example.org  abc  approved" in run("list") and "deployment 5: demo" in run("list")
    assert re.search(r"/lti/register/[\w-]{22}\n", run("invitation", "demo"))
    assert "/lti/login" in run("instructions", "canvas")
    before, after = run("keys").split(), run("keys", "--rotate").split()
    assert before[before.index("next") - 1] == after[after.index("signs") - 1]
    number = run("list").split("  https://m.example.org")[0].split()[-1]
    run("remove", number)
    assert "m.example.org" not in run("list")
