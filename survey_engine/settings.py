"""All settings, read once from the environment into a frozen object."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from functools import partial
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from survey_engine.model.timezones import is_timezone

_PACKAGE = Path(__file__).resolve().parent
ROOT = _PACKAGE.parent if (_PACKAGE.parent / "templates").is_dir() else _PACKAGE / "shipped"
"""Folder of templates, static files, translations and questionnaires: the checkout, or the installed package."""
_MINIMAL_SECRET = 32
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable with the folder in which the processes of a server share metrics."""
KEY_FILES = {"secret_keys": "secret.key", "pseudonym_key": "pseudonym.key", "contact_keys": "contact.key"}
"""Setting → file in the data folder with its key, used when the setting has no value."""

KEPT_KINDS = ("contacts", "links", "answers")
"""Kinds of data that a job may delete after a questionnaire has closed."""


OTHER_NAMES = ("SURVEY_DATABASE_PASSWORD", "SURVEY_IDENTITY_PASSWORD", "SURVEY_HOST")
"""Environment variables that are part of a database address, or that only the container files use."""


class SettingsError(Exception):
    """A setting is missing or invalid. The message ends with the remedy."""


class MissingKeyError(SettingsError):
    """A key has neither a setting nor a file."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Folders of questionnaires and catalogues, for commands that need no other settings."""

    questionnaires: Path
    translations: Path
    published: Path


def read_folders(environment: Mapping[str, str] = os.environ, data: Path | None = None) -> Folders:
    """Read the folders from the environment; nothing is created.

    Default of SURVEY_QUESTIONNAIRES: `questionnaires` in the current folder, or the shipped ones. Default of SURVEY_TRANSLATIONS:
    `translations` next to the folder of questionnaires.

    Raises:
        SettingsError: SURVEY_QUESTIONNAIRES is the folder of one questionnaire.
    """
    given, here = map_given(environment), Path("questionnaires")
    questionnaires = Path(given.get("questionnaires") or (here.absolute() if here.is_dir() else ROOT / here))
    if (questionnaires / "questionnaire.yaml").is_file():
        raise SettingsError(
            f"SURVEY_QUESTIONNAIRES is '{questionnaires}', the folder of one questionnaire. Set it to the folder of all questionnaires: "
            f"{make_absolute(questionnaires).parent}."
        )
    beside = make_absolute(questionnaires).parent / "translations"
    published = given.get("published") or find_data(environment, data) / "published"
    return Folders(questionnaires, Path(given.get("translations") or beside), Path(published))


