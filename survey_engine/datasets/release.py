"""The states of a delivery, and its hand-out: draft, review, final, public.

`delivery.json` in the folder has the state, its history, and the digests of the files that became final.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyzipper
from msoffcrypto.format import ooxml

STATES = ("draft", "review", "final", "public")
AUDIENCES = {"reviewer": "review", "institution": "final", "public": "public"}
"""Who gets the files → the first state in which they do."""
NAME, ARCHIVE = "delivery.json", "files.zip"
_SECRET = ("links.csv", "links.xlsx", "reminders*.csv")
"""Files with personal links, which no delivery may contain."""
_OF_PERSONS = ("responses.*", "open_answers.csv", "paradata.csv")
"""Files with rows of single respondents, which are never public."""
EMBARGO = "Not to be published or quoted before {moment:%Y-%m-%d %H:%M UTC%z}.\n"


class ReleaseError(Exception):
    """Nothing was changed or handed out. The message has the remedy."""


@dataclass
class Delivery:
    """A folder of files and its state."""

    folder: Path
    state: str = "draft"
    embargo: datetime | None = None
    """The moment before which the delivery cannot become public."""
    digests: dict[str, str] = field(default_factory=dict)
    """File → SHA-256, since the delivery became final."""
    history: list[dict[str, str]] = field(default_factory=list)

    def list_files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file() and path.name != NAME)

    def list_changed(self) -> list[str]:
        """Return the names of files that were added, changed or removed since the delivery became final."""
        now = dict(self._digest_files()) if self.digests else {}
        return sorted(name for name in {*now, *self.digests} if now.get(name) != self.digests.get(name))

    def _digest_files(self) -> Iterator[tuple[str, str]]:
        for path in self.list_files():
            with path.open("rb") as file:
                digest = sha256()
                while block := file.read(1 << 20):
                    digest.update(block)
            yield path.relative_to(self.folder).as_posix(), digest.hexdigest()

    def change_state(self, state: str, by: str, now: datetime, embargo: datetime | None = None) -> None:
        """Change the state, one step forward or any number back, and store it.

        Raises:
            ReleaseError: a step is left out, the embargo is not over, or files changed since they became final.
        """
        here, there = STATES.index(self.state), STATES.index(state)
        if there > here + 1:
            raise ReleaseError(f"The delivery is in the state {self.state}. The next one is {STATES[here + 1]}.")
        if state == "public":
            self.check_files()
            self._check_public(now)
        if state == "final":
            self.digests, self.embargo = dict(self._digest_files()), embargo
        elif there < STATES.index("final"):
            self.digests, self.embargo = {}, None
        self.state = state
        self.history.append({"state": state, "by": by, "at": now.isoformat("T", "minutes")})
        self._store()

    def _check_public(self, now: datetime) -> None:
        if self.embargo and now < self.embargo:
            raise ReleaseError(f"The embargo ends at {self.embargo:%Y-%m-%d %H:%M UTC%z}.")
        found = [path.name for pattern in _OF_PERSONS for path in self.folder.rglob(pattern)]
        if found:
            raise ReleaseError(f"{found[0]} has rows of single respondents, which are never public. Deliver tables instead.")

    def check_files(self) -> None:
        """Raises ReleaseError when files changed since they became final."""
        if changed := self.list_changed():
            more = f" and {len(changed) - 1} more" if changed[1:] else ""
            raise ReleaseError(
                f"{changed[0]}{more} changed since the delivery became final. Review it, then make it final again."
            )

    def hand_out(self, audience: str, out: Path, password: str, now: datetime) -> list[str]:
        """Write the files for an audience into an existing folder; return their names.

        Workbooks are encrypted as Excel does (ECMA-376), all others in a ZIP archive with AES-256; public ones are not encrypted.

        Raises:
            ReleaseError: the state does not allow it, files changed, or a file has personal links.
        """
        if STATES.index(self.state) < STATES.index(AUDIENCES[audience]):
            raise ReleaseError(
                f"The delivery is in the state {self.state}: the audience “{audience}” gets it from {AUDIENCES[audience]} on."
            )
        self.check_files()
        if secret := [path.name for pattern in _SECRET for path in self.folder.rglob(pattern)]:
            raise ReleaseError(f"{secret[0]} has personal links. Remove it from {self.folder}.")
        if audience == "public":
            self._check_public(now)
        files = self.list_files()
        workbooks = [path for path in files if path.suffix == ".xlsx"]
        for path in workbooks:
            _copy_workbook(path, out / path.name, "" if audience == "public" else password)
        others = [path for path in files if path not in workbooks]
        note = EMBARGO.format(moment=self.embargo) if self.embargo and now < self.embargo else ""
        self._write_archive(out / ARCHIVE, others, "" if audience == "public" else password, note)
        return [*(path.name for path in workbooks), ARCHIVE]

    def _write_archive(self, path: Path, files: list[Path], password: str, note: str) -> None:
        encryption = {"encryption": pyzipper.WZ_AES} if password else {}
        with pyzipper.AESZipFile(path, "w", compression=zipfile.ZIP_DEFLATED, **encryption) as archive:
            if password:
                archive.setpassword(password.encode())
            for file in files:
                archive.write(file, file.relative_to(self.folder).as_posix())
            if note:
                archive.writestr("EMBARGO.txt", note)

    def _store(self) -> None:
        stored: dict[str, Any] = {name: value for name, value in asdict(self).items() if name != "folder"}
        stored["embargo"] = self.embargo.isoformat() if self.embargo else None
        temporary = self.folder / f".{NAME}"
        temporary.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
        temporary.replace(self.folder / NAME)


def read_delivery(folder: Path) -> Delivery:
    """Read the state of a folder; without `delivery.json` it is a draft.

    Raises:
        ReleaseError: there are no files, or `delivery.json` cannot be read.
    """
    path = folder / NAME
    try:
        stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        stored["embargo"] = datetime.fromisoformat(stored["embargo"]) if stored.get("embargo") else None
        delivery = Delivery(folder, **stored)
    except (ValueError, TypeError) as error:
        raise ReleaseError(f"{path} cannot be read. Restore it, or remove it: the delivery is a draft then.") from error
    if not delivery.list_files() or delivery.state not in STATES:
        raise ReleaseError(f"{folder} has no files. Export into it first.")
    return delivery


def _copy_workbook(path: Path, out: Path, password: str) -> None:
    if not password:
        shutil.copyfile(path, out)
        return
    with path.open("rb") as source, out.open("wb") as target:
        ooxml.OOXMLFile(source).encrypt(password, target)
