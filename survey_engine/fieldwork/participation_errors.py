"""Errors of `participation`: the request cannot be carried out, and nothing was stored."""

from __future__ import annotations

from datetime import date

from survey_engine.model.questionnaire import Institution


class ParticipationError(Exception):
    """Nothing was stored."""

    def __init__(self, institution: Institution | None = None) -> None:
        super().__init__()
        self.institution = institution


class UnknownResponseError(ParticipationError):
    """The response does not exist or is a response to another questionnaire."""


class WithdrawnError(ParticipationError):
    """The personal link of the device is no longer in use."""


class NotOfferedError(ParticipationError):
    """The institution does not offer that language."""


class ClosedError(ParticipationError):
    """The questionnaire cannot be filled in today, or has no page for this respondent."""


class EarlyError(ClosedError):
    """The questionnaire opens later."""

    def __init__(self, institution: Institution | None, opens: date) -> None:
        super().__init__(institution)
        self.opens = opens


class BusyError(ParticipationError):
    """In each attempt, another request saved the same response first."""
