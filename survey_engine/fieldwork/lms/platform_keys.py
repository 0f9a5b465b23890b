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

_KEEP_SECONDS, _AGAIN_SECONDS = 3600, 60
"""Seconds until keys are fetched again; the same after an unknown key or a failure."""
WAIT_SECONDS, MOST_WAITING = 3, 2
"""Seconds that a launch waits for keys; largest number of waiting launches in a process, so that threads remain for saves."""
_MOST_FETCHES = 32
_LEAST_BITS, MAX_KEYS = 2048, 50
ALGORITHM = "RS256"
"""The algorithm that LTI 1.3 prescribes; no other one is accepted."""


class CachedKeys(NamedTuple):
    """Cached keys of an address after the last request."""

    asked: float = -inf
    """The time of the request."""
    keys: Mapping[str, PyJWK] = {}
    """Key id → key; after a failure, the keys of an earlier request."""
    failed: bool = False


class PlatformKeys:
    """Cache of keys by address. Threads of their own fetch the keys; when an environment does not reply, its earlier keys remain."""

    def __init__(self, *, plain: bool = False, clock: Callable[[], float] = monotonic) -> None:
        """Args:
        plain: as in `request_json`.
        clock: monotonic seconds.
        """
        self._plain, self._clock, self._lock = plain, clock, Lock()
        self._cached: dict[str, CachedKeys] = {}
        self._fetches: dict[str, Event] = {}
        """Address that is being fetched → event, set at the end of the fetch."""
        self._waiting = BoundedSemaphore(MOST_WAITING)

    def prepare(self, address: str) -> None:
        """Begin to fetch keys that are missing or old, before a launch needs them."""
        with suppress(PlatformError):
            self._begin(address)

    def find(self, address: str, key_id: object) -> PyJWK | None:
        """Return a key by its id; None when the environment has no such key.

        Raises:
            PlatformError: the environment does not reply, or too many launches wait for keys.
        """
        if not isinstance(key_id, str):
            return None
        is_known = key_id in self._read(address).keys
        if (fetch := self._begin(address, urgent=not is_known)) and not is_known:
            self._wait(fetch)
        cached = self._read(address)  # also without a wait: a fetch may have ended since the first look
        if key_id not in cached.keys and cached.failed:
            raise PlatformError("The host does not reply")
        return cached.keys.get(key_id)

    def _read(self, address: str) -> CachedKeys:
        return self._cached.get(address, CachedKeys())

    def _begin(self, address: str, *, urgent: bool = False) -> Event | None:
        """Return the running or new fetch of an address; None when the cached keys are recent.

        Args: urgent: a launch names an unknown key: only keys of the last `_AGAIN_SECONDS` are recent.
        """
        with self._lock:
            if address not in self._fetches:
                cached = self._read(address)
                if self._clock() - cached.asked <= (_AGAIN_SECONDS if urgent or cached.failed else _KEEP_SECONDS):
                    return None
                if len(self._fetches) >= _MOST_FETCHES:
                    raise PlatformError("Too many hosts do not reply")
                self._fetches[address] = Event()
                Thread(target=self._fetch, args=(address,), daemon=True).start()
            return self._fetches[address]

    def _fetch(self, address: str) -> None:
        found = self._read(address)._replace(failed=True)
        try:
            found = CachedKeys(keys=read_key_set(request_json(address, plain=self._plain)))
        except PlatformError as error:
            structlog.get_logger().warning("lms_keys_unavailable", reason=str(error))
        finally:
            with self._lock:
                self._cached[address] = found._replace(asked=self._clock())
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
        PlatformError: `key_set` is not a key set.
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
        if isinstance(key.key, RSAPublicKey) and key.key.key_size >= _LEAST_BITS and isinstance(key.key_id, str):
            keys.setdefault(key.key_id, key)
    return keys
