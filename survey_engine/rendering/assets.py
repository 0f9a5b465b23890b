"""Static files, read once, joined and compressed. Their addresses contain a digest, so that browsers can cache them for ever."""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import brotli
from flask import Blueprint, Response, abort, request

from survey_engine.model.questionnaire import Institution

_BUNDLES = {
    "style.css": ("text/css; charset=utf-8", ("style.css",)),
    "script.js": ("text/javascript; charset=utf-8", ("htmx.min.js", "page.js")),
    "answers.js": ("text/javascript; charset=utf-8", ("answers.js",)),
    "fields.js": ("text/javascript; charset=utf-8", ("fields.js",)),
    "follow.js": ("text/javascript; charset=utf-8", ("follow.js",)),
    "frame.js": ("text/javascript; charset=utf-8", ("frame.js",)),
    "lti.js": ("text/javascript; charset=utf-8", ("lti.js",)),
    "class.css": ("text/css; charset=utf-8", ("class.css",)),
    "class.js": ("text/javascript; charset=utf-8", ("class.js",)),
}
"""Served file → its type and source files. The first script loads the others from its own folder, with the same digest."""
_COMMENT_LINE = re.compile(rb"^ *//.*\n", re.MULTILINE)
"""Comments of scripts, which are removed: they are 2 % of the bytes of a first visit."""
FOR_EVER = "public, max-age=31536000, immutable"
_LONGEST_ACCEPT = 200


@dataclass(frozen=True, slots=True)
class Asset:
    kind: str
    content: bytes
    packed: Mapping[str, bytes]
    """HTTP content coding → encoded content, smallest first."""


class Assets:
    """The site's static files; `url(name)` changes with the content."""

    def __init__(self, folder: Path) -> None:
        self._files = {name: _join(folder, kind, parts) for name, (kind, parts) in _BUNDLES.items()}
        self._digest = sha256(b"".join(file.content for file in self._files.values())).hexdigest()[:10]

    def url(self, name: str) -> str:
        return f"/static/{self._digest}/{name}"

    def find(self, digest: str, name: str) -> Asset | None:
        return self._files.get(name) if digest == self._digest else None


def _join(folder: Path, kind: str, parts: tuple[str, ...]) -> Asset:
    content = b"\n".join((folder / part).read_bytes() for part in parts)
    content = _COMMENT_LINE.sub(b"", content)
    return Asset(kind, content, _compress(content))


@lru_cache
def _compress(content: bytes) -> Mapping[str, bytes]:
    """Compress with Brotli, a tenth smaller than gzip, for browsers over HTTPS, and with gzip for other clients."""
    return {"br": brotli.compress(content), "gzip": gzip.compress(content, mtime=0)}


def hash_style(style: str) -> str:
    """Return the source expression of a Content-Security-Policy that allows exactly this inline style."""
    return f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"


def style_of(institution: Institution) -> str:
    """Return an institution's colours as a style sheet. The Content-Security-Policy contains its hash."""
    return f":root{{--brand:{institution.theme.colour};--brand-dark:{institution.theme.dark_colour}}}"


def make_policy(institution: Institution | None, also: str = "") -> str:
    """Return the Content-Security-Policy of a page: only files of this site, and frames only on sites that the institution names.

    Args: also: another site that may show the page in a frame.
    """
    style = f" {hash_style(style_of(institution))}" if institution else ""
    frames = " ".join(filter(None, (*institution.embed, also))) if institution else ""
    frames = frames or "'none'"
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'{style}; img-src 'self' data:; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {frames}"
    )


@lru_cache(maxsize=256)
def takes(coding: str, accepted: str) -> bool:
    """Return whether an Accept-Encoding header allows a coding (RFC 9110, section 12.5.3).

    A header longer than any browser sends allows no coding.
    """
    qualities = {}
    for part in accepted.lower().split(",") if len(accepted) <= _LONGEST_ACCEPT else ():
        name, _, quality = part.replace(" ", "").partition(";q=")
        qualities[name] = not quality or quality.strip("0.") != ""
    return qualities.get(coding, qualities.get("*", False))


def make_blueprint(assets: Assets) -> Blueprint:
    blueprint = Blueprint("assets", __name__)

    @blueprint.get("/static/<digest>/<name>")
    def serve(digest: str, name: str) -> Response:
        asset = assets.find(digest, name) or abort(404)
        accepted = request.headers.get("Accept-Encoding", "")
        coding = next((coding for coding in asset.packed if takes(coding, accepted)), "")
        response = Response(asset.packed.get(coding, asset.content), content_type=asset.kind)
        response.headers["Cache-Control"] = FOR_EVER
        response.headers["Vary"] = "Accept-Encoding"
        if coding:
            response.headers["Content-Encoding"] = coding
        return response

    return blueprint
