"""All settings, read once from the environment into one frozen object."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path

from survey_engine.model.timezones import is_timezone

_PACKAGE = Path(__file__).resolve().parent
ROOT = _PACKAGE.parent if (_PACKAGE.parent / "templates").is_dir() else _PACKAGE / "shipped"
"""Where templates, static files, translations and questionnaires lie: the checkout, or inside the installed package."""
MINIMAL_SECRET = 32


class SettingsError(Exception):
    """A setting is missing or cannot be used; the message ends with the remedy."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where questionnaires and catalogues are, for commands that need nothing else of an installation."""

    questionnaires: Path
    translations: Path
    published: Path


def read_folders(environment: Mapping[str, str] = os.environ, data: Path | None = None) -> Folders:
    """The folders that the environment names; reading them makes nothing.

    Without SURVEY_QUESTIONNAIRES: `questionnaires` in the current folder, or those that come with the engine. Without
    SURVEY_TRANSLATIONS: `translations` beside that folder.
    """
    here = Path("questionnaires")
    questionnaires = Path(environment.get("SURVEY_QUESTIONNAIRES") or (here.absolute() if here.is_dir() else ROOT / here))
    beside = spell_out(questionnaires).parent / "translations"
    published = environment.get("SURVEY_PUBLISHED") or find_data(environment, data) / "published"
    return Folders(questionnaires, Path(environment.get("SURVEY_TRANSLATIONS") or beside), Path(published))


def spell_out(path: Path) -> Path:
    """The path in full, without `..`; a link stays what it is called, so that what lies beside it is found."""
    return path.resolve() if ".." in path.parts else path.absolute()


def locate_answers(environment: Mapping[str, str] = os.environ) -> str:
    """The address of the answers' store that the environment names; reading it makes nothing."""
    return environment.get("SURVEY_DATABASE_URL") or f"sqlite:///{(find_data(environment) / 'answers.db').absolute()}"


def find_data(environment: Mapping[str, str], data: Path | None = None) -> Path:
    return data or Path(environment.get("SURVEY_DATA", "data"))


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation decides. Environment names are SURVEY_ plus the field's name in capitals."""

    database_url: str
    """The answers."""
    identity_url: str
    """Links and panel addresses: another database than the answers."""
    secret_keys: tuple[str, ...]
    """Signs cookies and forms; the first signs, the others are still accepted (rotation)."""
    pseudonym_key: str
    """Turns a seat into a pseudonym; destroyed after delivery, it is in no database."""
    contact_keys: tuple[str, ...]
    """Encrypt what leads to a person: background of seats, panel addresses that wait; the first encrypts, all decrypt."""
    data: Path = Path("data")
    """The folder of what is set nowhere else."""
    questionnaires: Path = ROOT / "questionnaires"
    translations: Path = ROOT / "translations"
    published: Path = Path("data", "published")
    """Where program 0.1 kept published versions; at start they are moved into the answers' store."""
    erasures: Path = Path("data", "erasures.csv")
    """What was erased or withdrawn, to be carried out again when an older backup is restored."""
    base_url: str = "http://127.0.0.1:8000"
    """Where respondents reach this installation; links and QR codes begin with it."""
    secure_cookies: bool = False
    resume_days: int = 14
    """How long a device may resume an open response."""
    metrics_token: str = ""
    """Who shows it may read /metrics; empty switches the metrics off."""
    security_contact: str = ""
    """Where to tell of a weakness, such as mailto:security@example.org; empty leaves out security.txt."""
    timezone: str = "Europe/Amsterdam"
    """In which days begin and end, for opening, closing and exported dates; an institution may name its own."""
    grace_minutes: int = 60
    """How long after closing somebody who is under way may still send pages."""
    abandoned_hours: int = 24
    """An open response that started longer ago no longer counts when modules are drawn."""
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses and networks of reverse proxies, whose word on where a request came from is believed."""
    replica_url: str = ""
    """A replica that follows the answers, for work that only reads."""
    smtp_url: str = ""
    """The mail server, such as smtp://user:password@mail.example.org:587; empty: no mail is sent."""
    mail_from: str = ""
    """The sender of mail, such as `NSE <nse@example.org>`."""
    otlp_endpoint: str = ""
    """An OpenTelemetry collector, such as http://127.0.0.1:4318; empty: no traces."""

    @property
    def reading_url(self) -> str:
        """Where exports and counts read the answers: the replica, or without one the answers themselves."""
        return self.replica_url or self.database_url


