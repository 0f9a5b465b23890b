"""Dynamic registration (1EdTech): an environment registers itself at a one-time address, and waits for approval."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from survey_engine.fieldwork.lms.launches import LONGEST_NAME, SCORE_SCOPE
from survey_engine.fieldwork.lms.platform_requests import PlatformError, check_address, request_json
from survey_engine.fieldwork.signing import hash_token, make_token
from survey_engine.storage.database import Database
from survey_engine.storage.lms import (
    Deployment,
    Registration,
    add_invitation,
    find_registrations,
    put_deployment,
    put_registration,
    use_invitation,
)

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_TOOL_NAME = "Survey"
_INVITATION_SECONDS = 7 * 86_400


def invite(identity: Database, institution: str, now: float) -> str:
    """Store an invitation to register; return its secret."""
    secret = make_token()
    add_invitation(identity, hash_token(secret), institution, now + _INVITATION_SECONDS)
    return secret


@dataclass(frozen=True, slots=True)
class DynamicRegistration:
    identity: Database
    base_url: str
    plain: bool = False
    """As in `request_json`."""

    def register(self, secret: str, address: str, token: str, now: float) -> Registration:
        """Register the environment that describes itself at `address`, not yet approved. A failure uses up the secret too.

        Raises:
            PlatformError: the secret or the description is refused.
        """
        institution = use_invitation(self.identity, hash_token(secret), now)
        if institution is None:
            raise PlatformError("The address was used before, or has expired")
        found = request_json(address, plain=self.plain)
        issuer, endpoint = self._read(found, "issuer"), self._read(found, "registration_endpoint")
        if urlsplit(issuer).netloc != urlsplit(address).netloc:  # otherwise an environment could register as another one
            raise PlatformError("The issuer and the description are on different hosts")
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        reply = request_json(endpoint, plain=self.plain, body=json.dumps(self.describe()).encode(), headers=headers)
        client = reply.get("client_id") if isinstance(reply, dict) else None
        if not _is_name(client) or len(issuer) > LONGEST_NAME:
            raise PlatformError("The host gave no client id")
        if find_registrations(self.identity, issuer, client):  # otherwise it would change the addresses of an approved client
            raise PlatformError("This client is registered already")
        registration = Registration(
            0,
            issuer,
            client,
            self._read(found, "authorization_endpoint"),
            self._read(found, "jwks_uri"),
            self._read(found, "token_endpoint"),
            found.get("authorization_server") if isinstance(found.get("authorization_server"), str) else "",
        )
        registration = registration._replace(id=put_registration(self.identity, registration))
        tool = reply.get(TOOL)
        deployment = tool.get("deployment_id") if isinstance(tool, dict) else None
        deployment = str(deployment) if isinstance(deployment, int) else deployment
        if _is_name(deployment):
            put_deployment(self.identity, Deployment(registration.id, deployment, institution))
        return registration

    def _read(self, found: Any, name: str) -> str:
        try:
            return check_address(found.get(name) if isinstance(found, dict) else None, plain=self.plain)
        except PlatformError as error:
            raise PlatformError(f"{name}: {error}") from None

    def describe(self) -> Mapping[str, Any]:
        """Return the registration to send to the environment. It asks for no names, addresses or lists of students."""
        launch = f"{self.base_url}/lti/launch"
        return {
            "application_type": "web",
            "response_types": ["id_token"],
            "grant_types": ["implicit", "client_credentials"],
            "initiate_login_uri": f"{self.base_url}/lti/login",
            "redirect_uris": [launch],
            "client_name": _TOOL_NAME,
            "jwks_uri": f"{self.base_url}/lti/keys",
            "token_endpoint_auth_method": "private_key_jwt",
            "scope": SCORE_SCOPE,
            TOOL: {
                "domain": urlsplit(self.base_url).netloc,
                "target_link_uri": launch,
                "claims": ["iss", "sub"],
                "messages": [
                    {"type": "LtiResourceLinkRequest", "target_link_uri": launch},
                    {"type": "LtiDeepLinkingRequest", "target_link_uri": launch, "label": _TOOL_NAME},
                ],
            },
        }


def _is_name(written: object) -> TypeGuard[str]:
    """Whether this is a name that commands can print in one line."""
    return isinstance(written, str) and 0 < len(written) <= LONGEST_NAME and written.isprintable()
