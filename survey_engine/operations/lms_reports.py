"""Periodic work for learning environments, with the extra `lms`."""

from __future__ import annotations

from survey_engine.fieldwork.lms.completions import Completions
from survey_engine.operations.maintenance import Installation
from survey_engine.storage.database import read_now
from survey_engine.storage.lms import forget_used


def report_completions(installation: Installation) -> str:
    """Report completions to learning environments, for institutions that switched this on."""
    completions = Completions(
        installation.answers, installation.identity, installation.keys, installation.pseudonym_key, installation.plain
    )
    found = completions.send(read_now(installation.answers), installation.find_closing)
    return (
        f"{found.sent} completions were reported; {found.waiting} wait for a learning environment; "
        f"{found.refused} were refused and are sent again the next day; {found.dropped} were refused and removed."
    )


def forget_launches(installation: Installation) -> str:
    """Remove nonces of earlier launches, and expired invitations."""
    forget_used(installation.identity, read_now(installation.identity).timestamp())
    return "Nonces of earlier launches were removed."
