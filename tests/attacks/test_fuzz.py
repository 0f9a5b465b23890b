"""Thousands of requests that nobody should send: none ends in a fault of ours, tells of our insides, or lacks a header.

SURVEY_FUZZ says how many; `make attack` sends 100,000.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from time import process_time

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from survey_engine.web.respondent.rate_limits import RateLimiter
from tests.attacks.judge import check_reply
from tests.attacks.requests import Maker, Request
from tests.web.openapi import list_statuses

REQUESTS = int(os.environ.get("SURVEY_FUZZ", "1500"))
AT_ONCE = 20
"""Requests in one example: what comes later meets what came before."""
ROUND = min(REQUESTS, 5_000)
"""Requests after which Hypothesis begins anew: it remembers all that it made, 24 kB for each."""


@pytest.mark.slow
def test_no_request_ends_in_a_fault_or_tells_of_our_insides(app: Flask) -> None:
    maker, seen = Maker(app), Counter[str]()
    allowed = set(list_statuses())

    @settings(
        max_examples=max(1, ROUND // AT_ONCE),
        deadline=None,
        database=None,
        derandomize=REQUESTS <= 1500,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(maker.request(), min_size=AT_ONCE, max_size=AT_ONCE))
    def send_all(requests: list[Request]) -> None:
        app.extensions["survey_engine"].limits = RateLimiter()  # so that requests come further than a page that says: wait
        for request in requests:
            reply = request.send(app)
            check_reply(reply, part=request.part)
            assert str(reply.status) in allowed, reply.status
            seen[str(reply.status)] += 1

    for _ in range(0, REQUESTS, ROUND):
        send_all()
        told = ", ".join(f"{count:,} × {status}" for status, count in sorted(seen.items()))
        sys.stdout.write(f"\n{seen.total():,} of {REQUESTS:,} requests, {process_time():.0f} s of CPU: {told}\n")
        sys.stdout.flush()
    assert seen.total() >= REQUESTS * 0.9
    assert {"200", "204", "303", "404", "405", "422"} <= set(seen)  # it came far, and everywhere
