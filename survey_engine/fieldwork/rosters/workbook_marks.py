"""Marks in the XML of a workbook's sheet: formulas, errors, hidden rows, cells in strike-through, comments."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from html import unescape
from itertools import chain
from pathlib import Path
from typing import Any
from zipfile import ZipFile

MOST_LISTED = 1_000
"""Number of cells of each kind that are listed."""
_CHUNK, _OVERLAP = 1 << 20, 1 << 12
_MOST_STYLES, _MOST_COMMENTS = 1 << 26, 1 << 26
"""Largest number of bytes of styles and of comments that are read."""
_LONGEST_COMMENT = 80
_MARKS = (b"<f>", b"<f ", b"<f/>", b":f>", b":f ", b't="e"', b"t='e'")
"""Text of cells with a formula or an error; a search for it is far faster than a pattern."""
_ERROR = re.compile(rb"\bt=[\"']e[\"']")
_CELL = re.compile(
    rb"<(?:\w{1,9}:)?c\s([^<>]*)>\s*"
    rb"(?:(<(?:\w{1,9}:)?f\b[^<>]*/?>)[^<]*(?:</(?:\w{1,9}:)?f>)?)?"
    rb"\s*(?:<(?:\w{1,9}:)?v>([^<]*))?"
)
"""Attributes, formula and result of a cell."""
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_ROW = re.compile(rb"<(?:\w{1,9}:)?row\s([^<>]*)>")
_HIDDEN = re.compile(rb"\b(?:hidden=[\"'](?:1|true)|ht=[\"']0(?:\.0{1,9})?)[\"']")
"""Hidden, or without height."""
_TEXT_BOX = re.compile(rb"<(?:\w{1,9}:)?t>[^<]")
_NUMBER = re.compile(rb"\br=[\"']([0-9]{1,7})[\"']")
_STYLED = re.compile(rb"<(?:\w{1,9}:)?c\s([^<>]*)(?<!/)>")
_STYLE = re.compile(rb"\bs=[\"']([0-9]{1,6})[\"']")
_FONT = re.compile(rb"<(?:\w{1,9}:)?font[\s/>]")
_STRIKE = re.compile(rb"<(?:\w{1,9}:)?strike(?:\s+val=[\"'](?:1|true)[\"'])?\s*/?>")
_CELL_START = re.compile(rb"<(?:\w{1,9}:)?c\s([^<>]*)>")
_SHARED = re.compile(rb"<(?:\w{1,9}:)?c\s([^<>]*\bt=[\"']s[\"'][^<>]*)>\s*<(?:\w{1,9}:)?v>([0-9]{1,9})<")
_STRING_END = re.compile(rb"</(?:\w{1,9}:)?si>|<(?:\w{1,9}:)?si\s*/>")
_FORMAT = re.compile(rb"<(?:\w{1,9}:)?xf\s([^<>]*)>")
_FONT_NUMBER = re.compile(rb"\bfontId=[\"']([0-9]{1,6})[\"']")
_FILL_NUMBER = re.compile(rb"\bfillId=[\"']([0-9]{1,6})[\"']")
_FILL = re.compile(rb"<(?:\w{1,9}:)?fill[\s/>]")
_FOREGROUND = re.compile(rb"patternType=[\"']solid[\"'][^<>]*>\s*<(?:\w{1,9}:)?fgColor\s([^<>]*?)/?>")
_COLOUR = re.compile(rb"<(?:\w{1,9}:)?color\s([^<>]*?)/?>")
_DARK = re.compile(rb"rgb=[\"'](?:FF|00)0{6}[\"']|theme=[\"'](?:1|10|11)[\"']|indexed=[\"'](?:8|64)[\"']|auto=")
"""Colours of usual text, and of links."""
_LIGHT = re.compile(rb"rgb=[\"'](?:FF|00)F{6}[\"']|theme=[\"']0[\"']\s*$|indexed=[\"'](?:9|64|65)[\"']")
"""Colours of usual cells."""
_RARE = 4
"""Coloured rows are marks if they are one of this number of rows, or fewer."""
_COMMENT = re.compile(rb"<(?:\w{1,9}:)?comment\s[^<>]*\bref=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_TAG = re.compile(r"<[^<>]*>")
_THREADED = re.compile(r"(?:Comment|Opmerking|Kommentar|Commentaire):\s")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s([^<>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s([^<>]*)>")
_ATTRIBUTE = re.compile(r"(?<![\w:])([\w:]{1,40})=(?:\"([^\"]{0,400})\"|'([^']{0,400})')")


def find_marks(path: Path, name: str, filled: Collection[int]) -> dict[str, Any]:
    """Marks in the filled rows of a sheet.

    Returns:
        `formulas`, `bare` (formulas without a stored result), `errors`, `struck`, `coloured` and `comments` as [row, column, text], at most
        `MOST_LISTED` of each; `formula_count`; `text_boxes` (whether there are any); and all `hidden_rows`, ascending.
    """
    found: dict[str, Any] = {"scanned": True, "formulas": [], "bare": [], "errors": [], "struck": [], "formula_count": 0}
    hidden = set[int]()
    with ZipFile(path) as archive:
        part = find_part(archive, name)
        struck, strings = find_struck_styles(archive), set(_iter_struck_strings(archive))
        colours = RowColours(archive)
        found["comments"] = [mark for mark in iter_comments(archive, part) if mark[0] in filled][:MOST_LISTED]
        found["text_boxes"] = any(_TEXT_BOX.search(drawing) for drawing in _iter_related(archive, part, "/drawing"))
        for piece in iter_pieces(archive, part):
            if any(mark in piece for mark in _MARKS):
                _collect_formulas(piece, filled, found)
            if b"hidden=" in piece or b' ht="0' in piece or b" ht='0" in piece:
                rows = (row[1] for row in _ROW.finditer(piece) if _HIDDEN.search(row[1]))
                hidden.update(int(number[1]) for row in rows if (number := _NUMBER.search(row)))
            colours.add_piece(piece)
            if len(found["struck"]) < MOST_LISTED:
                marks = chain(_iter_struck(piece, struck), _iter_partly_struck(piece, strings))
                found["struck"] += [mark for mark in marks if mark[0] in filled]
    coloured = [[row, 0, ""] for row in colours.list_rare(filled)][:MOST_LISTED]
    return found | {
        "hidden_rows": sorted(hidden.intersection(filled)),
        "struck": found["struck"][:MOST_LISTED],
        "coloured": coloured,
    }


def _collect_formulas(piece: bytes, filled: Collection[int], found: dict[str, Any]) -> None:
    for cell in _CELL.finditer(piece):
        attributes, formula, result = cell.groups()
        is_error = _ERROR.search(attributes)
        place = _PLACE.search(attributes)
        if not (formula or is_error) or not place:
            continue
        at = [int(place[2]), read_column(place[1].decode())]
        if at[0] not in filled:
            continue
        found["formula_count"] += bool(formula)
        kind = "errors" if is_error else "bare" if not result and b"str" not in attributes else "formulas"
        if len(found[kind]) < MOST_LISTED:
            found[kind].append([*at, (result or b"").decode("utf-8", "replace")[:20]])


def _iter_struck(piece: bytes, styles: Collection[int]) -> Iterator[list[Any]]:
    for cell in _STYLED.finditer(piece) if styles else ():
        style, place = _STYLE.search(cell[1]), _PLACE.search(cell[1])
        if style and place and int(style[1]) in styles:
            yield [int(place[2]), read_column(place[1].decode()), ""]


def _iter_partly_struck(piece: bytes, strings: Collection[int]) -> Iterator[list[Any]]:
    """Iterate over the cells with a part in strike-through. Args: strings: numbers of shared strings with such a part."""
    cells = [cell[1] for cell in _SHARED.finditer(piece) if int(cell[2]) in strings] if strings else []
    for strike in _STRIKE.finditer(piece) if b"strike" in piece else ():
        start = max(piece.rfind(b"<c ", 0, strike.start()), piece.rfind(b":c ", 0, strike.start()))
        if cell := _CELL_START.match(piece, max(piece.rfind(b"<", 0, start + 1), 0)):
            cells.append(cell[1])
    for attributes in dict.fromkeys(cells):
        if place := _PLACE.search(attributes):
            yield [int(place[2]), read_column(place[1].decode()), ""]


def _iter_struck_strings(archive: ZipFile) -> Iterator[int]:
    """Iterate over the numbers of the shared strings with a part in strike-through."""
    part, number = "xl/sharedStrings.xml", 0
    for piece in iter_pieces(archive, part if part in archive.namelist() else None, b"si"):
        *strings, rest = _STRING_END.split(piece)
        if b"strike" in piece:
            yield from (at for at, string in enumerate([*strings, rest], number) if _STRIKE.search(string))
        number += len(strings)


class RowColours:
    """Finds the few rows of a sheet in another colour, of the cells or of their text, than the other rows."""

    def __init__(self, archive: ZipFile) -> None:
        self._styles = _find_coloured_styles(_read_styles(archive))
        self._searched = [f"s={quote}{number}{quote}".encode() for number in self._styles for quote in ('"', "'")]
        self._cells = Counter[int]()
        """Row → its cells with a value, as the other."""
        self._coloured = Counter[int]()

    def add_piece(self, piece: bytes) -> None:
        if not any(searched in piece for searched in self._searched):
            return
        for cell in _STYLED.finditer(piece):
            if place := _PLACE.search(cell[1]):
                row, style = int(place[2]), _STYLE.search(cell[1])
                self._cells[row] += 1
                self._coloured[row] += style is not None and int(style[1]) in self._styles

    def list_rare(self, filled: Collection[int]) -> list[int]:
        """The rows with a colour in half of their cells or more, ascending; none if they are many: colours of groups, or bands."""
        found = sorted(row for row in self._coloured.keys() & {*filled} if self._coloured[row] * 2 >= self._cells[row])
        return found if len(found) * _RARE <= len(filled) else []


def _find_coloured_styles(styles: bytes) -> set[int]:
    """The numbers of the cell formats with a colour that is not that of most programs' empty cells."""
    fonts = [_COLOUR.search(font) for font in _FONT.split(_find_section(styles, b"fonts"))[1:]]
    fills = [_FOREGROUND.search(fill) for fill in _FILL.split(_find_section(styles, b"fills"))[1:]]
    plain = fonts[0][1].split() if fonts and fonts[0] else []
    colours = {number for number, font in enumerate(fonts) if font and font[1].split() != plain and not _DARK.search(font[1])}
    filled = {number for number, fill in enumerate(fills) if fill and not _LIGHT.search(fill[1])}
    formats = [xf[1] for xf in _FORMAT.finditer(_find_section(styles, b"cellXfs"))]
    numbers = [(_FONT_NUMBER.search(xf), _FILL_NUMBER.search(xf)) for xf in formats]
    return {
        number
        for number, (font, fill) in enumerate(numbers)
        if (font and int(font[1]) in colours) or (fill and int(fill[1]) in filled)
    }


