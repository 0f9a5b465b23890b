"""Keys of learning environments: when they are fetched, and how long launches wait for them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from survey_engine.fieldwork.lms import platform_keys, platform_requests
from survey_engine.fieldwork.lms.platform_keys import MOST_WAITING, PlatformKeys
from survey_engine.fieldwork.lms.platform_requests import PlatformError, request_json
from tests.learning_environment import Environment, serve


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Host:
    """A host with the keys of an environment; `status` is that of its replies."""

    def __init__(self, address: str) -> None:
        self.environment, self.status, self.asked = Environment(address), 200, 0

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        self.asked += 1
        return self.status, json.dumps(self.environment.key_set()).encode()


@pytest.fixture
def host() -> Iterator[Host]:
    found = Host("")
    with serve(found.answer) as address:
        found.environment.keys_url = address
        yield found


@pytest.fixture
def silent() -> Iterator[str]:
    """A host that accepts connections and never replies."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> PlatformKeys:
    monkeypatch.setattr(platform_keys, "WAIT_SECONDS", 0.5)
    return PlatformKeys(plain=True, clock=clock)


def test_an_unknown_key_is_asked_for_again_only_after_a_pause(host: Host, keys: PlatformKeys, clock: Clock) -> None:
    address = host.environment.keys_url
    assert keys.find(address, "first") and keys.find(address, "second") is None
    host.environment.key_id = "second"
    assert keys.find(address, "second") is None and host.asked == 1
    clock.now = 61
    assert keys.find(address, "second") and host.asked == 2


def test_keys_remain_while_the_environment_fails(host: Host, keys: PlatformKeys, clock: Clock) -> None:
    address = host.environment.keys_url
    assert keys.find(address, "first")
    host.status = 500
    clock.now = 3601
    assert keys.find(address, "first")
    with pytest.raises(PlatformError):
        keys.find(address, "second")
    assert keys.find(address, "first")


def test_a_key_that_is_no_longer_published_is_known_for_an_hour(host: Host, keys: PlatformKeys, clock: Clock) -> None:
    address = host.environment.keys_url
    assert keys.find(address, "first")
    host.environment.key_id, clock.now = "second", 3600
    assert keys.find(address, "first")
    clock.now = 3601
    assert keys.find(address, "second") and keys.find(address, "first") is None


def test_a_login_fetches_keys_before_a_launch_needs_them(host: Host, keys: PlatformKeys) -> None:
    keys.prepare(host.environment.keys_url)
    assert keys.find(host.environment.keys_url, "first") and host.asked == 1


def test_few_launches_wait_for_silent_hosts_and_others_do_not(host: Host, keys: PlatformKeys, silent: str) -> None:
    waits = Event()

    def ask(number: int) -> bool:
        try:
            keys.find(f"{silent}/{number}", "first")
        except PlatformError as error:
            if "Too many" in str(error):
                waits.set()
                return True
        return False

    with ThreadPoolExecutor(12) as threads:
        asked = [threads.submit(ask, number) for number in range(12)]
        assert waits.wait(10), "a launch waits although others do"
        refused_at_once = sum(one.result() for one in asked)
    assert refused_at_once >= 12 - 2 * MOST_WAITING
    assert keys.find(host.environment.keys_url, "first"), "an environment that replies is not affected"
    with pytest.raises(PlatformError):
        keys.find(f"{silent}/0", "first")


def test_a_silent_name_server_has_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    never = Event()
    monkeypatch.setattr(platform_requests.socket, "getaddrinfo", lambda *_, **__: never.wait())
    try:
        with pytest.raises(PlatformError, match="in time"):
            request_json("https://lms.example.org/keys", seconds=0.2)
    finally:
        never.set()
