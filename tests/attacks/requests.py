"""Makes hostile requests of every kind for every route, with Hypothesis: most of them almost right, so that they come far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from urllib.parse import quote_from_bytes

from flask import Flask
from hypothesis import strategies as st

from survey_engine.web.respondent.site import Site
from tests.attacks.calls import FORM, Reply, call, find_cookies, post
from tests.attacks.hostile import WORDS
from tests.attacks.routes import METHODS, list_values
from tests.web.openapi import FIELDS

KINDS = (FORM, FORM, FORM, "application/json", "multipart/form-data; boundary=x", "text/plain; charset=utf-7", "")
HEADERS = (
    "Accept-Language",
    "Origin",
    "Host",
    "Referer",
    "HX-Request",
    "HX-Target",
    "Sec-Fetch-Site",
    "Sec-Fetch-Dest",
    "Cookie",
    "Accept-Encoding",
)
SAFE = {
    "Accept-Language": ("nl", "en;q=0.5, *", "pap-BQ"),
    "Origin": ("null", "http://localhost:8000"),
    "Host": ("localhost:8000",),
    "HX-Request": ("true",),
    "HX-History-Restore-Request": ("true",),
    "Sec-Fetch-Site": ("same-origin", "cross-site", "none"),
    "Sec-Fetch-Dest": ("iframe", "document"),
    "Accept-Encoding": ("gzip", "identity;q=0, *"),
}


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    kind: str

    @property
    def part(self) -> bool:
        """Whether the answer is loaded into a document: the server tells by the same signs."""
        return self.target.startswith("/static/") or any(name == "HX-Request" for name, _ in self.headers)

    def send(self, app: Flask) -> Reply:
        return call(app, self.method, self.target, dict(self.headers), self.body, kind=self.kind)


def encode(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")


def quote(word: str) -> str:
    """As it may stand in an address or a form."""
    return quote_from_bytes(encode(word), safe="")


def as_header(word: str) -> str:
    """A server never passes on line ends or NUL within a header."""
    return encode(word).decode("latin-1").translate({0: None, 10: None, 13: None})


hostile = st.one_of(st.sampled_from(WORDS), st.text(max_size=30), st.binary(max_size=20).map(lambda raw: raw.decode("latin-1")))


def almost(known: Sequence[str]) -> st.SearchStrategy[str]:
    """Mostly what exists, sometimes what somebody makes of it."""
    right = st.sampled_from(known)
    return st.one_of(right, right, right, right, st.tuples(right, hostile).map("".join), hostile)


class Maker:
    """Knows what exists on one site, and makes requests of it."""

    def __init__(self, app: Flask) -> None:
        site: Site = app.extensions["survey_engine"]
        self.values = list_values(app)
        self.rules = list(app.url_map.iter_rules())
        begun = [
            post(app, f"/q/{code}/{name}", {}, HX_Request="true") for code, name in (("gallery", "demo"), ("hostile", "evil"))
        ]
        self.cookies = [*map(find_cookies, begun), "; ".join(map(find_cookies, begun))]
        self.pages = [(page.action, page.ticket) for page in begun] * 3 + self._walk(app, begun[0])
        variables = [name for q in site.questionnaires.values() for name in q.variables]
        self.fields = [*(f"q.{name}" for name in variables), *(name for fields in FIELDS.values() for name in fields)]
        self.numbers = count(1)
        """What a page's writer counts its saves with: an older number would be refused before anything is read."""
        self.answers = ["1", "yes", "no", "2026-01-02", "next", "back", "keep", "nl", "pap", *self.values["code"]]

    def _walk(self, app: Flask, page: Reply) -> list[tuple[str, str]]:
        """Pages and tickets of one response, as far as it goes without answering."""
        found = []
        for _ in range(12):
            form = {"ticket": page.ticket, "wish": "next", "prompted": "1"}
            page = post(app, page.action, form, HX_Request="true")
            if page.status != 200:
                break
            found.append((page.action, page.ticket))
        return found

    def request(self) -> st.SearchStrategy[Request]:
        return st.one_of(self._plain(), self._plain(), self._page(), self._page(), self._page())

    def _plain(self) -> st.SearchStrategy[Request]:
        """Any route, any method, anything in its place."""
        return st.builds(Request, st.sampled_from(METHODS), self._target(), self._headers(), self._body(), st.sampled_from(KINDS))

    def _page(self) -> st.SearchStrategy[Request]:
        """A page of a response, with its own ticket."""

        def build(
            page: tuple[str, str], wish: str, fields: list[tuple[str, str]], headers: tuple[tuple[str, str], ...]
        ) -> Request:
            pairs = [("ticket", page[1]), ("number", str(next(self.numbers))), ("wish", wish), *fields]
            body = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs).encode()
            return Request("POST", page[0], headers, body, FORM)

        return st.builds(
            build, st.sampled_from(self.pages), almost(["next", "back", "keep", "stored"]), self._fields(), self._headers()
        )

    def _target(self) -> st.SearchStrategy[str]:
        def fill(rule: str, parts: dict[str, str], query: list[tuple[str, str]]) -> str:
            for name, value in parts.items():
                rule = rule.replace(f"<{name}>", quote(value))
            return rule + ("?" + "&".join(f"{quote(name)}={quote(value)}" for name, value in query) if query else "")

        parts = st.fixed_dictionaries({name: almost(values) for name, values in self.values.items()})
        query = st.lists(st.tuples(almost(["lang", "language", "next", "wish"]), almost(["nl", "nt2"])), max_size=3)
        return st.builds(fill, st.sampled_from([rule.rule for rule in self.rules]), parts, query)

    def _headers(self) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
        known = st.sampled_from([(name, value) for name, values in SAFE.items() for value in values])
        cookie = st.tuples(st.just("Cookie"), almost(self.cookies).map(as_header))
        strange = st.tuples(st.sampled_from(HEADERS), hostile.map(as_header))
        return st.lists(st.one_of(known, known, cookie, strange), max_size=4, unique_by=lambda pair: pair[0]).map(tuple)

    def _fields(self) -> st.SearchStrategy[list[tuple[str, str]]]:
        return st.lists(st.tuples(almost(self.fields), almost(self.answers)), max_size=8)

    def _body(self) -> st.SearchStrategy[bytes]:
        form = self._fields().map(lambda pairs: "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs).encode())
        return st.one_of(form, form, st.binary(max_size=200), hostile.map(encode), st.just(b""))
