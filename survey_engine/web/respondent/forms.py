"""A posted form: names and strings, read once, then narrowed to the fields that the page's questions declare.

Werkzeug's own parser costs three times as much per page.
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

from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.model.questionnaire import Page

FORM_FIELDS = frozenset({"follows", "lang", "language", "number", "prompted", "ticket", "turn", "warned", "wish"})
"""Fields that the site itself puts in a form; those of questions have a prefix."""
LARGEST_FORM, MOST_FIELDS = 256_000, 2_000
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xFFFE, 0xFFFF))
"""Characters that no keyboard makes, and that databases, spreadsheets and XML refuse; they are left out of values."""


class SmallRequest(Request):
    """Refuses with 413 what is larger than any form of ours, and with 400 what broke off on the way.

    A body without a length is refused with 411: servers end it where its connection breaks, so a part would pass for the
    whole. Browsers always send the length of a form.
    """

    max_content_length = max_form_memory_size = LARGEST_FORM

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body, read at once where it says how long it is: it never is long."""
        if self.method in ("GET", "HEAD"):
            return BytesIO()
        length = self.environ.get("CONTENT_LENGTH", "")
        if not length.isdecimal():
            raise LengthRequired
        if int(length) > LARGEST_FORM:
            return super().stream
        content = self.environ["wsgi.input"].read(int(length))
        if len(content) < int(length):
            raise ClientDisconnected
        return BytesIO(content)


class Fields:
    """Names and their strings, in the order in which they were posted."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._values = values

    def get(self, name: str, default: str = "") -> str:
        """The first string of that name."""
        found = self._values.get(name)
        return found[0] if found else default

    def getlist(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def __contains__(self, name: object) -> bool:
        return name in self._values


class PostedForm(Fields):
    """Everything that was posted; WTForms reads it too."""

    __slots__ = ("_pairs",)

    def __init__(self, content: bytes) -> None:
        """Raises ValueError when it has more fields than any page."""
        self._pairs = split_form(content.decode("utf-8", "replace"))
        values: dict[str, list[str]] = {}
        for name, value in self._pairs:
            values.setdefault(name, []).append(value)
        super().__init__(values)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every field as it was posted, to be posted again."""
        return iter(self._pairs)


class AnswersField(Field):
    """What was posted on one question: variable → its strings."""

    def __init__(self, names: Sequence[str], **more: Any) -> None:
        super().__init__(**more)
        self.names = [(name, FIELD_PREFIX + name) for name in names]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.data = {name: formdata.getlist(field) for name, field in self.names if field in formdata}


@lru_cache(maxsize=4096)
def list_idle_forms(page: Page) -> list[BaseForm]:
    """A page's forms that no thread uses at the moment: a form keeps what it read last."""
    return []


def make_form(page: Page) -> BaseForm:
    """The WTForms form of a page, one field per question."""
    fields: dict[str, Any] = {
        f"q_{question.code}": AnswersField(QUESTION_TYPES[question.type].fields(question)) for question in page.questions
    }
    return BaseForm(fields)


def read_fields(page: Page, posted: PostedForm) -> Fields:
    """What was posted on the variables that the page's questions declare; all else is left out."""
    idle = list_idle_forms(page)
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
    """Names and values. Raises ValueError when there are more than MOST_FIELDS."""
    pairs = parse_qsl(content, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    return [(name, value if value.isprintable() else value.translate(_CONTROLS)) for name, value in pairs]


def read_form() -> PostedForm:
    """The form of the current request; one that is too large is refused with 413."""
    try:
        return PostedForm(request.get_data())
    except ValueError:
        abort(413)
