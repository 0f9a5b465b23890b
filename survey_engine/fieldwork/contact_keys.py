"""Encrypts personal data: background of seats, waiting panel addresses. The keys are in the settings, not in a database."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_PURPOSE = b"contact"


class LostContactKeyError(Exception):
    """No key decrypts a stored token. The message ends with the remedy."""

    def __init__(self) -> None:
        super().__init__("No key in SURVEY_CONTACT_KEYS decrypts the stored data. Add the key that encrypted it.")


class ContactKeys:
    """Encrypts with the first key and decrypts with all keys (Fernet: AES-128-CBC and HMAC-SHA256).

    Fernet stores the time in clear: tokens have the time 0. Padding hides the length of the text.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """Args: keys: secrets of any form, each of at least 32 characters."""
        fernets = [Fernet(base64.urlsafe_b64encode(hmac.digest(key.encode(), _PURPOSE, "sha256"))) for key in keys]
        self._newest, self._all = fernets[0], MultiFernet(fernets)

    def encrypt(self, text: str, size: int) -> str:
        """Return a token. Args: size: in bytes; the text is padded with spaces to a multiple of this size."""
        data = text.encode()
        return self._newest.encrypt_at_time(data.ljust(-(-len(data) // size) * size), 0).decode()

    def decrypt(self, token: str) -> str:
        """Return the text without trailing spaces.

        Raises:
            LostContactKeyError: when the token was encrypted with an unknown key, or is damaged.
        """
        try:
            return self._all.decrypt(token).decode().rstrip(" ")
        except InvalidToken:
            raise LostContactKeyError from None

    def renew(self, token: str) -> str:
        """Return a token of the same text, encrypted with the first key. A token of the first key is returned unchanged.

        Raises:
            LostContactKeyError: when the token was encrypted with an unknown key, or is damaged.
        """
        try:
            self._newest.decrypt(token)
        except InvalidToken:
            try:
                return self._all.rotate(token).decode()
            except InvalidToken:
                raise LostContactKeyError from None
        return token
