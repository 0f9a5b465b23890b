"""Launches that are foreign, expired, replayed or forged: none is accepted, and the page says what to do."""

from __future__ import annotations

import base64
import json
import os
import random
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from tests.learning_environment import CLAIM, DEEP_LINKING, INSTRUCTOR, Environment, make_key
from tests.web.lms.conftest import FOREIGN, Visitor

Claims = dict[str, Any]
STRANGER = make_key()
ODD: list[Any] = ["", None, 0, -1, 1e308, True, [], {}, "x" * 300, ["client-1", "client-2"], "\u0000", "7 ", "<b>"]
CLAIMED = ("iss", "aud", "nonce", "iat", "exp", f"{CLAIM}deployment_id", f"{CLAIM}version", f"{CLAIM}message_type")


def encode(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def sign_by_stranger(environment: Environment, claims: Claims, chance: random.Random) -> str:
    """With a key that the environment does not publish, under its key id."""
    return jwt.encode(claims, STRANGER, "RS256", {"kid": environment.key_id})


def sign_not(environment: Environment, claims: Claims, chance: random.Random) -> str:
    name = chance.choice(["none", "None", "NONE", "nOnE", ""])
    return f"{encode({'alg': name, 'kid': environment.key_id, 'typ': 'JWT'})}.{encode(claims)}."


def sign_with_public_key(environment: Environment, claims: Claims, chance: random.Random) -> str:
    """HS256 with the text of the public key as the secret."""
    form = chance.choice([serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1])
    secret = environment.key.public_key().public_bytes(serialization.Encoding.PEM, form)
    header = encode({"alg": chance.choice(["HS256", "HS512"]), "kid": environment.key_id})
    signed = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(f"{header}.{encode(claims)}".encode(), secret)
    return f"{header}.{encode(claims)}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}"


def trick_key_id(environment: Environment, claims: Claims, chance: random.Random) -> str:
    odd = ["../../keys", "' OR 1=1 --", "/dev/null", "", "x" * 300, f"{environment.key_id}\u0000", environment.key_id.upper()]
    return jwt.encode(claims, STRANGER if chance.random() < 0.5 else environment.key, "RS256", {"kid": chance.choice(odd)})


def bring_own_key(environment: Environment, claims: Claims, chance: random.Random) -> str:
    """A header with the key itself, or with its address."""
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(STRANGER.public_key()))
    header = {"kid": environment.key_id, "jwk": public, "jku": "https://evil.example/keys", "x5u": "https://evil.example/x"}
    return jwt.encode(claims, STRANGER, "RS256", header)


def use_other_algorithm(environment: Environment, claims: Claims, chance: random.Random) -> str:
    return jwt.encode(claims, environment.key, chance.choice(["RS384", "RS512", "PS256"]), {"kid": environment.key_id})


def change_claim(environment: Environment, claims: Claims, chance: random.Random) -> str:
    """Correctly signed, with one claim of another client, time or kind."""
    name = chance.choice(CLAIMED)
    return environment.sign({**claims, name: chance.choice([one for one in ODD if one != claims[name]])})


def leave_out_claim(environment: Environment, claims: Claims, chance: random.Random) -> str:
    left = chance.choice([*CLAIMED, f"{CLAIM}resource_link"])
    return environment.sign({name: value for name, value in claims.items() if name != left})


def use_wrong_time(environment: Environment, claims: Claims, chance: random.Random) -> str:
    past, future = chance.randint(700, 10**9), chance.randint(700, 10**9)
    return environment.sign(
        {
            **claims,
            **chance.choice([{"exp": claims["iat"] - past}, {"iat": claims["iat"] + future}, {"nbf": claims["iat"] + future}]),
        }
    )


def use_wrong_party(environment: Environment, claims: Claims, chance: random.Random) -> str:
    both = [environment.client_id, "client-9"]
    return environment.sign(
        {**claims, **chance.choice([{"azp": "client-9"}, {"aud": both}, {"aud": "client-9"}, {"iss": f"{environment.issuer}/"}])}
    )


def place_badly(environment: Environment, claims: Claims, chance: random.Random) -> str:
    """Deep linking by a student, without settings, or to an address that is none."""
    bad: list[Claims] = [
        {},
        {DEEP_LINKING: chance.choice(ODD)},
        {DEEP_LINKING: {"deep_link_return_url": chance.choice(["javascript:alert(1)", "//x", "", None, "https://a:b@x/"])}},
    ]
    return environment.sign(
        {**claims, f"{CLAIM}message_type": "LtiDeepLinkingRequest", f"{CLAIM}roles": [INSTRUCTOR], **chance.choice(bad)}
    )


