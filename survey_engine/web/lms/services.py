"""The services that pages for learning environments share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from flask import Blueprint, current_app
from flask import Response as Reply

from survey_engine.fieldwork.lms.completions import Completions
from survey_engine.fieldwork.lms.launches import Launches
from survey_engine.fieldwork.lms.platform_keys import PlatformKeys
from survey_engine.fieldwork.lms.tool_keys import ToolKeys
from survey_engine.web.respondent.site import Site

lms = Blueprint("lms", __name__, url_prefix="/lti")


@dataclass
class LmsServices:
    site: Site

    @cached_property
    def launches(self) -> Launches:
        settings = self.site.settings
        return Launches(
            self.site.identity,
            self.site.signatures,
            PlatformKeys(plain=bool(settings.lms_development)),
            lambda: self.site.participation.now().timestamp(),
            f"{settings.base_url}/lti/launch",
            bool(settings.lms_development),
        )

    @cached_property
    def completions(self) -> Completions:
        person = self.site.participation
        return Completions(person.answers, person.identity, person.contact_keys, person.pseudonym_key)

    @cached_property
    def tool_keys(self) -> ToolKeys:
        return ToolKeys(self.site.identity, self.site.participation.contact_keys)


def current_services() -> LmsServices:
    services: LmsServices = current_app.extensions["survey_engine_lms"]
    return services


def find_origin(address: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def allow_forms(reply: Reply, origin: str) -> None:
    """Allow the forms of this page to be posted to a learning environment, too."""
    policy = reply.headers["Content-Security-Policy"]
    reply.headers["Content-Security-Policy"] = policy.replace("form-action 'self'", f"form-action 'self' {origin}")
