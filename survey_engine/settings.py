"""All settings, read once from the environment into one frozen object."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
ROOT = _PACKAGE.parent if (_PACKAGE.parent / "templates").is_dir() else _PACKAGE / "shipped"
"""Where templates, static files, translations and questionnaires lie: the checkout, or inside the installed package."""
MINIMAL_SECRET = 32


class SettingsError(Exception):
    """A setting is missing or cannot be used; the message ends with the remedy."""


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
    questionnaires: Path = ROOT / "questionnaires"
    translations: Path = ROOT / "translations"
    base_url: str = "http://127.0.0.1:8000"
    """Where respondents reach this installation; links and QR codes begin with it."""
    secure_cookies: bool = False
    resume_days: int = 14
    """How long a device may resume an open response."""
    abandoned_hours: int = 24
    """An open response that started longer ago no longer counts when modules are drawn."""
    replica_url: str = ""
    """A replica that follows the answers, for work that only reads."""

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
    folder = data or Path(environment.get("SURVEY_DATA", "data"))
    given = {key.removeprefix("SURVEY_").lower(): value for key, value in environment.items() if key.startswith("SURVEY_")}
    base_url = given.get("base_url", "").rstrip("/") or "http://127.0.0.1:8000"
    keys = tuple(key for key in given.get("secret_keys", "").split(",") if key) or (_keep_key(folder, "secret.key"),)
    if any(len(key) < MINIMAL_SECRET for key in keys):
        raise SettingsError(
            f"SURVEY_SECRET_KEYS holds a key of under {MINIMAL_SECRET} characters. Make one with: openssl rand -hex 32"
        )
    return Settings(
        database_url=given.get("database_url") or _sqlite_url(folder, "answers.db"),
        replica_url=given.get("replica_url", ""),
        identity_url=given.get("identity_url") or _sqlite_url(folder, "identity.db"),
        secret_keys=keys,
        pseudonym_key=given.get("pseudonym_key") or _keep_key(folder, "pseudonym.key"),
        questionnaires=Path(given.get("questionnaires", ROOT / "questionnaires")),
        translations=Path(given.get("translations", ROOT / "translations")),
        base_url=base_url,
        secure_cookies=base_url.startswith("https://"),
        resume_days=_whole(given, "resume_days", 14),
        abandoned_hours=_whole(given, "abandoned_hours", 24),
    )


def _whole(given: Mapping[str, str], name: str, default: int) -> int:
    written = given.get(name, str(default))
    if not written.isdecimal():
        raise SettingsError(f"SURVEY_{name.upper()} is '{written}'. Set it to a whole number.")
    return int(written)


def _sqlite_url(folder: Path, name: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{(folder / name).resolve()}"


def _keep_key(folder: Path, name: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text().strip()
