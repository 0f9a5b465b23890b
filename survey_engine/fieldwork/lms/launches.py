"""Launches by learning environments (LTI 1.3): each posted message is checked completely, and accepted once.

The state of a login is signed, not stored: a flood of logins writes nothing. A secret binds the state to the browser; the nonce, a hash of
the state, binds it to the launch. Accepted nonces are stored.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlencode

import jwt
from jwt.exceptions import PyJWTError
from pylti1p3 import roles

from survey_engine.fieldwork.lms.platform_keys import ALGORITHM, PlatformKeys
from survey_engine.fieldwork.lms.platform_requests import PlatformError, check_address
from survey_engine.fieldwork.lms.roster_match import read_person
from survey_engine.fieldwork.signing import CLOCK_SKEW, Signatures
from survey_engine.storage.database import Database
from survey_engine.storage.lms import (
    Deployment,
    Registration,
    find_deployment,
    find_registration,
    find_registrations,
    use_nonce,
)

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
_LONGEST_TOKEN, LONGEST_NAME, DAY = 50_000, 255, 86_400
_TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
"""Role of a teacher who previews the course as a student."""
_SUB_ROLE = re.compile(r"(http://purl\.imsglobal\.org/vocab/lis/v2/membership)/(\w+)#\w+")
"""A sub-role in a course, with its main role such as Learner in group 2; the library knows main roles only."""
_TEACHERS = (roles.TeacherRole, roles.TeachingAssistantRole, roles.DesignerRole, roles.ObserverRole)


class LaunchError(Exception):
    """A launch is refused.

    Args:
        kind: key of ERROR_PAGES without `lms_`.
        reason: for the log, without personal data.
        detail: of the registration, for the administrator of the installation; without personal data.
    """

    def __init__(self, kind: str, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.kind, self.reason, self.detail = kind, reason, detail


class LoginRequest(NamedTuple):
    """Parameters that an environment sends to begin a launch."""

    iss: str
    login_hint: str
    target_link_uri: str = ""
    client_id: str = ""
    lti_deployment_id: str = ""
    lti_message_hint: str = ""
    lti_storage_target: str = ""


class BegunLaunch(NamedTuple):
    """A begun launch: redirect the browser to `address`; it keeps `secret` until the launch."""

    registration: Registration
    address: str
    state: str
    secret: str

    @property
    def nonce(self) -> str:
        return make_nonce(self.state)


class State(NamedTuple):
    """The content of a state."""

    registration: int
    secret_hash: str
    target: str
    """Name of the environment's frame that keeps the secret; empty when the environment offered none."""


class Placement(NamedTuple):
    """A request to place a card (deep linking)."""

    address: str
    """Address to which the browser posts the card."""
    framed: bool
    """Whether the environment shows cards in frames."""
    settings: Mapping[str, Any]
    """Deep linking settings, as the environment sent them."""


class Launch(NamedTuple):
    """An accepted launch. Nothing of `subject` may be stored or logged in clear."""

    registration: Registration
    deployment: Deployment
    subject: str
    """Id of the person in the environment; empty for an anonymous launch."""
    is_teacher: bool
    questionnaire: str
    """Code of the card's questionnaire; empty when the card names none."""
    placement: Placement | None
    """Set when a teacher places a card; None for a launch of a card."""
    line_item: str
    """Address of the card's grade; empty when the card has none."""
    person: str
    """Number or address to find on the roster; empty when the deployment names none. Personal data, as `subject`."""
    locale: str
    """Language that the environment shows to this person, such as nl or en-GB; empty when unknown."""

    @property
    def is_reported(self) -> bool:
        """Whether completion is reported to the environment: the institution and the card ask for it."""
        return self.deployment.reports and bool(self.line_item)


