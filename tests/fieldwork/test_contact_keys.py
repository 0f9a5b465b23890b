"""Encryption of personal data: tokens without time and length, key rotation."""

from __future__ import annotations

import base64

import pytest

from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError

OLD, NEW = "o" * 32, "n" * 32


@pytest.mark.parametrize("text", ["", "a@b.example", "Zoë & co", "x" * 70])
def test_what_was_encrypted_is_read_again(text):
    keys = ContactKeys([NEW])
    assert keys.decrypt(keys.encrypt(text, 64)) == text


def test_a_token_reveals_neither_its_time_nor_the_length_of_its_text():
    keys = ContactKeys([NEW])
    tokens = [keys.encrypt(text, 64) for text in ("a", "a", "é" * 32)]

    assert len({len(token) for token in tokens}) == 1 and len(set(tokens)) == 3
    assert {base64.urlsafe_b64decode(token)[1:9] for token in tokens} == {bytes(8)}


def test_a_new_first_key_reads_and_renews_tokens_of_the_old_one():
    token = ContactKeys([OLD]).encrypt("a", 64)
    both = ContactKeys([NEW, OLD])
    renewed = both.renew(token)

    assert both.decrypt(token) == ContactKeys([NEW]).decrypt(renewed) == "a"
    assert both.renew(renewed) == renewed
    assert base64.urlsafe_b64decode(renewed)[1:9] == bytes(8)


@pytest.mark.parametrize("what", ["decrypt", "renew"])
def test_without_the_key_the_error_has_only_the_remedy(what):
    token = ContactKeys([OLD]).encrypt("a@b.example", 64)
    with pytest.raises(LostContactKeyError, match="SURVEY_CONTACT_KEYS") as told:
        getattr(ContactKeys([NEW]), what)(token)
    assert token not in str(told.value) and told.value.__cause__ is None