def _read_styles(archive: ZipFile) -> bytes:
    if "xl/styles.xml" not in archive.namelist():
        return b""
    with archive.open("xl/styles.xml") as file:
        return file.read(_MOST_STYLES)


def find_struck_styles(archive: ZipFile) -> set[int]:
    """The numbers of the cell formats whose font is struck through."""
    styles = _read_styles(archive)
    fonts = _FONT.split(_find_section(styles, b"fonts"))[1:]
    struck = {number for number, font in enumerate(fonts) if _STRIKE.search(font)}
    formats = (_FONT_NUMBER.search(xf[1]) for xf in _FORMAT.finditer(_find_section(styles, b"cellXfs")))
    return {number for number, font in enumerate(formats) if font and int(font[1]) in struck}


def _find_section(xml: bytes, name: bytes) -> bytes:
    """The first element of this name, without a search that backtracks."""
    start = re.search(rb"<(?:\w{1,9}:)?" + name + rb"[\s>]", xml)
    end = re.search(rb"</(?:\w{1,9}:)?" + name + rb">", xml)
    return xml[start.end() : end.start()] if start and end else b""


def iter_comments(archive: ZipFile, part: str | None) -> Iterator[list[Any]]:
    """Iterate over the comments on cells of a sheet, as [row, column, text]."""
    for comments in _iter_related(archive, part, "/comments"):
        yield from _read_comments(comments)


