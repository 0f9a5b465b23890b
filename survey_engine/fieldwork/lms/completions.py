"""Reports of completion to learning environments, for institutions that switched them on (assignment and grade service).

A launch stores the person encrypted. After completion the worker sends "done" and deletes the stored person. If the environment does not
reply, the next run of the worker sends the report again; if it refuses the report, a run of the next day does.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import shuffle
from typing import Any, NamedTuple
from urllib.parse import urlencode

import jwt
import structlog

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import decrypt_seat
from survey_engine.fieldwork.lms.launches import SCORE_SCOPE, Launch
from survey_engine.fieldwork.lms.platform_keys import ALGORITHM
from survey_engine.fieldwork.lms.platform_requests import PlatformError, request_json
from survey_engine.fieldwork.lms.tool_keys import ToolKeys
from survey_engine.fieldwork.mailed_links import use_current_link
from survey_engine.fieldwork.signing import (
    hash_launched_person,
    make_launch_mark,
    make_link_mark,
    make_lms_pseudonym,
    make_pseudonym,
    make_token,
    name_launched_seat,
    name_report,
)
from survey_engine.storage.answers import find_completion, find_response
from survey_engine.storage.database import Database
from survey_engine.storage.identity import find_seat_by_number
from survey_engine.storage.lms import (
    Registration,
    change_report,
    find_seat_holder,
    list_registrations,
    list_reports,
    put_report,
    remove_report,
)
from survey_engine.storage.private_keys import find_key_mark

_PADDED = 512
_GRACE = timedelta(days=7)
"""Time after the last possible completion during which reports are still sent."""
_MOST_REFUSALS, _GONE = 3, (404, 410)
"""Number of refusals after which a report is removed; HTTP statuses after which it is removed at once."""
_SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"


class Outcome(NamedTuple):
    """Numbers of reports by result."""

    sent: int = 0
    waiting: int = 0
    """Reports to an environment that does not reply, or that wait for the day after a refusal."""
    refused: int = 0
    """Refused reports that are sent again the next day."""
    dropped: int = 0
    """Refused reports that were removed."""


@dataclass(frozen=True, slots=True)
class Completions:
    answers: Database
    identity: Database
    contact_keys: ContactKeys
    pseudonym_key: str
    plain: bool = False
    """As in `request_json`."""

    def remember(self, launch: Launch, questionnaire: str, seat: int) -> None:
        """Store a launched person, if the institution and the card ask for reports.

        The pseudonym is not stored: only with the pseudonym key can the person be joined with the response.

        Args: seat: the number of the seat on the roster; 0 without a seat.
        """
        if not launch.is_reported:
            return
        report = {
            "registration": launch.registration.id,
            "deployment": launch.deployment.deployment,
            "questionnaire": questionnaire,
            "seat": seat,
            "line_item": launch.line_item,
            "subject": launch.subject,
        }
        name = name_report(self.pseudonym_key, self._find_pseudonym(report, launch.registration), launch.line_item)
        put_report(self.identity, name, self.contact_keys.encrypt(json.dumps(report), _PADDED))

    def send(self, now: datetime, find_closing: Callable[[str], datetime | None]) -> Outcome:
        """Send the reports that are due, and remove expired ones.

        Args:
            now: by the database's clock.
            find_closing: returns the time after which no response can be completed.
        """
        registrations = {one.id: one for one in list_registrations(self.identity)}
        counts, tokens, reports = Counter[str](), dict[int, str | None](), list_reports(self.identity)
        shuffle(reports)  # otherwise a report that makes its host fail would block the same other reports in each run
        for name, sealed in reports:
            report = json.loads(self.contact_keys.decrypt(sealed))
            registration, closes = registrations.get(report["registration"]), find_closing(report["questionnaire"])
            if registration is None or (closes and closes + _GRACE < now):
                remove_report(self.identity, name, sealed)
                continue
            has_completed = self._has_completed(report, registration)
            if has_completed:
                result = self._deliver(report, registration, now, tokens)
                counts[result] += 1
                if result == "refused":
                    refused = report | {"refusals": report.get("refusals", 0) + 1, "rests": now.toordinal()}
                    change_report(self.identity, name, sealed, self.contact_keys.encrypt(json.dumps(refused), _PADDED))
                elif result != "waiting":
                    remove_report(self.identity, name, sealed)
            elif has_completed is None or (closes and closes < now):
                remove_report(self.identity, name, sealed)
        return Outcome(**counts)

    def _has_completed(self, report: Mapping[str, Any], registration: Registration) -> bool | None:
        """Whether the launched person has completed; None when another account, login or link has taken over the response."""
        pseudonym = self._find_pseudonym(report, registration)
        response = find_response(self.answers, report["questionnaire"], pseudonym)
        if response is None or not find_completion(self.answers, response):
            return False
        if not report["seat"]:
            return True
        seat = find_seat_by_number(self.identity, report["seat"])
        if seat is None or seat.withdrawn:
            return False if seat else None
        holder = hash_launched_person(
            self.pseudonym_key, pseudonym, registration.issuer, registration.client_id, report["subject"]
        )
        if find_seat_holder(self.identity, name_launched_seat(self.pseudonym_key, pseudonym)) != holder:
            return None
        link_hash = use_current_link(self.answers, self.pseudonym_key, decrypt_seat(self.contact_keys, seat)).link_hash
        mark = make_launch_mark(make_link_mark(self.pseudonym_key, link_hash), holder)
        return find_key_mark(self.answers, response) == str(mark) or None

    def _deliver(
        self, report: Mapping[str, Any], registration: Registration, now: datetime, tokens: dict[int, str | None]
    ) -> str:
        """Send one report; return the field of `Outcome` that counts it.

        Args: tokens: id of the registration → access token; None after a failure in this run.
        """
        if report.get("rests") == now.toordinal() or not (registration.approved and registration.token_url):
            return "waiting"
        if registration.id not in tokens:
            tokens[registration.id] = self._find_token(registration, int(now.timestamp()))
        token = tokens[registration.id]
        if token is None:
            return "waiting"
        try:
            self._send_one(report, token, now)
        except PlatformError as error:
            if not error.is_refusal:
                tokens[registration.id] = None
                return "waiting"
            structlog.get_logger().warning("lms_report_refused", registration=registration.id, status=error.status)
            is_last = error.status in _GONE or report.get("refusals", 0) + 1 >= _MOST_REFUSALS
            return "dropped" if is_last else "refused"
        return "sent"

    def _find_pseudonym(self, report: Mapping[str, Any], registration: Registration) -> str:
        code, key = report["questionnaire"], self.pseudonym_key
        if report["seat"]:
            return make_pseudonym(key, code, report["seat"])
        return make_lms_pseudonym(key, code, registration.issuer, registration.client_id, report["deployment"], report["subject"])

    def _send_one(self, report: Mapping[str, str], token: str, now: datetime) -> None:
        """Raises PlatformError."""
        address, mark, query = report["line_item"].partition("?")
        score = {
            "userId": report["subject"],
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "scoreGiven": 1,
            "scoreMaximum": 1,
            "timestamp": now.astimezone(UTC).isoformat(timespec="milliseconds"),
        }
        headers = {"Authorization": f"Bearer {token}", "Content-Type": _SCORE_TYPE}
        request_json(f"{address}/scores{mark}{query}", plain=self.plain, body=json.dumps(score).encode(), headers=headers)

    def _find_token(self, registration: Registration, now: int) -> str | None:
        try:
            return self._ask_token(registration, now)
        except PlatformError as error:
            structlog.get_logger().warning("lms_token_unavailable", registration=registration.id, reason=str(error))
            return None

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
