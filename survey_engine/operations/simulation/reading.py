"""What a robot sees of a page: its form with every field, and a few words around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

from survey_engine.language.question_types.question_type import FIELD_PREFIX


@dataclass(slots=True)
class Field:
    """One field of a form as it was drawn."""

    name: str
    kind: str
    """radio, checkbox, hidden, textarea, button, or another type of input."""
    value: str = ""
    checked: bool = False


@dataclass(slots=True)
class Drawn:
    """One drawn page."""

    title: str = ""
    heading: str = ""
    slug: str = ""
    """Names the page of the questionnaire; empty on any other page."""
    receipt: str = ""
    action: str | None = None
    """Where its first form goes; empty is its own address, None when there is no form."""
    fields: list[Field] = field(default_factory=list)

    def read_hidden(self, name: str) -> str | None:
        return next((found.value for found in self.fields if found.kind == "hidden" and found.name == name), None)

    def list_offered(self, variable: str) -> list[str]:
        """The values among which one may choose."""
        name = FIELD_PREFIX + variable
        return [found.value for found in self.fields if found.name == name and found.kind in ("radio", "checkbox")]

    def has(self, variable: str) -> bool:
        """Whether it is asked here."""
        return any(found.name == FIELD_PREFIX + variable for found in self.fields)

    def list_filled(self) -> list[tuple[str, str]]:
        """What a browser would send of it as it stands, without a button."""
        sent = (found for found in self.fields if found.kind != "button")
        return [(found.name, found.value) for found in sent if found.kind not in ("radio", "checkbox") or found.checked]


def read_drawn(html: str) -> Drawn:
    """Read a whole document, or the fragment that htmx puts in its place.

    >>> read_drawn('<form action="/x"><input name="q" type="radio" value="2" checked></form>').list_filled()
    [('q', '2')]
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.drawn


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.drawn = Drawn()
        self.forms = 0
        self.within: tuple[str, str] | None = None
        """The attribute of `drawn` that the text belongs to at the moment, and the tag that ends it."""
        self.area: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        read = _TAGS.get(tag)
        if read:
            read(self, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        if self.within and self.within[1] == tag:
            setattr(self.drawn, self.within[0], getattr(self.drawn, self.within[0]).strip())
            self.within = None
        if tag == "textarea" and self.area:
            self.area.value = self.area.value.removeprefix("\n")
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area:
            self.area.value += data
        elif self.within:
            setattr(self.drawn, self.within[0], getattr(self.drawn, self.within[0]) + data)

    def begin_form(self, attributes: dict[str, str]) -> None:
        self.forms += 1
        if self.forms == 1:
            self.drawn.action = attributes.get("action", "")
        if attributes.get("id") == "answers":
            self.drawn.slug = self.drawn.action.rpartition("/")[2] if self.drawn.action else ""

    def add_field(self, kind: str, attributes: dict[str, str]) -> None:
        name = attributes.get("name")
        if name and self.forms == 1:
            default = "on" if kind in ("radio", "checkbox") else ""
            found = Field(name, kind, attributes.get("value", default), "checked" in attributes)
            self.drawn.fields.append(found)
            self.area = found if kind == "textarea" else None

    def take_note(self, attributes: dict[str, str]) -> None:
        if "receipt" in attributes.get("class", "").split():
            self.within = "receipt", "dd"

    def begin_text(self, name: str, tag: str) -> None:
        self.within = name, tag


_TAGS: dict[str, Callable[[_Reader, dict[str, str]], None]] = {
    "form": _Reader.begin_form,
    "input": lambda reader, attributes: reader.add_field(attributes.get("type", "text"), attributes),
    "textarea": lambda reader, attributes: reader.add_field("textarea", attributes),
    "button": lambda reader, attributes: reader.add_field("button", attributes),
    "dd": _Reader.take_note,
    "title": lambda reader, attributes: reader.begin_text("title", "title"),
    "h1": lambda reader, attributes: reader.begin_text("heading", "h1"),
}
