"""Public keys of learning environments, cached by each process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from math import inf
from threading import BoundedSemaphore, Event, Lock, Thread
from time import monotonic
from typing import Any, NamedTuple

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from survey_engine.fieldwork.lms.platform_requests import PlatformError, request_json

KEEP_SECONDS, AGAIN_SECONDS = 3600, 60
"""Seconds until keys are fetched again; seconds until an unknown key or a failure may cause that earlier."""
WAIT_SECONDS, MOST_WAITING = 3, 2
"""Seconds that a launch waits for keys; number of launches that wait at once in a process, so that others save meanwhile."""
MOST_FETCHES = 32
LEAST_BITS, MAX_KEYS = 2048, 50
ALGORITHM = "RS256"
"""The algorithm that LTI 1.3 prescribes; no other one is accepted."""


class KeptKeys(NamedTuple):
    """The keys of an address after the last request."""

    asked: float = -inf
    """The time of the request."""
    keys: Mapping[str, PyJWK] = {}
    """Keys by key id; after a failure those of an earlier request."""
    failed: bool = False


class PlatformKeys:
    """The keys of each address, fetched by threads of their own. When an environment does not reply, its earlier keys remain."""

    def __init__(self, *, plain: bool = False, clock: Callable[[], float] = monotonic) -> None:
        """Args:
        plain: as in `request_json`.
        clock: monotonic seconds.
        """
        self._plain, self._clock, self._lock = plain, clock, Lock()
        self._kept: dict[str, KeptKeys] = {}
        self._fetches: dict[str, Event] = {}
        """What is being fetched → set when that has ended."""
        self._waiting = BoundedSemaphore(MOST_WAITING)

    def prepare(self, address: str) -> None:
        """Begin to fetch keys that are missing or old, before a launch needs them."""
        with suppress(PlatformError):
            self._begin(address)

    def find(self, address: str, key_id: object) -> PyJWK | None:
        """Return a key by its id; None when the environment has no such key.

        Raises:
            PlatformError: it does not reply, or too many launches wait for it.
        """
        if not isinstance(key_id, str):
            return None
        key = self._read(address).keys.get(key_id)
        fetch = self._begin(address, urgent=key is None)
        if key is None and fetch:
            self._wait(fetch)
            key = self._read(address).keys.get(key_id)
        if key is None and self._read(address).failed:
            raise PlatformError("The host does not reply")
        return key

    def _read(self, address: str) -> KeptKeys:
        return self._kept.get(address, KeptKeys())

    def _begin(self, address: str, *, urgent: bool = False) -> Event | None:
        """Return the fetch of an address that is under way or now begins; None while the kept keys must do.

        Args: urgent: a key is unknown.
        """
        with self._lock:
            if address not in self._fetches:
                kept = self._read(address)
                if self._clock() - kept.asked <= (AGAIN_SECONDS if urgent or kept.failed else KEEP_SECONDS):
                    return None
                if len(self._fetches) >= MOST_FETCHES:
                    raise PlatformError("Too many hosts do not reply")
                self._fetches[address] = Event()
                Thread(target=self._fetch, args=(address,), daemon=True).start()
            return self._fetches[address]

    def _fetch(self, address: str) -> None:
        found = self._read(address)._replace(failed=True)
        try:
            found = KeptKeys(keys=read_key_set(request_json(address, plain=self._plain)))
        except PlatformError as error:
            structlog.get_logger().warning("lms_keys_unavailable", reason=str(error))
        finally:
            with self._lock:
                self._kept[address] = found._replace(asked=self._clock())
                self._fetches.pop(address).set()

    def _wait(self, fetch: Event) -> None:
        if not self._waiting.acquire(blocking=False):
            raise PlatformError("Too many launches wait for keys")
        try:
            if not fetch.wait(WAIT_SECONDS):
                raise PlatformError("The host does not reply")
        finally:
            self._waiting.release()


def read_key_set(key_set: Any) -> dict[str, PyJWK]:
    """Return the RSA keys of a JSON Web Key Set by their ids; keys of other kinds are left out.

    Raises:
        PlatformError: this is no key set.
    """
    listed = key_set.get("keys") if isinstance(key_set, dict) else None
    if not isinstance(listed, list):
        raise PlatformError("The host gave no key set")
    keys = dict[str, PyJWK]()
    for one in listed[:MAX_KEYS]:
        if not isinstance(one, dict) or one.get("kty") != "RSA" or one.get("use", "sig") != "sig" or "d" in one:
            continue
        try:
            key = PyJWK(one, ALGORITHM)
        except (PyJWTError, ValueError, TypeError):
            continue
        if isinstance(key.key, RSAPublicKey) and key.key.key_size >= LEAST_BITS and isinstance(key.key_id, str):
            keys.setdefault(key.key_id, key)
    return keys