def read_settings(environment: Mapping[str, str] = os.environ, data: Path | None = None) -> Settings:
    """Settings from the environment; what is not set lives in the folder `data` (default: SURVEY_DATA or ./data).

    Keys that are not set are made once and kept in that folder, readable by this user alone.

    Raises:
        SettingsError: when a value cannot be used.
    """
    folder, folders = find_data(environment, data), read_folders(environment, data)
    given = {key.removeprefix("SURVEY_").lower(): value for key, value in environment.items() if key.startswith("SURVEY_")}
    base_url = given.get("base_url", "").rstrip("/") or "http://127.0.0.1:8000"
    if not base_url.startswith(("http://", "https://")):
        raise SettingsError(f"SURVEY_BASE_URL is '{base_url}'. Begin it with http:// or https://.")
    database_url = given.get("database_url") or _sqlite_url(folder, "answers.db")
    identity_url = given.get("identity_url") or _sqlite_url(folder, "identity.db")
    if database_url == identity_url:
        raise SettingsError(
            "SURVEY_IDENTITY_URL is SURVEY_DATABASE_URL. Give identity a database of its own, apart from the answers."
        )
    return Settings(
        database_url=database_url,
        replica_url=given.get("replica_url", ""),
        identity_url=identity_url,
        secret_keys=_check_keys("SURVEY_SECRET_KEYS", tuple(given.get("secret_keys", "").split(",")))
        or (_keep_key(folder, "secret.key"),),
        pseudonym_key="".join(_check_keys("SURVEY_PSEUDONYM_KEY", (given.get("pseudonym_key", ""),)))
        or _keep_key(folder, "pseudonym.key"),
        contact_keys=_check_keys("SURVEY_CONTACT_KEYS", tuple(given.get("contact_keys", "").split(",")))
        or (_keep_key(folder, "contact.key"),),
        data=folder,
        questionnaires=folders.questionnaires,
        translations=folders.translations,
        published=folders.published,
        erasures=Path(given.get("erasures", folder / "erasures.csv")),
        base_url=base_url,
        secure_cookies=base_url.startswith("https://"),
        resume_days=_whole(given, "resume_days", 14),
        metrics_token=given.get("metrics_token", ""),
        security_contact=given.get("security_contact", ""),
        timezone=_check_timezone(given.get("timezone") or "Europe/Amsterdam"),
        grace_minutes=_whole(given, "grace_minutes", 60),
        abandoned_hours=_whole(given, "abandoned_hours", 24),
        proxies=_read_networks(given.get("proxies", "127.0.0.1,::1")),
        smtp_url=given.get("smtp_url", ""),
        mail_from=given.get("mail_from", ""),
        otlp_endpoint=_check_tracing(given.get("otlp_endpoint") or environment.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")),
    )


def _check_tracing(endpoint: str) -> str:
    """The collector's address, if what it takes to reach it is installed."""
    if not endpoint:
        return ""
    if not endpoint.startswith(("http://", "https://")):
        raise SettingsError(f"SURVEY_OTLP_ENDPOINT is '{endpoint}'. Begin it with http:// or https://.")
    try:
        find_spec("opentelemetry.exporter.otlp.proto.http")
    except ModuleNotFoundError:
        raise SettingsError(
            "SURVEY_OTLP_ENDPOINT (or OTEL_EXPORTER_OTLP_ENDPOINT) is set, and OpenTelemetry is not installed. "
            "Install it with: pip install 'survey-engine[tracing]'"
        ) from None
    return endpoint


def _check_keys(name: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that are given, none of them easy to guess."""
    keys = tuple(key for key in map(str.strip, keys) if key)
    if any(len(key) < MINIMAL_SECRET for key in keys):
        raise SettingsError(f"{name} holds a key of under {MINIMAL_SECRET} characters. Make one with: openssl rand -hex 32")
    return keys


def _check_timezone(name: str) -> str:
    if not is_timezone(name):
        raise SettingsError(f"SURVEY_TIMEZONE is '{name}'. Name a time zone such as Europe/Amsterdam or America/Kralendijk.")
    return name


def _read_networks(written: str) -> tuple[str, ...]:
    networks = tuple(part for part in map(str.strip, written.split(",")) if part)
    for network in networks:
        try:
            ip_network(network)
        except ValueError:
            raise SettingsError(
                f"SURVEY_PROXIES names '{network}'. Set it to addresses or networks with commas, such as 10.0.0.5,172.16.0.0/12."
            ) from None
    return networks


def _whole(given: Mapping[str, str], name: str, default: int) -> int:
    written = given.get(name, str(default))
    if not written.isdecimal():
        raise SettingsError(f"SURVEY_{name.upper()} is '{written}'. Set it to a whole number.")
    return int(written)


def _sqlite_url(folder: Path, name: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{(folder / name).resolve()}"


def _keep_key(folder: Path, name: str) -> str:
    """A key that is made once, also when many processes start at the same moment."""
    folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        key = file.read().strip()
        if not key:
            key = secrets.token_hex(32)
            file.write(key)
        return key
