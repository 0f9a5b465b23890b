"""A reply is compressed only where the browser takes it."""

from __future__ import annotations

import pytest

from survey_engine.rendering.assets import takes_gzip


@pytest.mark.parametrize(
    "accepted", ["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "GZIP ; Q=0.001", "*", "identity;q=0, *"]
)
def test_gzip_is_taken_where_it_is_named_or_anything_is(accepted: str) -> None:
    assert takes_gzip(accepted)


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *", "xgzip", "gzip," * 100])
def test_gzip_is_not_taken_where_it_is_refused(accepted: str) -> None:
    assert not takes_gzip(accepted)
