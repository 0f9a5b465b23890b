"""Recounts labels after a command that changed which persons may answer; reports labels that are no longer exported."""

from __future__ import annotations

from collections.abc import Collection

import click

from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.erasure import Stores
from survey_engine.fieldwork.invitations.analysed_labels import settle_labels
from survey_engine.settings import Settings

_NOT_COUNTED = (
    "Labels were not recounted: {} Then run `survey-engine erase --again`. Until then, labels that few persons share may still be stored "
    "with answers."
)


def report_labels(
    settings: Settings, stores: Stores, questionnaire: str, institutions: Collection[str], settled: Collection[str] = ()
) -> None:
    """Recount and report. Call it after the change is committed, so that a lost key stops only the recount.

    Args: settled: as in `settle_labels`.
    """
    try:
        keys = ContactKeys(settings.contact_keys)
        summary = settle_labels(stores, keys, questionnaire, institutions, settled).summarise()
    except LostContactKeyError as error:
        summary = _NOT_COUNTED.format(error)
    if summary:
        click.secho(summary, fg="yellow", err=True)
