"""Detects the encoding of a text file, and characters that an earlier program damaged."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from survey_engine.fieldwork.rosters.mistakes import RosterError

ENCODING_NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}
SAMPLE = 12
"""Number of non-ASCII characters of a guessed encoding that a message shows."""
_CHUNK = 1 << 20
_REMEDY = "Save it as “CSV UTF-8”."
_OTHER_FILES = {
    b"PK": "a workbook",
    b"\xd0\xcf\x11\xe0": "a workbook",
    b"%PDF": "a PDF file",
    b"{\\rtf": "a Word file",
    b"\x1f\x8b": "a compressed file",
    b"<": "a web page or an XML file",
    b"[{": "a JSON file",
}
"""First bytes of files that are no CSV."""
_REFUSED = ("mac-roman", "cp850")
"""Encodings that are recognised and refused: few letters do not tell them from each other."""
_LETTERS = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßœšžÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŸŒŠŽ")
_MARKS = frozenset("’‘“”–—…€´`\u00a0°")
_RARE, _OPENING, _DASHES = frozenset("šœžŠŒŽŸ"), frozenset("‘“"), frozenset("–—")
"""Letters that are rare beside others; marks that do not follow a letter, or are not between two: there they are letters of a Macintosh."""
_WORD = re.compile(r"(.?)([^\x00-\x7f])(?=(.?))", re.DOTALL)
_MOST_GUESSED = 10_000
_DAMAGED = re.compile("[ÃÂ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|\ufffd")
"""UTF-8 that was read as Windows-1252, and the character in place of lost ones."""


class _OtherEncodingError(RosterError):
    """The bytes are not of the encoding."""

    def __init__(self, path: Path, encoding: str, line: int) -> None:
        super().__init__(path, f"this is not {ENCODING_NAMES[encoding]} text. {_REMEDY}", line)
        self.line = line


def find_encoding(path: Path) -> tuple[str, str]:
    """The encoding, and some non-ASCII characters when it is a guess.

    Raises:
        RosterError: when the file is no text, or in an encoding that is not read.
    """
    with path.open("rb") as file:
        start = file.read(8)
    for begin, kind in _OTHER_FILES.items():
        if start.startswith(begin):
            raise RosterError(path, f"this is {kind}. {_REMEDY}")
    encoding = _find_utf16(start)
    if encoding:
        _decode(path, encoding)
        return encoding, ""
    try:
        _decode(path, "utf-8-sig")
    except _OtherEncodingError as error:
        return _guess(path, error.line)
    return "utf-8-sig", ""


def is_damaged(text: str) -> bool:
    """Whether an earlier program lost or mistook characters of a text.

    >>> is_damaged("ZoÃ«"), is_damaged("Zo\ufffd"), is_damaged("Zoë")
    (True, True, False)
    """
    return not text.isascii() and _DAMAGED.search(text) is not None


def _find_utf16(start: bytes) -> str:
    """The kind of UTF-16, also without a byte order mark before ASCII characters; empty for other text."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0\0" not in start:
        return "utf-16"
    if len(start) >= 4 and 0 not in start[::2] and not any(start[1::2]):
        return "utf-16-le"
    return "utf-16-be" if len(start) >= 4 and 0 not in start[1::2] and not any(start[::2]) else ""


def _guess(path: Path, line: int) -> tuple[str, str]:
    """Read as Windows-1252, unless another encoding makes better words.

    Raises:
        RosterError: for another encoding, at the line of the first byte that is no UTF-8.
    """
    scores = {encoding: _score(path, encoding) for encoding in ("cp1252", *_REFUSED)}
    best = max(scores, key=lambda encoding: scores[encoding])
    strange = ""
    with suppress(_OtherEncodingError):
        strange = _decode(path, "cp1252")
    if strange and (best == "cp1252" or scores[best] <= 0):
        return "cp1252", strange
    seems = " It seems to be “CSV (MS-DOS)” or “CSV (Macintosh)”." if scores[best] > 0 else ""
    raise RosterError(path, f"this is not UTF-8 text.{seems} {_REMEDY}", line)


def _score(path: Path, encoding: str) -> int:
    """Twice the number of non-ASCII characters that fit their word, once for rare letters, less that of those that do not."""
    return sum(islice(_iter_fits(path, encoding), _MOST_GUESSED))


def _iter_fits(path: Path, encoding: str) -> Iterator[int]:
    """How well each non-ASCII character fits its word: 2, 1 or -2."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        for text in file:
            for before, sign, after in () if text.isascii() else _WORD.findall(text):
                if sign in _LETTERS:  # no capital after a small letter, and no small letter before a capital
                    fits = not before.islower() if sign.isupper() else not after.isupper()
                else:
                    is_inside = before.isalpha() and after.isalpha()
                    fits = sign in _MARKS and not (sign in _OPENING and before.isalpha()) and not (sign in _DASHES and is_inside)
                yield (1 if sign in _RARE else 2) if fits else -2


def _decode(path: Path, encoding: str) -> str:
    """Decode the whole file; return some of its non-ASCII characters.

    Raises:
        RosterError: with the line that cannot be decoded.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    strange: dict[str, None] = {}
    line, chunk = 1, b"-"
    with path.open("rb") as file:
        while chunk:
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                line += chunk[: getattr(error, "start", 0)].count(b"\n")
                raise _OtherEncodingError(path, encoding, line) from None
            if "\0" in text:
                line += text[: text.index("\0")].count("\n")
                raise RosterError(path, f"this is not text: it has a NUL character. {_REMEDY}", line)
            line += text.count("\n")
            if not text.isascii() and len(strange) < SAMPLE:
                strange.update(dict.fromkeys(sign for sign in text if not sign.isascii()))
    return "".join(islice(strange, SAMPLE))