def damage(environment: Environment, claims: Claims, chance: random.Random) -> str:
    token = environment.sign(claims)
    at = chance.randrange(len(token) - 2)  # the last character has bits that mean nothing
    letters = [one for one in "Aa0-_.=% é" if one != token[at]]
    return chance.choice([token[:at], token[:at] + chance.choice(letters) + token[at + 1 :], token[at:], "", token + "." + token])


FORGERIES: list[Callable[[Environment, Claims, random.Random], str]] = [
    *(sign_by_stranger, sign_not, sign_with_public_key, trick_key_id, bring_own_key, use_other_algorithm),
    *(change_claim, leave_out_claim, use_wrong_time, use_wrong_party, place_badly, damage),
]
LAUNCHES = int(os.environ.get("SURVEY_FUZZ", "1200"))


def test_no_forged_launch_is_accepted(visitor: Visitor) -> None:
    chance = random.Random(1)
    asked = visitor.login()
    now = visitor.house.site.participation.now().timestamp()
    claims = visitor.environment.claims(asked["nonce"], now)
    for number in range(LAUNCHES):
        forge = FORGERIES[number % len(FORGERIES)]
        token = forge(visitor.environment, claims, chance)
        reply = visitor.post(asked, token)
        assert reply.status_code == 403, f"{forge.__name__} ({number}): {token}"
        assert "/lti/start" not in reply.text
    assert visitor.house.rows("SELECT count(*) FROM response") == [(0,)]
    assert visitor.house.rows("SELECT count(*) FROM lms_nonce", store="identity") == [(0,)]
    assert visitor.post(asked, visitor.environment.sign(claims)).status_code == 200, "the honest one still works"


@pytest.fixture
def honest(visitor: Visitor) -> tuple[dict[str, str], str]:
    """A begun launch and its token."""
    asked = visitor.login()
    now = visitor.house.site.participation.now().timestamp()
    return asked, visitor.environment.sign(visitor.environment.claims(asked["nonce"], now))


def test_a_launch_is_accepted_once(visitor: Visitor, honest: tuple[dict[str, str], str]) -> None:
    assert visitor.post(*honest).status_code == 200
    again = visitor.post(*honest)
    assert again.status_code == 403 and "Open this card again" in again.text


def test_a_launch_of_another_browser_is_refused(visitor: Visitor, honest: tuple[dict[str, str], str]) -> None:
    stranger = Visitor(visitor.house, visitor.environment)
    assert "new tab" in stranger.post(*honest).text
    stranger.login()
    assert stranger.post(*honest).status_code == 403


def test_a_token_for_another_login_is_refused(visitor: Visitor, honest: tuple[dict[str, str], str]) -> None:
    assert visitor.post(visitor.login(), honest[1]).status_code == 403


def test_a_launch_with_an_unknown_key_is_told_to_come_again(visitor: Visitor) -> None:
    """An environment has changed its key, and the last request of its keys was less than a minute ago."""
    asked = visitor.login()
    claims = visitor.environment.claims(asked["nonce"], visitor.house.site.participation.now().timestamp())
    page = visitor.post(asked, visitor.environment.sign(claims, kid="second"))
    assert page.status_code == 403 and "Wait a minute" in page.text and "key unknown" in page.text


@pytest.mark.parametrize("state", ["", "x", "1.2.3.4", "é" * 10, "a" * 400])
def test_a_state_that_is_not_ours_is_refused(visitor: Visitor, honest: tuple[dict[str, str], str], state: str) -> None:
    assert visitor.post({"state": state}, honest[1]).status_code == 403


def test_an_unknown_deployment_is_named_to_the_administrator(visitor: Visitor) -> None:
    reply = visitor.launch(**{f"{CLAIM}deployment_id": "99"})
    assert reply.status_code == 403 and "client-1 99" in reply.text


def test_a_refusal_is_shown_in_frames_of_courses_and_has_no_form(visitor: Visitor) -> None:
    reply = visitor.launch(exp=0)
    assert "frame-ancestors http://127.0.0.1:8001" in reply.headers["Content-Security-Policy"] and "<form" not in reply.text


@pytest.mark.parametrize("path", ["/lti/start/short/demo", "/lti/card/short/demo", "/lti/verify"])
def test_another_site_cannot_post_to_a_start_page(visitor: Visitor, path: str) -> None:
    assert visitor.client.post(path, data={"card": "x"}, headers=FOREIGN).status_code == 403
