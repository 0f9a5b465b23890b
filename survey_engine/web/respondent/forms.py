"""Parses posted forms, limited to the fields that the questions of the page declare.

Fields keep their order (standard library's parser), because an error page repeats them in this order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from typing import IO, Any, cast
from urllib.parse import parse_qsl

from flask import Request, abort, request
from werkzeug.exceptions import ClientDisconnected, LengthRequired
from werkzeug.utils import cached_property
from wtforms import Field
from wtforms.form import BaseForm

from survey_engine.fieldwork.start_form import CHANNELS, StartForm, classify_width
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.model.questionnaire import Page
from survey_engine.model.variables import find_owner

FORM_FIELDS = frozenset(
    {
        "changed",
        "conflict",
        "follows",
        "lang",
        "language",
        "number",
        "paradata",
        "prompted",
        "shown",
        "ticket",
        "turn",
        "undo",
        "warned",
        "wish",
    }
)
"""Form fields that do not belong to questions. Fields of questions have a prefix."""
MAX_FORM_BYTES, MAX_FIELDS = 256_000, 2_000
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xFFFE, 0xFFFF))
"""Control characters. They are removed from values, because databases, spreadsheets and XML reject them."""


class LimitedRequest(Request):
    """A request with a complete body of limited size; otherwise status 413 (too large), 400 (incomplete) or 411 (no Content-Length).

    Without Content-Length, a body that a broken connection cut off looks complete. Browsers always send the header with a form.
    """

    max_content_length = max_form_memory_size = MAX_FORM_BYTES

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body, read into memory; its size is limited."""
        if self.method in ("GET", "HEAD"):
            return BytesIO()
        length = self.environ.get("CONTENT_LENGTH", "")
        if not length.isdecimal():
            raise LengthRequired
        if int(length) > MAX_FORM_BYTES:
            return super().stream
        content = self.environ["wsgi.input"].read(int(length))
        if len(content) < int(length):
            raise ClientDisconnected
        return BytesIO(content)


class Fields:
    """Posted strings by field name, in the order of the form."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._values = values

    def get(self, name: str, default: str = "") -> str:
        """Return the first string of a field."""
        found = self._values.get(name)
        return found[0] if found else default

    def getlist(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def without(self, variable: str) -> Fields:
        """Return all fields except those of one variable."""
        return Fields({name: found for name, found in self._values.items() if find_owner(name) != variable})

    def __contains__(self, name: object) -> bool:
        return name in self._values


class PostedForm(Fields):
    """All posted fields; usable as `formdata` of WTForms."""

    __slots__ = ("_pairs",)

    def __init__(self, content: bytes) -> None:
        """Parse an urlencoded form.

        Raises:
            ValueError: the form has more than MAX_FIELDS fields.
        """
        self._pairs = split_form(content.decode("utf-8", "replace"))
        values: dict[str, list[str]] = {}
        for name, value in self._pairs:
            values.setdefault(name, []).append(value)
        super().__init__(values)

    def iter_pairs(self) -> Iterator[tuple[str, str]]:
        """Iterate over the posted names and values."""
        return iter(self._pairs)


class AnswersField(Field):
    """The posted strings of one question, by variable."""

    def __init__(self, names: Sequence[str], **more: Any) -> None:
        super().__init__(**more)
        self.names = [(name, FIELD_PREFIX + name) for name in names]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.data = {name: formdata.getlist(field) for name, field in self.names if field in formdata}


@lru_cache(maxsize=4096)
def find_idle_forms(page: Page) -> list[BaseForm]:
    """Return the forms of a page that no thread uses. A WTForms form stores its last values, so threads cannot share it."""
    return []


def make_form(page: Page) -> BaseForm:
    """Return a new WTForms form for a page, with one field per question."""
    fields: dict[str, Any] = {
        f"q_{question.code}": AnswersField(QUESTION_TYPES[question.type].fields(question)) for question in page.questions
    }
    return BaseForm(fields)


def read_fields(page: Page, posted: PostedForm) -> Fields:
    """Return the posted fields that the questions of the page declare."""
    idle = find_idle_forms(page)
    try:
        form = idle.pop()
    except IndexError:
        form = make_form(page)
    form.process(cast(Any, posted))
    values: dict[str, list[str]] = {}
    for field in form:
        values.update(field.data)
    idle.append(form)
    return Fields(values)


def split_form(content: str) -> list[tuple[str, str]]:
    """Return the names and values of an urlencoded form.

    Raises:
        ValueError: the form has more than MAX_FIELDS fields.
    """
    pairs = parse_qsl(content, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    return [(name, value if value.isprintable() else value.translate(_CONTROLS)) for name, value in pairs]


def read_form() -> PostedForm:
    """Return the form of the current request; abort with 413 if it is too large."""
    try:
        return PostedForm(request.get_data())
    except ValueError:
        abort(413)


def read_channel(form: PostedForm | None = None) -> str:
    """Return the channel that the form or the address names; empty if none."""
    named = (form and form.get("via")) or request.args.get("via", "")
    return named if named in CHANNELS else ""


def read_start_form() -> StartForm:
    """Read the form of a start page, except a change of the language."""
    form = read_form()
    return StartForm(device=read_device(form), channel=read_channel(form))


def read_device(form: PostedForm) -> str:
    """Return the class of the width that the script posted; else "small" for a mobile browser, or an empty text."""
    return classify_width(form.get("width")) or ("small" if request.headers.get("Sec-CH-UA-Mobile") == "?1" else "")
