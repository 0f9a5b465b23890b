"""Replies with pages."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest
from flask import Flask

from survey_engine.web.respondent.page_responses import make_html_reply


@pytest.mark.parametrize("begins", [True, False])
@pytest.mark.parametrize(
    ("accepted", "coding", "unpack"),
    [("gzip, deflate, br, zstd", "br", brotli.decompress), ("gzip, deflate", "gzip", gzip.decompress), ("", None, bytes)],
)
def test_a_page_is_compressed_with_brotli_else_gzip_as_the_browser_accepts(
    accepted: str, coding: str | None, unpack: Callable[[bytes], bytes], begins: bool
) -> None:
    content = b"<p>One of many paragraphs</p>" * 50
    with Flask(__name__).test_request_context(headers={"Accept-Encoding": accepted}):
        reply = make_html_reply(content, 200, begins=begins)
    assert (reply.headers.get("Content-Encoding"), unpack(reply.data)) == (coding, content)
