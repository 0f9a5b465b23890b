"""A delivery: its states (draft, review, final, public) and how it is handed out.

`delivery.json` in the folder has the state, its history, and the digests of the final files.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import pyzipper
from msoffcrypto.format import ooxml

from survey_engine.datasets import released_rows
from survey_engine.datasets.least_groups import PATTERN, LeastGroup, compute_digest, read_records
from survey_engine.datasets.released_rows import Released
from survey_engine.datasets.shown_columns import NEW_RESPONSES, TEXTS_BACKGROUND
from survey_engine.settings import GroupSizes
from survey_engine.storage.database import Database

DELIVERY_STATES = ("draft", "review", "final", "public")
AUDIENCES = {"reviewer": "review", "institution": "final", "public": "public"}
"""Audience → the first state in which it gets the files."""
STATE_FILE, ARCHIVE = "delivery.json", "files.zip"
_OF_PERSONS = ("responses.*", "open_answers.csv", "paradata.csv")
"""Files with rows of single respondents, which are never public."""
_TABLES = (".csv", ".dat", ".html", ".json", ".md", ".tab", ".tsv", ".txt", ".xlsx", ".xml", ".zip")
"""Files that can have counts of groups as texts: they become final only with a record."""
_LINK = re.compile(rb"/l/[\w-]{16}")
_RESPONDENT = re.compile(rb"\br[0-9a-f]{16,}\b")
"""Pattern of a respondent number of an export."""
_OPEN_ANSWERS = re.compile(rb"institution[;,\t][^\r\n]*variable[;,\t]text\b")
"""The headings of open answers."""
_STORES = (b"SQLite format 3\0", b"-----BEGIN ")
"""The beginnings of files that are never delivered."""
_PUBLIC_SUFFIXES = (".csv", ".html", ".json", ".md", ".txt", ".xml", ".xlsx", ".zip", ".pdf", ".png", ".svg")
"""The suffixes allowed in a public delivery."""
EMBARGO = "Not to be published or quoted before {moment:%Y-%m-%d %H:%M UTC%z}.\n"


class ReleaseError(Exception):
    """Nothing was changed or handed out. The message has the remedy."""


@dataclass(frozen=True, slots=True)
class StateChange:
    """A change of the state of a delivery: by whom, when, and what this person checked."""

    by: str
    at: datetime
    embargo: datetime | None = None
    """For the state final: the delivery cannot become public before this moment."""
    checked: tuple[str, ...] = ()
    """For the states final and public: files without a record that the person checked."""
    despite_earlier: bool = False
    """For the states final and public: whether to release the files although an earlier release differs in few responses."""
    still_open: str = ""
    """Note on fieldwork that was still open; recorded in the history."""


@dataclass
class Delivery:
    """A folder of files and its state."""

    folder: Path
    state: str = "draft"
    embargo: datetime | None = None
    """The moment before which the delivery cannot become public."""
    digests: dict[str, str] = field(default_factory=dict)
    """File → SHA-256, computed when the delivery became final."""
    history: list[dict[str, str]] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    """Files without a record that a person checked before the delivery became final or public."""
    released: list[dict[str, Any]] = field(default_factory=list)
    """Settings of the final tables, as `LeastGroup` has them."""

    def list_files(self) -> list[Path]:
        """List the files to hand out: all files except `delivery.json` and the records of least groups and rows."""
        kept = (STATE_FILE, released_rows.RECORD_FILE)
        found = (path for path in self.folder.rglob("*") if path.is_file() and path.name not in kept and not path.match(PATTERN))
        return sorted(found)

    def list_sources(self) -> list[tuple[str, str]]:
        """List (questionnaire, institution) of the rows and tables; the institution is empty for all institutions."""
        rows = {(one.questionnaire, one.institution) for one in released_rows.read_row_records(self.folder)}
        return sorted(rows | {(one.questionnaire, one.institution) for one in read_records(self.folder).values()})

    def list_changed(self) -> list[str]:
        """Return the names of files that were added, changed or removed since the delivery became final."""
        now = dict(self._digest_files()) if self.digests else {}
        return sorted(name for name in {*now, *self.digests} if now.get(name) != self.digests.get(name))

    def _digest_files(self) -> Iterator[tuple[str, str]]:
        for path in self.list_files():
            yield path.relative_to(self.folder).as_posix(), compute_digest(path)

    def change_state(
        self,
        state: str,
        decision: StateChange,
        sizes: GroupSizes | None = None,
        answers: Database | None = None,
        key: str = "",
    ) -> None:
        """Change the state, one step forward or any number back, and store it. An embargo remains until another one replaces it.

        Args:
            sizes: the least groups of public tables.
            answers: the store of earlier releases; None to compare with no release.
            key: the key of exports; needed with `answers`.

        Raises:
            ReleaseError: a step is left out, the embargo is not over, files changed since they became final, a table has no record, a
            public file has rows of persons or may have small groups, or the files reveal, or may reveal, few persons beside an
            earlier release.
        """
        here, there = DELIVERY_STATES.index(self.state), DELIVERY_STATES.index(state)
        if there > here + 1:
            raise ReleaseError(f"The delivery is in the state {self.state}. The next one is {DELIVERY_STATES[here + 1]}.")
        if state == "public":
            self.check_files()
            self.checked = list(decision.checked)
            self._check_public(decision.at, sizes or GroupSizes())
        is_compared = answers and state == "final"
        released = self._list_released(sizes or GroupSizes(), skips=decision.despite_earlier) if is_compared else []
        new = released_rows.list_new(answers, released) if answers else []
        if state in ("final", "public") and not decision.despite_earlier and (new or not released):
            self._check_earlier()
        if answers and not decision.despite_earlier:
            self._check_recorded(key)
            _check_changed(answers, new)
            _check_few_rows(answers, new)
            _check_groups_changed(answers, new)
        if state == "final":
            self.checked = list(decision.checked)
            self._check_known(tables_only=True)
            made = read_records(self.folder).values()
            self.released = list({tuple(one.values()): one for one in (*self.released, *map(asdict, made))}.values())
            self.digests, self.embargo = dict(self._digest_files()), decision.embargo or self.embargo
        elif there < DELIVERY_STATES.index("final"):
            self.digests = {}
        self.state = state
        step = {"state": state, "by": decision.by, "at": decision.at.isoformat("T", "minutes")}
        self.history.append({**step, "open": decision.still_open} if decision.still_open else step)
        self._store()
        if answers:
            released_rows.record_rows(answers, new)

    def _list_released(self, sizes: GroupSizes, *, skips: bool) -> list[Released]:
        """List the contents of rows and tables, each with the minimum number of responses that must differ from an earlier release."""
        try:
            counted = list(released_rows.read_counted(self.folder, skips=skips))
        except released_rows.UncountedError as error:
            raise ReleaseError(
                f"{error.path.relative_to(self.folder)} does not record which responses its tables count, in which groups: the "
                "tables cannot be compared with earlier releases. An older version of this program wrote it, or the export had no "
                f"{released_rows.RECORD_FILE}. Export again into an empty folder, and make the tables from it again. Add "
                "--despite-earlier only if nobody has earlier tables or gets later ones."
            ) from error
        rows = [Released(rows, sizes.least_group) for rows in released_rows.read_row_records(self.folder)]
        return [*rows, *(each._replace(least=max(each.least, sizes.least_group)) for each in counted)]

    def _check_public(self, now: datetime, sizes: GroupSizes) -> None:
        if self.embargo and now < self.embargo:
            raise ReleaseError(f"The embargo ends at {self.embargo:%Y-%m-%d %H:%M UTC%z}.")
        named = self._find_rows()
        for path in self.list_files():
            is_allowed = path.suffix.lower() in _PUBLIC_SUFFIXES
            if path in named or not is_allowed or _contains(path, _RESPONDENT) or _contains(path, _OPEN_ANSWERS):
                raise ReleaseError(
                    f"{path.name} may have rows of single respondents, which are never public. Deliver tables instead."
                )
        self._check_groups(sizes)

    def _find_rows(self) -> set[Path]:
        """Return the files with rows of single respondents, by their names."""
        return {path for pattern in _OF_PERSONS for path in self.folder.rglob(pattern) if path.suffix != ".xml"}

    def _check_recorded(self, key: str) -> None:
        """Raise ReleaseError for rows without the record of their export: such rows cannot be compared with earlier releases."""
        named = self._find_rows()
        for path in self.list_files():
            if (path in named or _contains(path, _RESPONDENT)) and not released_rows.is_recorded(path, key):
                raise ReleaseError(
                    f"{path.name} has rows of respondents, but {released_rows.RECORD_FILE} of its export is missing in its folder, or "
                    "one of the two was changed: the rows cannot be compared with earlier releases. Copy that record beside the unchanged "
                    "file, remove the file, or export again into an empty folder. Add --despite-earlier only if nobody has earlier rows."
                )

    def _check_institution(self) -> None:
        """Raise ReleaseError for rows of respondents of several institutions, or of unknown ones."""
        records = released_rows.read_row_records(self.folder)
        found = {(rows.questionnaire, code) for rows in records for code in (rows.hashes or [rows.institution])}
        codes = sorted({code for _, code in found})
        unknown = any(released_rows.read_record(path.parent) is None for path in self._find_rows())
        if not unknown and len(codes) < 2 and all(rows.institution for rows in records):
            return
        several = f"{len(codes)} institutions ({', '.join(codes[:3])}{', …' if codes[3:] else ''})"
        several = several if len(codes) > 1 else "one institution with columns for researchers"
        questionnaire, code = min((one for one in found if one[1]), default=("CODE", "NAME"))
        raise ReleaseError(
            f"These files have rows of respondents of {'unknown institutions' if unknown else several}, but an institution gets only its "
            f"own rows. Export each institution into a folder of its own: survey-engine export {questionnaire} --institution {code} --out "
            "FOLDER"
        )

    def _check_known(self, *, tables_only: bool = False) -> None:
        """Raise ReleaseError for a file that differs from every recorded one and that nobody checked.

        Args: tables_only: check tables only; `_check_recorded` checks rows.
        """
        known = read_records(self.folder).keys() | released_rows.read_digests(self.folder)
        rows = self._find_rows()
        for path in self.list_files():
            name = path.relative_to(self.folder).as_posix()
            is_exempt = tables_only and (path in rows or path.suffix.lower() not in _TABLES)
            if not (is_exempt or name in self.checked or compute_digest(path) in known):
                raise ReleaseError(
                    f"{name} has no record, or was changed after its command wrote it, so it may reveal answers. Copy the record of "
                    f"that command ({released_rows.RECORD_FILE}, {PATTERN}) and its unchanged file into the delivery, or remove the "
                    f"file. Or check its contents, and add --checked {name} to --set final."
                )

    def _check_groups(self, sizes: GroupSizes) -> None:
        """Raise ReleaseError for a table, picture or report that may have small groups."""
        records = read_records(self.folder)
        for path in self.list_files():
            name = path.relative_to(self.folder).as_posix()
            if name in self.checked:
                continue
            made = records.get(compute_digest(path))
            if made is None:
                raise ReleaseError(
                    f"{name} has no record of its least group ({PATTERN}). Copy the record of the command that made the file into the "
                    f"delivery, or look for small groups in the file and add --checked {name}."
                )
            if not made.is_public(sizes):
                raise ReleaseError(
                    f"{name} shows groups of {made.least} or more responses, times {made.sensitive_factor} for sensitive items. A public "
                    f"file needs {sizes.least_public}, times {sizes.sensitive_factor}: make it again with --public."
                )

    def _check_earlier(self) -> None:
        """Raise ReleaseError if the difference of these tables and others, here or in a sibling folder, is about few persons."""
        made = set(read_records(self.folder).values())
        beside = [path.parent for path in self.folder.absolute().parent.glob(f"[!.]*/{STATE_FILE}")]
        earlier = {path.name: _read_state(path).released for path in beside if not path.samefile(self.folder)}
        found = [(name, LeastGroup(**one)) for name, several in earlier.items() for one in several]
        found += [(self.folder.name, each) for each in (*(LeastGroup(**one) for one in self.released), *made)]
        for (name, other), each in product(found, made):
            if each.is_close(other):
                raise ReleaseError(
                    f"These tables count {each.responses} responses to {each.questionnaire}, others in {name} count {other.responses}. "
                    "Their difference is about few persons. Wait for more responses, or add --despite-earlier if nobody gets both."
                )

    def check_files(self) -> None:
        """Raise ReleaseError if files changed since they became final."""
        if changed := self.list_changed():
            more = f" and {len(changed) - 1} more" if changed[1:] else ""
            raise ReleaseError(
                f"{changed[0]}{more} changed since the delivery became final. Review it, then make it final again."
            )

    def hand_out(self, audience: str, out: Path, password: str, now: datetime, sizes: GroupSizes | None = None) -> list[str]:
        """Write the files for an audience into an existing folder; return their names.

        Workbooks are encrypted as in Excel (ECMA-376), other files in a ZIP archive with AES-256. Public files are not encrypted.

        Raises:
            ReleaseError: the state does not allow it, files changed, a file has personal links, or an institution would get rows of
            another institution or a file without a record.
        """
        if DELIVERY_STATES.index(self.state) < DELIVERY_STATES.index(AUDIENCES[audience]):
            raise ReleaseError(
                f"The delivery is in the state {self.state}: “{audience}” gets it in the state {AUDIENCES[audience]} and later."
            )
        self.check_files()
        self._check_contents()
        if audience == "institution":
            self._check_institution()
            if self.state != "public":
                self._check_known()
        if audience == "public":
            self._check_public(now, sizes or GroupSizes())
            password = ""
        files = self.list_files()
        workbooks = [path for path in files if path.suffix == ".xlsx"]
        names = [path.relative_to(self.folder).as_posix() for path in workbooks]
        for path, name in zip(workbooks, names, strict=True):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            _copy_workbook(path, out / name, password)
        note = EMBARGO.format(moment=self.embargo) if self.embargo and now < self.embargo else ""
        self._write_archive(out / ARCHIVE, [path for path in files if path not in workbooks], password, note)
        return [*names, ARCHIVE]

    def _check_contents(self) -> None:
        """Raise ReleaseError for a file with personal links, a store, a key or a symbolic link."""
        for path in self.list_files():
            if path.is_symlink() or path.suffix in (".key", ".env"):
                raise ReleaseError(f"{path.name} is a symbolic link or a key. Remove it from {self.folder}.")
            with path.open("rb") as file:
                if file.read(16).startswith(_STORES):
                    raise ReleaseError(f"{path.name} is a store or a key. Remove it from {self.folder}.")
            if _contains(path, _LINK):
                raise ReleaseError(f"{path.name} has personal links. Remove it from {self.folder}.")

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
        temporary = self.folder / f".{STATE_FILE}"
        temporary.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
        temporary.replace(self.folder / STATE_FILE)


def _check_changed(answers: Database, released: list[Released]) -> None:
    """Raise ReleaseError if an earlier release, from any folder, differs in few responses."""
    if found := released_rows.find_few_changed(answers, released):
        (rows, least, _), changed = found
        place = f" at {rows.institution}" if rows.institution else ""
        raise ReleaseError(
            f"Only {changed} responses to {rows.questionnaire}{place} differ from an earlier release. A reader of both files can learn "
            f"about these persons. Hand out the earlier files again, or export again when {least} responses or more have changed, best "
            "once after the questionnaire is closed. Add --despite-earlier only if nobody gets both."
        )


def _check_few_rows(answers: Database, new: list[Released]) -> None:
    """Raise ReleaseError if rows of an institution, joined with earlier ones by their answers, show few persons alike."""
    if not (found := released_rows.find_few_rows(answers, new)):
        return
    rows, few = found
    place = f"{rows.questionnaire} at {rows.institution}"
    remedy = "hand out the earlier files again. Add --despite-earlier only if nobody gets both."
    if not (few and rows.shown):
        raise ReleaseError(
            f"Of these rows of {place}, or of earlier ones, the record does not tell which responses the columns show alike: an older "
            "version of this program made it. So nobody knows what the two files tell together. Export again if it is these rows, or "
            f"{remedy}"
        )
    (first, *others), shown = few.earlier, list(dict.fromkeys(each.describe() for each in few.earlier))
    same = all(each.kind == rows.shown.kind for each in few.earlier)
    described = "; or ".join(shown[:3]) + ("; or …" if shown[3:] else "")
    columns = f"the same columns: {described}" if same else f"{described}; these have {rows.shown.describe()}"
    joined = f"all {len(few.earlier)} earlier files" if others else "the earlier ones"
    if few.change == NEW_RESPONSES:
        remedy = f"Export again with the same columns once {few.least} or more have answered with each background, or {remedy}"
    elif not (same or others):
        remedy = (
            f"Export again with the columns of the earlier file ({first.format_options()}) if no answers changed, or {remedy}"
        )
    can = "may" if few.change == TEXTS_BACKGROUND else "can"  # the record does not tell whose texts they are
    raise ReleaseError(
        f"Earlier rows of {place} have {columns}. Who joins them with {joined} by the answers {can} tell {few.number} response"
        f"{'s' * (few.number != 1)} apart from all others ({few.change}); {few.least} must be alike. {remedy[0].upper()}{remedy[1:]}"
    )


def _check_groups_changed(answers: Database, released: list[Released]) -> None:
    """Raise ReleaseError if tables and earlier ones differ in few responses of a group."""
    if unknown := released_rows.find_unknown_groups(answers, released):
        raise ReleaseError(
            f"An older version of this program made an earlier release of {unknown.rows.questionnaire}, of other responses, and did not "
            "record the groups of its tables. So these tables cannot be compared with that release. Hand out the earlier files again. Add "
            "--despite-earlier only if nobody gets both."
        )
    if found := released_rows.find_few_behind(answers, released):
        tables, (first, *others) = found
        more = f", and in as few or more in {len(others)} other groups or items" if others else ""
        raise ReleaseError(
            f"The tables of {tables.rows.questionnaire} differ from those of an earlier release in {first.describe()}{more}. A reader of "
            "both files can learn about these persons. Hand out the earlier files again, or make the tables again when "
            f"{first.least - first.number} more have answered there, best once after the questionnaire is closed, or with fewer columns "
            "in --by. Add --despite-earlier only if nobody gets both."
        )


def read_delivery(folder: Path) -> Delivery:
    """Read the delivery in a folder. Without `delivery.json` it is a draft.

    Raises:
        ReleaseError: the folder has no files, or `delivery.json` cannot be read.
    """
    delivery = _read_state(folder)
    if not delivery.list_files() or delivery.state not in DELIVERY_STATES:
        raise ReleaseError(f"{folder} has no files. Export into it first.")
    return delivery


def _read_state(folder: Path) -> Delivery:
    path = folder / STATE_FILE
    try:
        stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        stored["embargo"] = datetime.fromisoformat(stored["embargo"]) if stored.get("embargo") else None
        return Delivery(folder, **stored)
    except (ValueError, TypeError) as error:
        raise ReleaseError(f"{path} cannot be read. Restore it, or remove it: then the delivery is a draft.") from error


def _contains(path: Path, pattern: re.Pattern[bytes]) -> bool:
    """Whether the content of a file matches this pattern, in any text encoding, also inside ZIP archives and workbooks."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(_has(archive.read(name), pattern) for name in archive.namelist())
    return _has(path.read_bytes(), pattern)


def _has(content: bytes, pattern: re.Pattern[bytes]) -> bool:
    return bool(pattern.search(content) or (b"\0" in content and pattern.search(content.replace(b"\0", b""))))


def _copy_workbook(path: Path, out: Path, password: str) -> None:
    if not password:
        shutil.copyfile(path, out)
        return
    with path.open("rb") as source, out.open("wb") as target:
        ooxml.OOXMLFile(source).encrypt(password, target)
