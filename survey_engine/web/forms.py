"""A posted form, read once: names and values, nothing else. Werkzeug's own parser costs three times as much per page."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl

from flask import abort, request

MOST_FIELDS = 2_000
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xFFFE, 0xFFFF))
"""Characters that no keyboard makes, and that databases, spreadsheets and XML refuse; they are left out of values."""


class PostedForm:
    """What question types ask of a form; also what WTForms asks of it."""

    __slots__ = ("_values",)

    def __init__(self, content: bytes) -> None:
        """Raises ValueError when it has more fields than any page."""
        self._values: dict[str, list[str]] = {}
        pairs = parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        for name, value in pairs:
            self._values.setdefault(name, []).append(value if value.isprintable() else value.translate(_CONTROLS))

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str, default: str = "") -> str:
        values = self._values.get(name)
        return values[0] if values else default

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every field as it was posted, to be posted again."""
        for name, values in self._values.items():
            for value in values:
                yield name, value

    def getlist(self, name: str) -> list[str]:
        return self._values.get(name, [])


def read_form() -> PostedForm:
    """The form of the current request; one that is too large is refused with 413."""
    try:
        return PostedForm(request.get_data())
    except ValueError:
        abort(413)
