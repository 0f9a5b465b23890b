"""Static files are compressed as the browser accepts, and equal for all respondents."""

from __future__ import annotations

import gzip

import brotli
import pytest
from flask import Flask

from survey_engine.rendering.assets import Assets, make_blueprint, takes
from survey_engine.settings import ROOT


@pytest.mark.parametrize(
    "accepted", ["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "GZIP ; Q=0.001", "*", "identity;q=0, *"]
)
def test_a_coding_is_accepted_by_name_or_wildcard(accepted: str) -> None:
    assert takes("gzip", accepted)


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *", "xgzip", "gzip," * 100])
def test_a_refused_coding_is_not_used(accepted: str) -> None:
    assert not takes("gzip", accepted)


@pytest.mark.parametrize("name", ["script.js", "answers.js", "fields.js", "follow.js", "frame.js", "style.css"])
def test_a_file_is_the_same_in_every_coding_and_smallest_in_brotli(name: str) -> None:
    app, assets = Flask(__name__), Assets(ROOT / "static")
    app.register_blueprint(make_blueprint(assets))
    read = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
    replies = {
        coding: app.test_client().get(assets.url(name), headers={"Accept-Encoding": accepted})
        for coding, accepted in {"": "identity", "gzip": "gzip, deflate", "br": "gzip, deflate, br, zstd"}.items()
    }

    assert {coding: reply.headers.get("Content-Encoding", "") for coding, reply in replies.items()} == {c: c for c in read}
    assert len({read[coding](reply.data) for coding, reply in replies.items()}) == 1
    assert len(replies["br"].data) < len(replies["gzip"].data) < len(replies[""].data)


def test_scripts_are_served_without_comment_lines() -> None:
    app, assets = Flask(__name__), Assets(ROOT / "static")
    app.register_blueprint(make_blueprint(assets))
    served = app.test_client().get(assets.url("script.js")).text
    assert [line for line in served.splitlines() if line.lstrip().startswith("//")] == []
    assert served.endswith((ROOT / "static" / "page.js").read_text()[-200:])
