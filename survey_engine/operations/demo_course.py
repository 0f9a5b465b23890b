"""A small learning environment for the demo: a course page with a card, which launches the questionnaire by LTI."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from survey_engine.fieldwork.lms.launches import CLAIM
from survey_engine.fieldwork.lms.platform_keys import ALGORITHM
from survey_engine.storage.database import Database
from survey_engine.storage.lms import Deployment, Registration, put_deployment, put_registration

CLIENT, _DEPLOYMENT, _KEY_ID = "demo", "1", "demo"
QUESTIONNAIRE, _INSTITUTION = "gallery", "demo"
PERSONS = {"anna": "Learner", "bilal": "Learner", "teacher": "Instructor"}
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:1rem/1.5 sans-serif;margin:auto;max-width:60rem;padding:1rem}}
iframe{{border:1px solid #999;width:100%;height:45rem}}</style>{body}</html>"""


def register(identity: Database, address: str) -> None:
    """Register the course at `address` as the learning environment of the demo's institution."""
    number = put_registration(
        identity, Registration(0, address, CLIENT, f"{address}/auth", f"{address}/keys", f"{address}/token", approved=True)
    )
    put_deployment(identity, Deployment(number, _DEPLOYMENT, _INSTITUTION))


@dataclass
class Course:
    """The pages of the course. Args: address: of the course · tool: address of the site with the questionnaire."""

    address: str
    tool: str
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def answer(self, path: str) -> tuple[int, str, str]:
        """Return status, content type and content for a path."""
        parts = urlsplit(path)
        asked = {name: found[0] for name, found in parse_qs(parts.query).items()}
        who = asked.get("login_hint") or asked.get("who", "anna")
        if who not in PERSONS:
            return 404, "text/plain", "unknown"
        if parts.path == "/keys":
            public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, "application/json", json.dumps({"keys": [{**public, "kid": _KEY_ID, "alg": ALGORITHM, "use": "sig"}]})
        if parts.path == "/auth" and asked.get("redirect_uri", "").startswith(f"{self.tool}/"):
            return 200, "text/html", PAGE.format(title="Launch", body=self.post_launch(who, asked))
        return (
            (200, "text/html", PAGE.format(title="Course", body=self.describe_course(who)))
            if parts.path == "/"
            else (404, "text/plain", "")
        )

    def describe_course(self, who: str) -> str:
        login = {"iss": self.address, "client_id": CLIENT, "login_hint": who, "target_link_uri": f"{self.tool}/lti/launch"}
        card = escape(f"{self.tool}/lti/login?{urlencode(login)}")
        links = " · ".join(f'<a href="/?who={name}">{name}</a>' for name in PERSONS)
        return (
            f"<h1>A course</h1><p>You are {who}. Be somebody else: {links}</p><h2>A card, launched by LTI</h2>"
            f'<p><a href="{card}" target="_blank">Open it in a new tab</a></p><iframe title="Card" src="{card}"></iframe>'
            f'<h2>A card without LTI: the open link</h2><iframe title="Open link" loading="lazy" '
            f'src="{self.tool}/q/{QUESTIONNAIRE}/{_INSTITUTION}?via=lms"></iframe>'
        )

    def post_launch(self, who: str, asked: dict[str, str]) -> str:
        now = int(time())
        claims = {
            **{"iss": self.address, "aud": CLIENT, "sub": who, "iat": now, "exp": now + 300, "nonce": asked.get("nonce", "")},
            f"{CLAIM}deployment_id": _DEPLOYMENT,
            f"{CLAIM}message_type": "LtiResourceLinkRequest",
            f"{CLAIM}version": "1.3.0",
            f"{CLAIM}resource_link": {"id": "card"},
            f"{CLAIM}roles": [ROLE + PERSONS[who]],
            f"{CLAIM}custom": {"questionnaire": QUESTIONNAIRE},
        }
        token = jwt.encode(claims, self.key, ALGORITHM, {"kid": _KEY_ID})
        return (
            f'<form method="post" action="{escape(asked["redirect_uri"])}"><input type="hidden" name="id_token" value="{token}">'
            f'<input type="hidden" name="state" value="{escape(asked.get("state", ""))}"><button>Open the card</button></form>'
            "<script>document.forms[0].submit()</script>"
        )


class _Handler(BaseHTTPRequestHandler):
    course: Course

    def do_GET(self) -> None:
        status, kind, content = self.course.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *_: object) -> None:
        """Write nothing."""


def serve_course(address: str, tool: str) -> None:
    """Serve the course until the process ends."""
    parts = urlsplit(address)
    handler = type("Handler", (_Handler,), {"course": Course(address, tool)})
    ThreadingHTTPServer((parts.hostname or "", parts.port or 80), handler).serve_forever()
