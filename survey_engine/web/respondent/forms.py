"""A posted form, read once: names and values, nothing else. Werkzeug's own parser costs three times as much per page."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import IO
from urllib.parse import parse_qsl

from flask import Request, abort, request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.utils import cached_property

LARGEST_FORM, MOST_FIELDS = 256_000, 2_000
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xFFFE, 0xFFFF))
"""Characters that no keyboard makes, and that databases, spreadsheets and XML refuse; they are left out of values."""


class SmallRequest(Request):
    """Refuses with 413 what is larger than any form of ours, and with 400 what broke off on the way."""

    max_content_length = max_form_memory_size = LARGEST_FORM

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body, read at once where it says how long it is: it never is long."""
        length = self.environ.get("CONTENT_LENGTH", "")
        if not length.isdecimal() or int(length) > LARGEST_FORM:
            return super().stream
        content = self.environ["wsgi.input"].read(int(length))
        if len(content) < int(length):
            raise ClientDisconnected
        return BytesIO(content)


class PostedForm(dict[str, str]):
    """Each name's first value. What question types ask of a form; also what WTForms asks of it."""

    __slots__ = ("_pairs",)

    def __init__(self, content: bytes) -> None:
        """Raises ValueError when it has more fields than any page."""
        self._pairs = split_form(content.decode("utf-8", "replace"))
        super().__init__(reversed(self._pairs))

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every field as it was posted, to be posted again."""
        return iter(self._pairs)

    def getlist(self, name: str) -> list[str]:
        return [value for posted, value in self._pairs if posted == name]


def split_form(content: str) -> list[tuple[str, str]]:
    """Names and values; those of a form in which nothing is escaped, as most are, stand there as they are.

    Raises ValueError when there are more than MOST_FIELDS.
    """
    if "%" in content or "+" in content or not content.isprintable() or content.count("&") >= MOST_FIELDS:
        pairs = parse_qsl(content, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        return [(name, value if value.isprintable() else value.translate(_CONTROLS)) for name, value in pairs]
    return [part.partition("=")[::2] for part in content.split("&") if part]


def read_form() -> PostedForm:
    """The form of the current request; one that is too large is refused with 413."""
    try:
        return PostedForm(request.get_data())
    except ValueError:
        abort(413)
