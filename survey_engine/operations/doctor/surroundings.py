"""Examinations of the settings and the environment of the program: address, keys, mail, metrics, port."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from email.utils import parseaddr
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import gettempdir

from survey_engine.fieldwork.key_checks import list_signing
from survey_engine.fieldwork.mail import Mail, Mailer, MailError, MailSettingsError, UnknownDeliveryError
from survey_engine.language.question_types.panel import is_email_address
from survey_engine.operations.doctor.finding import UNREADABLE, Finding, connect_store
from survey_engine.operations.folder_marks import FOLDER_MARKS, NEW_FOLDER, list_marks
from survey_engine.operations.server_locks import list_ports
from survey_engine.settings import KEY_FILES, SHARED_METRICS, Settings, map_unknown

_LEAST_TEMPORARY = 16_000_000
"""Bytes that should be free for temporary files and metrics: published questionnaires are unpacked there."""
_MAKE_ROOM = "Make room in {folder}, and reload the servers with SIGHUP; or set TMPDIR to another folder, and restart them."
_LEAST_TOKEN = 16
"""Fewest characters of a token that cannot be guessed."""
_CONTACTS = ("mailto:", "https://", "tel:")
"""Beginnings of a contact in security.txt (RFC 9116)."""
KEYS = {
    "SURVEY_SECRET_KEYS": "signing keys",
    "SURVEY_PSEUDONYM_KEY": "pseudonym key",
    "SURVEY_CONTACT_KEYS": "contact keys",
}


def examine_address(settings: Settings) -> Finding:
    local = "127.0.0.1" in settings.base_url or "localhost" in settings.base_url
    if settings.secure_cookies or local:
        return Finding("address", settings.base_url)
    return Finding("address", settings.base_url, "Set SURVEY_BASE_URL to the https:// address that respondents use.")


def examine_marks(settings: Settings) -> Iterator[Finding]:
    """Report a folder of data that is marked as no installation."""
    for name in list_marks(settings.data):
        yield Finding("data", f"{settings.data / name}: {FOLDER_MARKS[name]}", NEW_FOLDER)


def examine_keys(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    for name, where in KEYS.items():
        file = settings.data / KEY_FILES[name.removeprefix("SURVEY_").lower()]
        if file.is_file() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield Finding(
                where, f"other users can read {file}", f"chmod 600 {file}. If somebody may have read it, replace the key."
            )
        elif environment.get(name):
            yield Finding(where, f"from {name}")
        elif settings.secure_cookies:
            yield Finding(where, "generated, in the data folder", f"Set {name}, the same on every machine.")
        else:
            yield Finding(where, "generated, in the data folder (fine for one machine)")


def examine_rotation(settings: Settings) -> Finding:
    """Report the present step of a rotation of the signing keys, and keys that signed but are not in the settings."""
    try:
        with connect_store(settings.database_url, "answers") as answers:
            keys, signed = list_signing(settings, answers)
    except UNREADABLE:
        return Finding("rotation", "cannot be compared with the store", "Repair the stores first.")
    if unknown := signed.difference(keys):
        remedy = (
            "If a key was removed everywhere on purpose, as in step 3: survey-engine maintain --renew-keys. Otherwise append the missing "
            "key here to SURVEY_SECRET_KEYS, and restart."
        )
        return Finding("rotation", f"{len(unknown)} keys that signed are not in SURVEY_SECRET_KEYS", remedy)
    if len(keys) == 1:
        return Finding("rotation", "none: one signing key")
    if keys[0] in signed and not signed.issuperset(keys):
        return Finding("rotation", "step 1 of 3: a new key is accepted here, the older one signs")
    days = f"{settings.resume_days} days after the last restart with this order, remove the older one everywhere"
    return Finding("rotation", f"step 2 of 3: the first key signs; {days}")


def examine_names(environment: Mapping[str, str]) -> Iterator[Finding]:
    for name, similar in map_unknown(environment).items():
        yield Finding(name, "is no setting", f"Did you mean {similar}?" if similar else "Remove it, or look in .env.example.")


def examine_metrics(settings: Settings, environment: Mapping[str, str]) -> Finding:
    """Examine the folder in which several processes count together."""
    folder = environment.get(SHARED_METRICS, "")
    if not settings.metrics_token:
        return Finding("metrics", "none: SURVEY_METRICS_TOKEN is not set")
    if len(settings.metrics_token) < _LEAST_TOKEN:
        remedy = "Make a longer SURVEY_METRICS_TOKEN, here and for Prometheus: openssl rand -hex 32"
        return Finding("metrics", f"the token has fewer than {_LEAST_TOKEN} characters, and can be guessed", remedy)
    if not folder:
        return Finding("metrics", "the processes of a server share metrics, in the temporary folder")
    usable = Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK, effective_ids=True)
    if usable and (free := shutil.disk_usage(folder).free) < _LEAST_TEMPORARY:
        return Finding(
            "metrics", f"{free / 1e6:.1f} MB free in {folder}", f"Make room in {folder}, and reload the servers with SIGHUP."
        )
    remedy = "Create the folder in PROMETHEUS_MULTIPROC_DIR, writable by the server, or remove that setting."
    return Finding("metrics", f"in {folder}" if usable else f"no writable folder {folder}", "" if usable else remedy)


def examine_temporary(environment: Mapping[str, str]) -> Finding:
    """Examine the folder of temporary files, as it is in this environment."""
    named = [environment[name] for name in ("TMPDIR", "TEMP", "TMP") if environment.get(name)]
    try:
        folder = next((name for name in named if Path(name).is_dir()), None) or gettempdir()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(
            "temporary files",
            error.strerror or str(error),
            _MAKE_ROOM.format(folder="the folder of temporary files"),
        )
    remedy = _MAKE_ROOM.format(folder=folder) if free < _LEAST_TEMPORARY else ""
    return Finding("temporary files", f"{free / 1e6:.1f} MB free in {folder}", remedy)


def examine_port(data: Path, port: int) -> Finding:
    if found := list_ports(data):
        return Finding("port", f"a server of this installation runs at {', '.join(map(str, found))}")
    with socket.socket() as line:
        line.settimeout(1)
        taken = line.connect_ex(("127.0.0.1", port)) == 0
    if taken and is_own_server(port):
        remedy = f"Examine it with its own environment: SURVEY_DATA is {data.absolute()} here, and another folder there."
        return Finding("port", f"{port} belongs to a server of another folder of data", remedy)
    remedy = "Stop that program, or start this installation with another --port and point the proxy there."
    return Finding("port", f"{port} belongs to another program" if taken else f"{port} is free", remedy if taken else "")


def is_own_server(port: int) -> bool:
    """Whether the server at this port is of this program: its readiness page names the same parts."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=6)) as line, suppress(OSError, HTTPException, ValueError):
        line.request("GET", "/readyz")
        found = json.loads(line.getresponse().read(10_000))
        return isinstance(found, dict) and {"answers", "identity", "erasures"} <= {*found.get("checks", ())}
    return False


