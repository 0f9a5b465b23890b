"""Removes reports of completion that wait for the worker. This module works without the extra `lms`."""

from __future__ import annotations

import json

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.storage.database import Database
from survey_engine.storage.lms import list_reports, remove_reports


def remove_waiting(identity: Database, contact_keys: ContactKeys, **values: object) -> None:
    """Remove the reports that have these values, such as `registration=3512`."""
    found = ((name, json.loads(contact_keys.decrypt(sealed))) for name, sealed in list_reports(identity))
    names = [name for name, report in found if all(report[key] == value for key, value in values.items())]
    with identity.write() as connection:
        remove_reports(connection, names)
