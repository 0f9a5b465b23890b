"""The state that all views share: settings, services, signatures, caches. The application factory creates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from time import monotonic

from flask import Response as Reply
from flask import current_app, g, request

from survey_engine.engine.response_state import Response
from survey_engine.fieldwork.login import LoginService
from survey_engine.fieldwork.participation import Participation
from survey_engine.fieldwork.signing import DeviceCookie, Signatures
from survey_engine.language.variants import LANGUAGE_NAMES
from survey_engine.model.questionnaire import Institution, Language, Questionnaire, Theme
from survey_engine.rendering.assets import make_policy
from survey_engine.rendering.page_cache import PageCache
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.telemetry.monitoring import Metrics
from survey_engine.web.respondent.rate_limits import RateLimiter, UsedRetryTokens

COOKIE = "survey_"
"""Prefix of the name of the cookie that lets a device resume its response; the questionnaire's code follows."""
HOST_PREFIX = "__Host-"
"""Name prefix of cookies that browsers accept only from the host itself, over HTTPS, with the path /."""
MARK_SECONDS = 1
"""Seconds for which the site caches whether a restore is running."""


@dataclass(slots=True, kw_only=True)
class Site(PageCache):
    settings: Settings
    participation: Participation
    signatures: Signatures
    login: LoginService
    metrics: Metrics | None = None
    limits: RateLimiter = field(default_factory=RateLimiter)
    used_retry_tokens: UsedRetryTokens = field(default_factory=UsedRetryTokens)
    _policies: dict[tuple[Theme, tuple[str, ...]] | None, str] = field(default_factory=dict)
    """Theme and embedding sites → Content-Security-Policy. Both may differ between questionnaires and versions."""
    _has_mark: bool = False
    _mark_read_at: float = -inf

    @property
    def is_restoring(self) -> bool:
        """Whether a restore has not repeated the erasures yet; checked every `MARK_SECONDS`."""
        if monotonic() - self._mark_read_at >= MARK_SECONDS:
            self._has_mark, self._mark_read_at = self.settings.restore_mark.is_file(), monotonic()
        return self._has_mark

    @property
    def questionnaires(self) -> Mapping[str, Questionnaire]:
        """Code → version for new respondents, all compiled: for requests that name no questionnaire."""
        return self.participation.registry.current

    @property
    def answers(self) -> Database:
        return self.participation.answers

    @property
    def identity(self) -> Database:
        return self.participation.identity

    def policy(self, institution: Institution | None) -> str:
        """Return the Content-Security-Policy of an institution's pages."""
        key = (institution.theme, institution.embed) if institution else None
        if key not in self._policies:
            self._policies[key] = make_policy(institution, self.settings.lms_development)
        return self._policies[key]

    def name_cookie(self, name: str) -> str:
        """Return the full name of a cookie, as in requests and replies."""
        return HOST_PREFIX + name if self.settings.secure_cookies else name

    def get_cookie(self, name: str) -> str:
        """Return the value of a cookie; empty if the request has none, or several (another host of the domain may have set one)."""
        values = set(request.cookies.getlist(self.name_cookie(name)))
        return values.pop() if len(values) == 1 else ""

    def set_cookie(self, reply: Reply, name: str, value: str, seconds: int, samesite: str = "Lax") -> None:
        secure = self.settings.secure_cookies
        reply.set_cookie(self.name_cookie(name), value, max_age=seconds, httponly=True, secure=secure, samesite=samesite)

    def delete_cookie(self, reply: Reply, name: str) -> None:
        """Delete a cookie, even if it is set later in this request."""
        g.deleted_cookie = name
        reply.delete_cookie(self.name_cookie(name), httponly=True, secure=self.settings.secure_cookies, samesite="Lax")

    def read_cookie(self, questionnaire: Questionnaire) -> DeviceCookie | None:
        """Return the content of the device's cookie, if it is valid."""
        signed = self.get_cookie(COOKIE + questionnaire.code)
        return self.signatures.read_cookie(questionnaire.code, signed) if signed else None

    def read_dated_cookie(self, questionnaire: Questionnaire) -> tuple[DeviceCookie, int] | None:
        """Return the content of the device's cookie and its age in seconds, if it is valid."""
        signed = self.get_cookie(COOKIE + questionnaire.code)
        return self.signatures.read_dated_cookie(questionnaire.code, signed) if signed else None

    def set_device_cookie(self, reply: Reply, response: Response) -> Reply:
        """Set the cookie that lets this device resume the response.

        A start sets the cookie. A pause and a save only renew it for the same response, so that another website cannot make this device
        resume a response of that website.
        """
        code = response.questionnaire
        if g.get("deleted_cookie") != COOKIE + code:
            cookie = DeviceCookie(response.id, response.respondent.language, response.link_mark)
            self.set_cookie(reply, COOKIE + code, self.signatures.sign_cookie(code, cookie), self.signatures.resume_seconds)
        return reply

    def can_resume(self, questionnaire: Questionnaire, response: Response) -> bool:
        """Whether the device's cookie belongs to this response."""
        cookie = self.read_cookie(questionnaire)
        return (cookie is not None and cookie.response == response.id) or g.get("renamed_cookie") == response.id

    @property
    def plain_languages(self) -> dict[str, Language]:
        """The languages of the interface, for pages without a questionnaire."""
        return {code: Language(code, name, code, code) for code, name in LANGUAGE_NAMES.items()}


def current_site() -> Site:
    site: Site = current_app.extensions["survey_engine"]
    return site
