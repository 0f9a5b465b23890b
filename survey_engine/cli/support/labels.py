"""Recounts labels after a command that changed who may answer, and reports those that no longer go with the answers."""

from __future__ import annotations

from collections.abc import Collection

import click

from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.erasure import Stores
from survey_engine.fieldwork.invitations.analysed_labels import settle_labels
from survey_engine.settings import Settings

NOT_COUNTED = (
    "Labels were not recounted: {} Then run `survey-engine erase --again`: until then, labels that few persons share may go with their "
    "answers."
)


def report_labels(settings: Settings, stores: Stores, questionnaire: str, institutions: Collection[str]) -> None:
    """Call it when the change is committed: a lost key then stops the recount alone."""
    try:
        summary = settle_labels(stores, ContactKeys(settings.contact_keys), questionnaire, institutions).summarise()
    except LostContactKeyError as error:
        summary = NOT_COUNTED.format(error)
    if summary:
        click.secho(summary, fg="yellow", err=True)