@dataclass(frozen=True, slots=True)
class Launches:
    identity: Database
    signatures: Signatures
    platform_keys: PlatformKeys
    now: Callable[[], float]
    """Seconds since 1970, by the database's clock."""
    redirect_uri: str
    plain: bool = False
    """As in `check_address`."""

    def begin(self, request: LoginRequest, secret: str) -> BegunLaunch:
        """Begin a launch. Args: secret: of an earlier login in this browser, or empty.

        Raises:
            LaunchError: the environment is unknown or not approved.
        """
        if not (request.iss and request.login_hint) or max(map(len, request)) > _LONGEST_TOKEN:
            raise LaunchError("invalid", "login incomplete")
        found = find_registrations(self.identity, request.iss[:LONGEST_NAME], request.client_id[:LONGEST_NAME])
        if len(found) != 1:
            raise LaunchError("unknown", "issuer or client unknown")
        registration = check_approved(found[0])
        self.platform_keys.prepare(registration.keys_url)
        secret = secret or secrets.token_urlsafe(16)
        state = self.signatures.sign_state(
            f"{registration.id}.{hash_secret(secret)}.{read_target(request.lti_storage_target)}.{secrets.token_urlsafe(16)}"
        )
        fields = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": registration.client_id,
            "redirect_uri": self.redirect_uri,
            "login_hint": request.login_hint,
            "state": state,
            "nonce": make_nonce(state),
        }
        if request.lti_message_hint:
            fields["lti_message_hint"] = request.lti_message_hint
        join = "&" if "?" in registration.auth_url else "?"
        return BegunLaunch(registration, f"{registration.auth_url}{join}{urlencode(fields)}", state, secret)

    def read_state(self, signed: str) -> State:
        """Read a signed state. Raises LaunchError when the signature is invalid, or the state has expired."""
        text = self.signatures.read_state(signed) if len(signed) < LONGEST_NAME else None
        if text is None:
            raise LaunchError("expired", "state unknown or expired")
        number, secret_hash, target, _ = text.split(".", 3)
        return State(int(number), secret_hash, target)

    def accept(self, signed_state: str, token: str, secret: str) -> Launch:
        """Check a launch completely, and store its nonce as used.

        Args:
            signed_state: as posted.
            token: the ID token, as posted.
            secret: from the browser.

        Raises:
            LaunchError: the launch is refused; nothing is stored.
        """
        state = self.read_state(signed_state)
        if not secret or not secrets.compare_digest(hash_secret(secret), state.secret_hash):
            raise LaunchError("browser", "browser has no secret")
        registration = find_registration(self.identity, state.registration)
        if registration is None:
            raise LaunchError("unknown", "registration was removed")
        claims = self._read_token(check_approved(registration), token, make_nonce(signed_state))
        launch = self._read_claims(registration, claims)
        if not use_nonce(self.identity, make_nonce(signed_state), int(self.now() // DAY)):
            raise LaunchError("expired", "nonce was used")
        return launch

    def _read_token(self, registration: Registration, token: str, nonce: str) -> Mapping[str, Any]:
        try:
            header = jwt.get_unverified_header(token) if len(token) < _LONGEST_TOKEN else {}
            if header.get("alg") != ALGORITHM or "crit" in header:
                raise LaunchError("invalid", "algorithm refused")
            key = self.platform_keys.find(registration.keys_url, header.get("kid"))
            if key is None:
                raise LaunchError("key", "key unknown")
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[ALGORITHM],
                audience=registration.client_id,
                issuer=registration.issuer,
                # the times are compared below, with the database's clock
                options={"require": ["exp", "iat"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except PlatformError as error:
            raise LaunchError("away", str(error)) from None
        except (PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise LaunchError("invalid", f"token refused: {type(error).__name__}") from None
        if not _is_nonce(claims.get("nonce"), nonce):
            raise LaunchError("invalid", "nonce differs")
        audience = claims["aud"]
        if claims.get("azp", registration.client_id) != registration.client_id or (
            isinstance(audience, list) and len(audience) > 1 and "azp" not in claims
        ):
            raise LaunchError("invalid", "authorized party differs")
        now, made, ends, begins = self.now(), claims["iat"], claims["exp"], claims.get("nbf", 0)
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in (made, ends, begins)):
            raise LaunchError("invalid", "times are no numbers")
        if not (now - DAY < made <= now + CLOCK_SKEW and begins <= now + CLOCK_SKEW and now - CLOCK_SKEW < ends < now + DAY):
            raise LaunchError("expired", "token has expired, or is of another time")
        return claims

    def _read_claims(self, registration: Registration, claims: Mapping[str, Any]) -> Launch:
        def read(name: str, kind: type[Any], *, prefix: str = CLAIM) -> Any:
            value = claims.get(prefix + name, kind())
            if not isinstance(value, kind) or (kind is str and not (len(value) <= LONGEST_NAME and value.isprintable())):
                raise LaunchError("invalid", f"claim {name} is malformed")
            return value

        named, subject = read("deployment_id", str), read("sub", str, prefix="")
        deployment = find_deployment(self.identity, registration.id, named) if named else None
        if deployment is None:
            raise LaunchError("unknown", "deployment unknown", f"{registration.issuer} {registration.client_id} {named}")
        if read("version", str) != "1.3.0":
            raise LaunchError("invalid", "version is not 1.3.0")
        is_teacher = _is_teacher(read("roles", list))
        message, resource = read("message_type", str), read("resource_link", dict)
        placement = self._read_placement(claims, is_teacher) if message == "LtiDeepLinkingRequest" else None
        if placement is None and (message != "LtiResourceLinkRequest" or not resource.get("id")):
            raise LaunchError("invalid", "message is neither a launch nor a placement")
        custom, grades = read("custom", dict), claims.get(GRADES)
        questionnaire, locale = custom.get("questionnaire"), read("launch_presentation", dict).get("locale")
        has_grade = isinstance(grades, dict) and isinstance(grades.get("scope"), list) and SCORE_SCOPE in grades["scope"]
        line_item = self._read_address(grades.get("lineitem")) if has_grade and isinstance(grades, dict) else ""
        try:
            person = read_person(deployment.roster_match, claims, custom, read("lis", dict))
        except ValueError:
            raise LaunchError("invalid", "number or address of the person is malformed") from None
        return Launch(
            registration,
            deployment,
            subject,
            is_teacher,
            questionnaire if isinstance(questionnaire, str) else "",
            placement,
            line_item,
            person,
            locale if isinstance(locale, str) and len(locale) <= LONGEST_NAME else "",
        )

    def _read_address(self, written: object) -> str:
        """Return a valid address of the environment; empty for anything else."""
        try:
            return check_address(written, plain=self.plain)
        except PlatformError:
            return ""

    def _read_placement(self, claims: Mapping[str, Any], is_teacher: bool) -> Placement:
        settings = claims.get(DEEP_LINKING)
        if not is_teacher:
            raise LaunchError("invalid", "only teachers place cards")
        if not isinstance(settings, dict):
            raise LaunchError("invalid", "settings of deep linking are missing")
        types, targets = settings.get("accept_types"), settings.get("accept_presentation_document_targets")
        if not isinstance(types, list) or "ltiResourceLink" not in types:
            raise LaunchError("invalid", "no cards are accepted here")
        address = self._read_address(settings.get("deep_link_return_url"))
        if not address:
            raise LaunchError("invalid", "return address is missing")
        return Placement(address, isinstance(targets, list) and "iframe" in targets, settings)


def check_approved(registration: Registration) -> Registration:
    if not registration.approved:
        raise LaunchError("unknown", "registration is not approved", f"{registration.issuer} {registration.client_id}")
    return registration


def _is_teacher(written: list[Any]) -> bool:
    """Whether these are the roles of a teacher, or of a teacher's preview. A person without a role is a student.

    Raises:
        LaunchError: a role is not a text.
    """
    if not all(isinstance(one, str) for one in written):
        raise LaunchError("invalid", "claim roles is malformed")
    body = {f"{CLAIM}roles": [_SUB_ROLE.sub(r"\1#\2", one) for one in written]}
    if _TEST_USER in written or any(_has_role(role, body) for role in _TEACHERS):
        return True
    return bool(written) and not _has_role(roles.StudentRole, body)


def _has_role(role: Any, body: Mapping[str, Any]) -> bool:
    return bool(role(body).check())


def read_target(written: str) -> str:
    """Return the name of the frame that keeps data for tools; empty if it is not a plain name."""
    return written if re.fullmatch(r"\w{1,60}", written, re.ASCII) else ""


def hash_secret(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()[:32]


def make_nonce(state: str) -> str:
    """Return the nonce of a state. It binds the ID token to one login."""
    return sha256(state.encode()).hexdigest()


def _is_nonce(claimed: object, nonce: str) -> bool:
    return isinstance(claimed, str) and claimed.isascii() and secrets.compare_digest(claimed, nonce)