def examine_contact(settings: Settings) -> Iterator[Finding]:
    """Examine the contact for reports of vulnerabilities, which security.txt shows unchanged."""
    contact = settings.security_contact
    if contact:
        is_valid = contact.startswith(_CONTACTS) and contact not in _CONTACTS and len(contact.split()) == 1
        remedy = "" if is_valid else "Begin SURVEY_SECURITY_CONTACT with mailto: or https://, as in mailto:security@example.org."
        yield Finding("security contact", contact if is_valid else f"'{contact}' is no address that programs can read", remedy)


def examine_mail(settings: Settings) -> Finding:
    if settings.mail_from and not is_email_address(parseaddr(settings.mail_from)[1]):
        return Finding(
            "mail", f"the sender '{settings.mail_from}' is no address", "Set SURVEY_MAIL_FROM, as in NSE <nse@example.org>."
        )
    if not settings.smtp_url:
        return Finding("mail", "no server is set: no mail is sent")
    try:
        Mailer(settings.smtp_url, settings.mail_from).check()
    except MailSettingsError as error:
        return Finding("mail", "the settings cannot be used", str(error))
    except MailError as error:
        return Finding(
            "mail", str(error), "Check SURVEY_MAIL_FROM, and SURVEY_SMTP_URL: host, port, user, password, certificate."
        )
    return Finding("mail", "the server accepts the connection, the log-in and the sender")


def send_test_mail(settings: Settings, address: str) -> Finding:
    text = f"This is a test message of the survey site {settings.base_url}.\n"
    try:
        Mailer(settings.smtp_url, settings.mail_from).send(Mail(address, "Test message", text, "en"))
    except MailSettingsError as error:
        return Finding("test message", "not sent", str(error))
    except MailError as error:
        return Finding("test message", f"not sent: {error}", "Check the address, SURVEY_SMTP_URL and SURVEY_MAIL_FROM.")
    except UnknownDeliveryError:
        return Finding("test message", "the connection ended before the server's reply", "Check whether the message has arrived.")
    return Finding("test message", "accepted by the server")