def _iter_related(archive: ZipFile, part: str | None, kind: str) -> Iterator[bytes]:
    """Iterate over the parts of a kind that a sheet refers to."""
    folder, file_name = posixpath.split(part or "")
    relations = f"{folder}/_rels/{file_name}.rels"
    if relations not in archive.namelist():
        return
    for found in _RELATION.finditer(archive.read(relations).decode("utf-8", "replace")):
        relation = read_attributes(found[1])
        target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
        if relation.get("Type", "").endswith(kind) and target in archive.namelist():
            with archive.open(target) as file:
                yield file.read(_MOST_COMMENTS)


def _read_comments(xml: bytes) -> Iterator[list[Any]]:
    places = list(_COMMENT.finditer(xml))
    for place, after in zip(places, [*places[1:], None], strict=True):
        written = xml[place.end() : min(after.start() if after else len(xml), place.end() + _OVERLAP)]
        text = unescape(_TAG.sub("", written.decode("utf-8", "replace").partition(">")[2].partition("</comment>")[0]))
        shown = " ".join(_THREADED.split(text)[-1].split())
        yield [int(place[2]), read_column(place[1].decode()), shown[:_LONGEST_COMMENT]]


def iter_pieces(archive: ZipFile, part: str | None, element: bytes = b"row") -> Iterator[bytes]:
    """Iterate over the pieces of a part's XML; no element of this name is in two pieces, unless it is very long."""
    if part is None:
        return
    with archive.open(part) as file:
        held = b""
        while chunk := file.read(_CHUNK):
            whole = held + chunk
            cut = max(whole.rfind(b"</" + element + b">"), whole.rfind(b":" + element + b">"), 0)
            held, piece = whole[cut:], whole[:cut]
            if len(held) > _CHUNK + _OVERLAP * 64:
                held, piece = b"", whole
            yield piece
        yield held


def find_part(archive: ZipFile, name: str) -> str | None:
    """The part of a sheet."""
    with suppress(KeyError, UnicodeDecodeError):
        sheets = [read_attributes(found[1]) for found in _SHEET.finditer(archive.read("xl/workbook.xml").decode())]
        relations = [
            read_attributes(found[1]) for found in _RELATION.finditer(archive.read("xl/_rels/workbook.xml.rels").decode())
        ]
        named = next((sheet for sheet in sheets if sheet.get("name") == name), {})
        identity = next((value for key, value in named.items() if key.endswith(":id")), None)
        target = next((one.get("Target", "") for one in relations if identity and one.get("Id") == identity), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        return part if part in archive.namelist() else None
    return None


def read_attributes(text: str) -> dict[str, str]:
    return {name: unescape(double or single) for name, double, single in _ATTRIBUTE.findall(text)}


def read_column(letters: str) -> int:
    """The index of a column.

    >>> read_column("A"), read_column("AB")
    (0, 27)
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
