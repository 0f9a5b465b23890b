"""Our own key pairs. Environments fetch the public keys; a new pair is published before it signs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pylti1p3.registration import Registration as ToolRegistration

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.storage.database import Database
from survey_engine.storage.lms import add_keys, list_signing_keys

_BITS, _PADDED = 2048, 2048
_FEWEST, MOST = 2, 3
"""Numbers of key pairs. The newest waits, the one before it signs, and messages signed by the oldest may still be under way."""


@dataclass(frozen=True, slots=True)
class ToolKeys:
    identity: Database
    contact_keys: ContactKeys

    def load(self, *, rotate: bool = False) -> list[str]:
        """Return the private keys as PEM, oldest first; make missing ones. Args: rotate: sign with the newest pair from now on."""
        stored = list_signing_keys(self.identity)
        if rotate or len(stored) < _FEWEST:
            stored = add_keys(self.identity, self._make, more=int(rotate), fewest=_FEWEST, most=MOST)
        return [self.contact_keys.decrypt(sealed) for _, sealed in stored]

    def _make(self) -> str:
        key = rsa.generate_private_key(65537, _BITS)
        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return self.contact_keys.encrypt(key.private_bytes(*form).decode(), _PADDED)

    def list_public(self) -> list[dict[str, Any]]:
        """The public keys as JSON Web Keys."""
        return [json.loads(json.dumps(ToolRegistration.get_jwk(_read_public(pem)))) for pem in self.load()]

    def sign_for(self, fill: Callable[[ToolRegistration], ToolRegistration]) -> ToolRegistration:
        """Return the result of `fill` for a registration of the library that signs with the current key."""
        pem = self.load()[-2]
        return fill(ToolRegistration().set_tool_private_key(pem).set_tool_public_key(_read_public(pem)))


def _read_public(pem: str) -> str:
    public = load_pem_private_key(pem.encode(), None).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
