"""Parses a page for a simulated respondent: its form with every field, and a few texts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html import unescape

from survey_engine.language.question_types.question_type import FIELD_PREFIX


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    name: str
    kind: str
    """radio, checkbox, hidden, textarea, button, or another type of input."""
    value: str = ""
    checked: bool = False


@dataclass(slots=True)
class Drawn:
    """One parsed page."""

    title: str = ""
    heading: str = ""
    slug: str = ""
    """Slug of the questionnaire's page; empty for other pages."""
    receipt: str = ""
    action: str | None = None
    """Target of its first form; empty for the page's own address, None without a form."""
    fields: list[Field] = field(default_factory=list)
    _named: dict[str, list[Field]] = field(default_factory=lambda: defaultdict(list), init=False, repr=False)
    """Name → its fields, in order."""

    def __post_init__(self) -> None:
        for found in self.fields:
            self._named[found.name].append(found)

    def add(self, found: Field) -> None:
        self.fields.append(found)
        self._named[found.name].append(found)

    def find(self, name: str) -> Sequence[Field]:
        """Return the fields of a name, in order."""
        return self._named.get(name, ())

    def read_hidden(self, name: str) -> str | None:
        return next((found.value for found in self.find(name) if found.kind == "hidden"), None)

    def list_offered(self, variable: str) -> list[str]:
        """List the values of the options of a variable."""
        return [found.value for found in self.find(FIELD_PREFIX + variable) if found.kind in ("radio", "checkbox")]

    def has(self, variable: str) -> bool:
        """Return whether the page asks a variable."""
        return FIELD_PREFIX + variable in self._named

    def list_filled(self) -> list[tuple[str, str]]:
        """List the fields that a browser would send for the unchanged form, without a button."""
        sent = (found for found in self.fields if found.kind != "button")
        return [(found.name, found.value) for found in sent if found.kind not in ("radio", "checkbox") or found.checked]


def read_drawn(html: str) -> Drawn:
    """Read a whole document, or the fragment that htmx puts in its place.

    Only tags of our own pages are parsed: a parser for all HTML would take half of a robot's time.

    >>> read_drawn('<form action="/x"><input name="q" type="radio" value="2" checked></form>').list_filled()
    [('q', '2')]
    """
    reader = _Reader()
    for tag in _TAG.finditer(_COMMENT.sub("", html) if "<!--" in html else html):
        name, attributes = tag.groups()
        if name == "/textarea":
            reader.end_area(tag)
        elif reader.area is not None:
            continue
        elif name in ("input", "button"):
            if reader.reads and (found := _read_field(name, attributes)):
                reader.drawn.add(found)
        elif name in ("fieldset", "/fieldset"):
            reader.enter_fieldset(attributes, closes=name == "/fieldset")
        else:
            reader.begin(name, attributes, tag)
    return reader.drawn


_TAG = re.compile(
    r"""<(input|button|/?fieldset|/?textarea|form|dd|title|h1)(?![\w-])([^>"']*+(?:(?:"[^"]*+"|'[^']*+')[^>"']*+)*+)>"""
)
_ATTRIBUTE = re.compile(r"""([^\s=/"'>]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++)))?""")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ANY_TAG = re.compile(r"<[^<>]*>")


def _read_attributes(written: str) -> dict[str, str]:
    """Parse attributes: name → value."""
    found = {name: double or single or bare for name, double, single, bare in _ATTRIBUTE.findall(written)}
    return {name: unescape(value) for name, value in found.items()} if "&" in written else found


@lru_cache(maxsize=20_000)
def _read_field(tag: str, written: str) -> Field | None:
    """The field that a tag draws; most are the same for every robot."""
    attributes = _read_attributes(written)
    name, kind = attributes.get("name"), attributes.get("type", "text") if tag == "input" else tag
    default = "on" if kind in ("radio", "checkbox") else ""
    return Field(name, kind, attributes.get("value", default), "checked" in attributes) if name else None


class _Reader:
    def __init__(self) -> None:
        self.drawn = Drawn()
        self.forms = 0
        self.disabled = 0
        """Number of open fieldsets from the outermost disabled one; a browser posts nothing inside it."""
        self.reads = False
        """Whether the place belongs to the first form, outside disabled fieldsets."""
        self.area: re.Match[str] | None = None
        """Start tag of the current textarea."""

    def enter_fieldset(self, written: str, *, closes: bool) -> None:
        if closes:
            self.disabled = max(0, self.disabled - 1)
        elif self.disabled or ("disabled" in written and "disabled" in _read_attributes(written)):
            self.disabled += 1
        self.reads = self.forms == 1 and not self.disabled

    def begin(self, name: str, written: str, tag: re.Match[str]) -> None:
        if name == "form":
            self.begin_form(_read_attributes(written))
        elif name == "textarea":
            self.area = tag
        elif name == "dd" and "receipt" in _read_attributes(written).get("class", "").split():
            self.drawn.receipt = _read_text(tag, "</dd>")
        elif name == "title":
            self.drawn.title = _read_text(tag, "</title>")
        elif name == "h1":
            self.drawn.heading = _read_text(tag, "</h1>")

    def begin_form(self, attributes: dict[str, str]) -> None:
        self.forms += 1
        self.reads = self.forms == 1 and not self.disabled
        if self.forms == 1:
            self.drawn.action = attributes.get("action", "")
        if attributes.get("id") == "answers":
            self.drawn.slug = self.drawn.action.rpartition("/")[2] if self.drawn.action else ""

    def end_area(self, tag: re.Match[str]) -> None:
        """Add the field of the current textarea, if any. Args: tag: its end tag."""
        found = _read_field("textarea", self.area[2]) if self.area and self.reads else None
        if self.area and found:
            text = unescape(tag.string[self.area.end() : tag.start()]).removeprefix("\n")
            self.drawn.add(replace(found, value=text))
        self.area = None


def _read_text(tag: re.Match[str], ends: str) -> str:
    """Return the text from a tag to its end tag."""
    return unescape(_ANY_TAG.sub("", tag.string[tag.end() : tag.string.find(ends, tag.end())])).strip()