def map_given(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return field of `Settings` → value in the environment. An empty value counts as not set."""
    return {
        key.removeprefix("SURVEY_").lower(): environment[key]
        for key in environment
        if key.startswith("SURVEY_") and environment[key].strip()
    }


def make_absolute(path: Path) -> Path:
    """Return an absolute path without `..`. Symbolic links are kept, so that neighbours of the link are found."""
    return path.resolve() if ".." in path.parts else path.absolute()


def locate_stores(environment: Mapping[str, str] = os.environ, data: Path | None = None) -> dict[str, str]:
    """Return store → its address, with password, from the environment; nothing is created."""
    given, folder = map_given(environment), find_data(environment, data)
    settings = {"answers": "database_url", "identity": "identity_url"}
    return {
        store: _add_password(given[name], given.get(name.replace("url", "password"), ""))
        if name in given
        else make_sqlite_url((folder / f"{store}.db").resolve())
        for store, name in settings.items()
    }


def make_sqlite_url(path: Path) -> str:
    """Return the address of an SQLite database. A `?` would end the path, and `%` would be decoded."""
    return f"sqlite:///{str(path).replace('%', '%25').replace('?', '%3F')}"


def _add_password(url: str, password: str) -> str:
    """Put a password into an address, with characters such as `@` escaped."""
    parts = urlsplit(url)
    if not password:
        return url
    login, _, host = parts.netloc.rpartition("@")
    user = login.partition(":")[0]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def find_data(environment: Mapping[str, str], data: Path | None = None) -> Path:
    return data or Path(map_given(environment).get("data") or "data")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSizes:
    """Minimum numbers of responses behind a shown figure. A group of exactly this number is shown."""

    least_group: int = 5
    """In files for one institution or for researchers."""
    least_public: int = 20
    """In public figures."""
    sensitive_factor: int = 2
    """Factor for items that are marked as sensitive."""

    def find_least(self, *, public: bool = False, sensitive: bool = False) -> int:
        return (self.least_public if public else self.least_group) * (self.sensitive_factor if sensitive else 1)


def read_group_sizes(environment: Mapping[str, str] = os.environ) -> GroupSizes:
    """Read the sizes from the environment, for commands that need no other settings."""
    given = map_given(environment)
    return GroupSizes(**{name: _read_number(name, given[name]) for name in GroupSizes.__slots__ if name in given})


@dataclass(frozen=True, slots=True)
class Settings(GroupSizes):
    """Settings of an installation. Environment names are SURVEY_ plus the field's name in capitals."""

    database_url: str
    """Database of the answers."""
    identity_url: str
    """Database of links and panel addresses. It must differ from the database of the answers."""
    secret_keys: tuple[str, ...]
    """Keys that sign cookies and forms. The first key signs, the others only verify (rotation)."""
    pseudonym_key: str
    """Key that computes the pseudonym of a seat. It is in no database; destroy it after delivery."""
    contact_keys: tuple[str, ...]
    """Keys that encrypt personal data: background of seats, waiting panel addresses. The first encrypts, all decrypt."""
    data: Path = Path("data")
    """Folder of all files without their own setting."""
    questionnaires: Path = ROOT / "questionnaires"
    translations: Path = ROOT / "translations"
    published: Path = Path("data", "published")
    """Folder of versions published by program 0.1; they are moved into the answers store at start."""
    erasures: Path = Path("data", "erasures.csv")
    """List of erasures and withdrawals, which `survey-engine erase --again` repeats after a restore."""
    base_url: str = "http://127.0.0.1:8000"
    """Address of this installation for respondents; links and QR codes begin with it."""
    secure_cookies: bool = False
    resume_days: int = 14
    """Days that a device may resume an open response."""
    idle_minutes: int = 30
    """Minutes without a save after which earlier answers are hidden from a device that used an open link; 0 for no limit."""
    personal_idle_minutes: int = 0
    """The same for a device that used a personal link."""
    index: bool = False
    """Whether the address of the installation lists all questionnaires and institutions, as in the demo."""
    metrics_token: str = ""
    """Token for /metrics; empty switches metrics off."""
    security_contact: str = ""
    """Contact for reports of vulnerabilities, such as mailto:security@example.org; empty for no security.txt."""
    timezone: str = "Europe/Amsterdam"
    """Time zone of opening, closing and exported dates; an institution may have its own."""
    grace_minutes: int = 60
    """Minutes after closing in which open responses may still be continued."""
    abandoned_hours: int = 24
    """Hours after which an incomplete response no longer counts in the assignment of modules."""
    progress_share: int = 100
    """Percentage of the respondents who see the progress bar; the others are the control group of a split ballot."""
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses and networks of reverse proxies. Only their forwarding headers are trusted."""
    replica_url: str = ""
    """Read replica of the answers, for exports and counts."""
    smtp_url: str = ""
    """Mail server, such as smtp://user:password@mail.example.org:587; empty for no mail."""
    mail_from: str = ""
    """Sender of mail, such as `NSE <nse@example.org>`."""
    lms_development: str = ""
    """Address of a learning environment for development, which may show all pages in frames. It permits HTTP and private hosts for all."""
    keep_days: Mapping[str, int] = field(default_factory=dict)
    """Kind of KEPT_KINDS → days after a questionnaire has closed until a job deletes the data. A kind without days is kept."""
    otlp_endpoint: str = ""
    """OpenTelemetry collector, such as http://127.0.0.1:4318; empty for no traces."""

    @property
    def backup_stamp(self) -> Path:
        """File whose modification time is that of the last backup. It is next to the list of erasures, which all machines share."""
        return self.erasures.with_name("last-backup")

    @property
    def restore_mark(self) -> Path:
        """File that exists from a restore until its erasures are repeated; meanwhile no server is ready. It lists the restored stores."""
        return name_restore_mark(self.erasures)

    @property
    def reading_url(self) -> str:
        """Database for exports and counts: the replica, or the answers if there is none."""
        return self.replica_url or self.database_url


def name_restore_mark(erasures: Path) -> Path:
    return erasures.with_name("restoring")


def read_settings(environment: Mapping[str, str] = os.environ, data: Path | None = None, *, create: bool = True) -> Settings:
    """Read the settings from the environment.

    Args:
        data: folder of files without their own setting (default: SURVEY_DATA or ./data).
        create: generate missing keys once, and store them in the data folder, readable by this user only.

    Raises:
        SettingsError: if a value is invalid, or if a key is missing and `create` is false.
    """
    folder, folders = find_data(environment, data), read_folders(environment, data)
    read_key = partial(_read_or_create_key if create else _read_key, folder)
    stores = locate_stores(environment, data)
    if create:
        folder.mkdir(parents=True, exist_ok=True)
    given = map_given(environment)
    if endpoint := environment.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        given.setdefault("otlp_endpoint", endpoint)
    optional: dict[str, Any] = {name: read(name, given[name]) for name, read in OPTIONAL.items() if name in given}
    if stores["answers"] == stores["identity"]:
        raise SettingsError("SURVEY_IDENTITY_URL equals SURVEY_DATABASE_URL. Set it to a database of its own.")
    return Settings(
        database_url=stores["answers"],
        identity_url=stores["identity"],
        secret_keys=_read_keys(given, "secret_keys") or (read_key(KEY_FILES["secret_keys"]),),
        pseudonym_key=_read_pseudonym_key(given) or read_key(KEY_FILES["pseudonym_key"]),
        contact_keys=_read_keys(given, "contact_keys") or (read_key(KEY_FILES["contact_keys"]),),
        data=folder,
        questionnaires=folders.questionnaires,
        translations=folders.translations,
        published=folders.published,
        erasures=_check_file("erasures", Path(given.get("erasures") or folder / "erasures.csv")),
        secure_cookies=given.get("base_url", "").startswith("https://"),
        **optional,
    )


def _read_text(_name: str, written: str) -> str:
    return written


def _read_address(name: str, written: str) -> str:
    if not written.startswith(("http://", "https://")) or any(letter.isspace() for letter in written):
        raise SettingsError(
            f"SURVEY_{name.upper()} is '{written}'. Set it to an address that begins with http:// or https:// and has no space."
        )
    if not _has_port(written):
        raise SettingsError(f"SURVEY_{name.upper()} is '{written}'. Set its port to a whole number from 1 to 65535.")
    return written.rstrip("/")


def _has_port(address: str) -> bool:
    """Whether the port of an address, if it has one, can exist."""
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False


def _read_base_url(name: str, written: str) -> str:
    """Return an address without a path: pages, cookies and redirects begin at the root of a host."""
    address = _read_address(name, written)
    parts = urlsplit(address)
    if not parts.hostname or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingsError(
            f"SURVEY_{name.upper()} is '{written}'. Set it to a host without path, such as https://survey.example.org: the program "
            "cannot be served below a path."
        )
    return address


def map_unknown(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return unknown SURVEY_ name in the environment → most similar setting, or an empty text."""
    known = [f"SURVEY_{field.name.upper()}" for field in fields(Settings) if field.name != "secure_cookies"]
    names = [name for name in environment if name.startswith("SURVEY_") and name not in {*known, *OTHER_NAMES}]
    return {name: next(iter(get_close_matches(name, known, 1)), "") for name in names}


def _check_file(name: str, path: Path) -> Path:
    if path.is_dir():
        raise SettingsError(f"SURVEY_{name.upper()} is '{path}', a folder. Set it to a file, such as {path / name}.csv.")
    return path


def _read_collector(name: str, written: str) -> str:
    """Return the collector's address if the exporter is installed."""
    endpoint = _read_address(name, written)
    try:
        find_spec("opentelemetry.exporter.otlp.proto.http")
    except ModuleNotFoundError:
        raise SettingsError(
            "SURVEY_OTLP_ENDPOINT (or OTEL_EXPORTER_OTLP_ENDPOINT) is set, but OpenTelemetry is not installed. "
            "Install it with: pip install 'survey-engine[tracing]'"
        ) from None
    return endpoint


def _check_length(name: str, key: str) -> str:
    if len(key) < _MINIMAL_SECRET:
        raise SettingsError(
            f"SURVEY_{name.upper()} contains a key shorter than {_MINIMAL_SECRET} characters. Make one with: openssl rand -hex 32"
        )
    return key


def _read_keys(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(_check_length(name, key) for key in map(str.strip, given.get(name, "").split(",")) if key)


def _read_pseudonym_key(given: Mapping[str, str]) -> str:
    key = given.get("pseudonym_key", "").strip()
    return _check_length("pseudonym_key", key) if key else ""


def _read_timezone(name: str, written: str) -> str:
    if not is_timezone(written):
        raise SettingsError(
            f"SURVEY_{name.upper()} is '{written}'. Name a time zone such as Europe/Amsterdam or America/Kralendijk."
        )
    return written


def _read_networks(name: str, written: str) -> tuple[str, ...]:
    networks = tuple(part for part in map(str.strip, written.split(",")) if part)
    for network in networks:
        try:
            trusts_all = not ip_network(network).prefixlen
        except ValueError:
            trusts_all = True
        if trusts_all:  # otherwise each respondent could choose the address that rate limits count
            raise SettingsError(
                f"SURVEY_{name.upper()} names '{network}'. "
                "Set it to addresses or networks of your proxies with commas, such as 10.0.0.5,172.16.0.0/12."
            )
    return networks


def _read_number(name: str, written: str) -> int:
    least, largest = NUMBERS[name]
    if not written.isdecimal() or len(written) > len(str(largest)) or not least <= int(written) <= largest:
        raise SettingsError(f"SURVEY_{name.upper()} is '{written[:40]}'. Set it to a whole number from {least} to {largest}.")
    return int(written)


def _read_days(name: str, written: str) -> dict[str, int]:
    """Return kind → days, from a text such as `contacts=90,answers=1095`."""
    days = {}
    for part in filter(None, map(str.strip, written.split(","))):
        kind, _, number = map(str.strip, part.partition("="))
        if kind not in KEPT_KINDS or not number.isdecimal():
            raise SettingsError(
                f"SURVEY_{name.upper()} contains '{part}'. Set it to days after the closing, such as contacts=90,links=365,answers=1095."
            )
        days[kind] = _read_number(name, number)
    return days


NUMBERS = {
    "resume_days": (1, 365),
    "idle_minutes": (0, 10_080),
    "personal_idle_minutes": (0, 10_080),
    "index": (0, 1),
    "grace_minutes": (0, 10_080),
    "abandoned_hours": (1, 8_760),
    "progress_share": (0, 100),
    "least_group": (1, 1_000),  # with 0, every group would be large enough
    "least_public": (1, 1_000),
    "sensitive_factor": (1, 100),
    "keep_days": (0, 36_500),
}
"""Numeric setting → (smallest value, largest value)."""
OPTIONAL: dict[str, Callable[[str, str], object]] = {
    "base_url": _read_base_url,
    "resume_days": _read_number,
    "idle_minutes": _read_number,
    "personal_idle_minutes": _read_number,
    "index": lambda name, written: bool(_read_number(name, written)),
    "metrics_token": _read_text,
    "security_contact": _read_text,
    "timezone": _read_timezone,
    "grace_minutes": _read_number,
    "abandoned_hours": _read_number,
    "progress_share": _read_number,
    "least_group": _read_number,
    "least_public": _read_number,
    "sensitive_factor": _read_number,
    "proxies": _read_networks,
    "replica_url": _read_text,
    "smtp_url": _read_text,
    "mail_from": _read_text,
    "lms_development": _read_address,
    "keep_days": _read_days,
    "otlp_endpoint": _read_collector,
}
"""Setting → function that reads its text. Without a value, the default of the field is used."""


def list_missing_keys(environment: Mapping[str, str] = os.environ) -> list[str]:
    """List the settings of keys that have neither a value nor a file; nothing is created."""
    given, folder = map_given(environment), find_data(environment)
    return [name for name, file in KEY_FILES.items() if not (given.get(name, "").strip(" ,") or _find_key(folder, file))]


def _find_key(folder: Path, name: str) -> str:
    """Return a key from its file; empty if there is none."""
    try:
        return (folder / name).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def _read_key(folder: Path, name: str) -> str:
    """Return a key from its file; raise MissingKeyError if there is none."""
    if key := _find_key(folder, name):
        return key
    raise MissingKeyError(
        f"There is no {name} in {folder.absolute()}. Set SURVEY_DATA to the folder of the installation, or restore the file from a copy. "
        "For a new installation: survey-engine init"
    )


def _read_or_create_key(folder: Path, name: str) -> str:
    """Return a key from its file, and create the file if it is missing: only once, even if many processes start at the same moment."""
    with os.fdopen(os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        key = file.read().strip()
        if not key:
            key = secrets.token_hex(32)
            file.write(key)
        return key
