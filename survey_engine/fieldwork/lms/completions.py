"""Completions that a learning environment is told, where the institution switched that on (assignment and grade service).

A launch stores the person encrypted, before anything is answered. The worker finds out who has completed, sends "done" and
forgets the person. An environment that does not reply is asked again by the next run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.lms.launches import SCORE_SCOPE, Launch
from survey_engine.fieldwork.lms.platform_keys import ALGORITHM
from survey_engine.fieldwork.lms.platform_requests import PlatformError, request_json
from survey_engine.fieldwork.lms.tool_keys import ToolKeys
from survey_engine.fieldwork.signing import make_lms_pseudonym, make_pseudonym, make_token, name_report
from survey_engine.storage.answers import find_completion, find_response
from survey_engine.storage.database import Database
from survey_engine.storage.lms import Registration, list_registrations, list_reports, put_report, remove_report

PADDED = 512
GRACE = timedelta(days=7)
"""After the closing, for an environment that does not reply."""
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"


@dataclass(frozen=True, slots=True)
class Completions:
    answers: Database
    identity: Database
    contact_keys: ContactKeys
    pseudonym_key: str
    plain: bool = False
    """As in `request_json`."""

    def remember(self, launch: Launch, questionnaire: str, seat: int) -> bool:
        """Remember a launched person, if the institution and the card want reports; return whether they do.

        The pseudonym is not stored: only its key joins the person with the response.

        Args: seat: the number of the seat on the roster; 0 for none.
        """
        if not (launch.deployment.reports and launch.line_item):
            return False
        report = {
            "registration": launch.registration.id,
            "deployment": launch.deployment.deployment,
            "questionnaire": questionnaire,
            "seat": seat,
            "line_item": launch.line_item,
            "subject": launch.subject,
        }
        name = name_report(self.pseudonym_key, self._find_pseudonym(report, launch.registration), launch.line_item)
        put_report(self.identity, name, self.contact_keys.encrypt(json.dumps(report), PADDED))
        return True

    def send(self, now: datetime, find_closing: Callable[[str], datetime | None]) -> tuple[int, int]:
        """Send what is due; return how many were sent, and how many still wait after a failure.

        Args:
            now: by the database's clock.
            find_closing: returns the time after which no response can be completed.
        """
        registrations = {one.id: one for one in list_registrations(self.identity)}
        sent, failed, tokens = 0, 0, dict[int, str | None]()
        for name, sealed in list_reports(self.identity):
            report = json.loads(self.contact_keys.decrypt(sealed))
            registration, closes = registrations.get(report["registration"]), find_closing(report["questionnaire"])
            if registration is None or (closes and closes + GRACE < now):
                remove_report(self.identity, name)
                continue
            response = find_response(self.answers, report["questionnaire"], self._find_pseudonym(report, registration))
            if response is None or not find_completion(self.answers, response):
                if closes and closes < now:
                    remove_report(self.identity, name)
            elif registration.approved and registration.token_url and self._send_one(registration, report, now, tokens):
                sent += 1
                remove_report(self.identity, name)
            else:
                failed += 1
        return sent, failed

    def _find_pseudonym(self, report: Mapping[str, Any], registration: Registration) -> str:
        code, key = report["questionnaire"], self.pseudonym_key
        if report["seat"]:
            return make_pseudonym(key, code, report["seat"])
        return make_lms_pseudonym(key, code, registration.issuer, registration.client_id, report["deployment"], report["subject"])

    def _send_one(
        self, registration: Registration, report: Mapping[str, str], now: datetime, tokens: dict[int, str | None]
    ) -> bool:
        """Args: tokens: access tokens by registration; None for one that failed in this run."""
        address, mark, query = report["line_item"].partition("?")
        score = {
            "userId": report["subject"],
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "scoreGiven": 1,
            "scoreMaximum": 1,
            "timestamp": now.astimezone(UTC).isoformat(timespec="milliseconds"),
        }
        try:
            if registration.id not in tokens:
                tokens[registration.id] = None
                tokens[registration.id] = self._ask_token(registration, int(now.timestamp()))
            token = tokens[registration.id]
            if token is None:
                return False
            headers = {"Authorization": f"Bearer {token}", "Content-Type": SCORE_TYPE}
            request_json(f"{address}/scores{mark}{query}", plain=self.plain, body=json.dumps(score).encode(), headers=headers)
        except PlatformError:
            tokens[registration.id] = None
            return False
        return True

    def _ask_token(self, registration: Registration, now: int) -> str:
        tool = ToolKeys(self.identity, self.contact_keys).sign_for(lambda one: one)
        claims: dict[str, Any] = {
            "iss": registration.client_id,
            "sub": registration.client_id,
            "aud": registration.audience or registration.token_url,
            "iat": now,
            "exp": now + 60,
            "jti": make_token(),
        }
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(claims, tool.get_tool_private_key() or "", ALGORITHM, {"kid": tool.get_kid()}),
            "scope": SCORE_SCOPE,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = request_json(registration.token_url, plain=self.plain, body=urlencode(form).encode(), headers=headers)
        token = reply.get("access_token") if isinstance(reply, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise PlatformError("The host gave no access token")
        return token
