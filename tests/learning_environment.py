"""A learning environment for tests: it signs real launches and serves its keys."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm

from survey_engine.storage.database import Database
from survey_engine.storage.lms import Deployment, Registration, put_deployment, put_registration

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
Answer = Callable[[str, bytes], tuple[int, bytes]]
"""Takes path and body of a request; returns status and content."""


def make_key() -> RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@contextmanager
def serve(answer: Answer) -> Iterator[str]:
    """Serve over HTTP on localhost; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = answer(self.path, self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@dataclass
class Environment:
    """One client of a learning environment, with a deployment at an institution."""

    keys_url: str
    issuer: str = "https://lms.example.org"
    client_id: str = "client-1"
    deployment: str = "7"
    key: RSAPrivateKey = field(default_factory=make_key)
    key_id: str = "first"

    def register(self, identity: Database, institution: str = "demo", **more: Any) -> int:
        """Register and approve the client with its deployment."""
        addresses = f"{self.issuer}/auth", self.keys_url, f"{self.issuer}/token"
        number = put_registration(identity, Registration(0, self.issuer, self.client_id, *addresses, approved=True))
        put_deployment(identity, Deployment(number, self.deployment, institution, **more))
        return number

    def key_set(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": self.key_id, "alg": "RS256", "use": "sig"}]}

    def claims(self, nonce: str, now: float, **more: Any) -> dict[str, Any]:
        """Return the claims of a student's launch; `more` replaces or adds claims."""
        return {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "student-1",
            "name": "Anna de Vries",
            "email": "anna@example.org",
            "iat": int(now),
            "exp": int(now) + 300,
            "nonce": nonce,
            f"{CLAIM}deployment_id": self.deployment,
            f"{CLAIM}message_type": "LtiResourceLinkRequest",
            f"{CLAIM}version": "1.3.0",
            f"{CLAIM}resource_link": {"id": "card-1"},
            f"{CLAIM}roles": [LEARNER],
            f"{CLAIM}target_link_uri": "https://survey.example.net/lti/launch",
            **more,
        }

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        return jwt.PyJWS().encode(json.dumps(claims).encode(), self.key, "RS256", {"kid": self.key_id, **header})
