"""Encryption of what leads to a person: background of seats, addresses that wait. The keys are in no database."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

PURPOSE = b"contact"


class LostContactKeyError(Exception):
    """None of the keys decrypts what is stored; the message ends with the remedy."""

    def __init__(self) -> None:
        super().__init__("No key in SURVEY_CONTACT_KEYS decrypts what is stored. Add the key that it was stored with.")


class ContactKeys:
    """Encrypts with the first key and decrypts with all of them (Fernet: AES-128-CBC and HMAC-SHA256).

    A token tells neither when it was made, which Fernet would write into it in clear, nor how long its text is.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """Args: keys: secrets of any form, each of at least 32 characters."""
        fernets = [Fernet(base64.urlsafe_b64encode(hmac.digest(key.encode(), PURPOSE, "sha256"))) for key in keys]
        self._newest, self._all = fernets[0], MultiFernet(fernets)

    def encrypt(self, text: str, size: int) -> str:
        """Args: size: in bytes; the text is filled up with spaces to a multiple of it."""
        data = text.encode()
        return self._newest.encrypt_at_time(data.ljust(-(-len(data) // size) * size), 0).decode()

    def decrypt(self, token: str) -> str:
        """The text, without spaces at its end.

        Raises:
            LostContactKeyError: when it was stored with another key, or changed.
        """
        try:
            return self._all.decrypt(token).decode().rstrip(" ")
        except InvalidToken:
            raise LostContactKeyError from None

    def renew(self, token: str) -> str:
        """The token as the first key makes it; the same where it did so already.

        Raises:
            LostContactKeyError: when it was stored with another key, or changed.
        """
        try:
            self._newest.decrypt(token)
        except InvalidToken:
            try:
                return self._all.rotate(token).decode()
            except InvalidToken:
                raise LostContactKeyError from None
        return token
