"""Public keys of learning environments, cached by each process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from survey_engine.fieldwork.lms.platform_requests import PlatformError, request_json

KEEP_SECONDS, AGAIN_SECONDS = 3600, 60
"""Seconds until keys are fetched again; seconds until an unknown key or a failure may cause that earlier."""
LEAST_BITS, MAX_KEYS = 2048, 50
ALGORITHM = "RS256"
"""The algorithm that LTI 1.3 prescribes; no other one is accepted."""


class PlatformKeys:
    """The keys of each address. When an environment cannot be reached, its earlier keys remain."""

    def __init__(self, *, plain: bool = False, clock: Callable[[], float] = monotonic) -> None:
        """Args:
        plain: as in `request_json`.
        clock: monotonic seconds.
        """
        self._plain, self._clock, self._lock = plain, clock, Lock()
        self._kept: dict[str, tuple[float, Mapping[str, PyJWK]]] = {}
        """The time of the last request and the keys by key id, by address."""

    def find(self, address: str, key_id: object) -> PyJWK | None:
        """Return a key by its id; None when the environment has no such key."""
        if not isinstance(key_id, str):
            return None
        with self._lock:
            asked, keys = self._kept.get(address, (-KEEP_SECONDS, {}))
            age = self._clock() - asked
            if age > KEEP_SECONDS or (key_id not in keys and age > AGAIN_SECONDS):
                keys = self._fetch(address, keys)
                self._kept[address] = self._clock(), keys
        return keys.get(key_id)

    def _fetch(self, address: str, known: Mapping[str, PyJWK]) -> Mapping[str, PyJWK]:
        try:
            return read_key_set(request_json(address, plain=self._plain))
        except PlatformError as error:
            structlog.get_logger().warning("lms_keys_unavailable", reason=str(error))
            return known


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
