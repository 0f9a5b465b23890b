"""Texts of the interface: fallbacks, and catalogues with texts that would break a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from survey_engine.language.question_types.question_type import InputError
from survey_engine.rendering.interface_texts import InterfaceTexts
from tests.language.test_interface_catalogues import FORMS, MINUTES, UKRAINIAN, write_interface

BOTH = ("About %(number)s minute", "About %(number)s minutes")


def test_every_plural_form_is_used(tmp_path: Path) -> None:
    write_interface(tmp_path, MINUTES + FORMS)
    assert [InterfaceTexts(tmp_path, "uk").translate_plural(*BOTH, number) for number in (1, 3, 8)] == [
        "~1 хвилина",
        "~3 хвилини",
        "~8 хвилин",
    ]


@pytest.mark.parametrize("number", [1, 3, 8])
def test_a_broken_text_is_in_english_and_logged(tmp_path: Path, number: int) -> None:
    write_interface(tmp_path, MINUTES + FORMS.replace('s хвилин"', 'x хвилин"') + '\nmsgid "Next"\nmsgstr "Далі"\n')
    with capture_logs() as logged:
        interface = InterfaceTexts(tmp_path, "uk")
    assert (
        interface.translate_plural(*BOTH, number) == f"About {number} minute{'s' * (number > 1)}"
        and interface.translate("Next") == "Далі"
    )
    assert {entry["event"] for entry in logged} == {"interface_text_left_out"}


@pytest.mark.parametrize("content", [b"\xff\xfe", b'msgid "Next\nmsgstr "x"\n', UKRAINIAN.replace("n%10==1", "n%0==1").encode()])
def test_an_unreadable_catalogue_does_not_prevent_the_start(tmp_path: Path, content: bytes) -> None:
    write_interface(tmp_path, "", "nl").write_bytes(content)
    assert InterfaceTexts(tmp_path, "nl").translate("Next") == "Volgende"


def test_a_text_missing_in_an_own_catalogue_is_the_shipped_one(tmp_path: Path) -> None:
    write_interface(tmp_path, 'msgid "Next"\nmsgstr "Verder"\n', "nl")
    interface = InterfaceTexts(tmp_path, "nl")
    assert (interface.translate("Next"), interface.translate("Back")) == ("Verder", "Terug")


def test_formal_address_falls_back_to_the_language_itself(tmp_path: Path) -> None:
    write_interface(tmp_path, 'msgid "Next"\nmsgstr "Gaat u verder"\n', "nl@formal")
    interface = InterfaceTexts(tmp_path, "nl@formal")
    assert (interface.translate("Next"), interface.translate("Back")) == ("Gaat u verder", "Terug")


def test_a_date_keeps_its_order_between_words_from_right_to_left(tmp_path: Path) -> None:
    """Isolates around it, which Unicode calls LRI and PDI."""
    bounds = {"earliest": "2020-01-02", "latest": "2026-03-04"}
    shown = {locale: InterfaceTexts(tmp_path, locale).describe_error(InputError("date", bounds)) for locale in ("en", "ar")}
    assert [text.count("\u20662\u20111\u20112020\u2069") for text in shown.values()] == [0, 2]


@pytest.mark.parametrize("locale", ["nl", "nl@nt2", "de", "pap", "en"])
def test_no_example_is_given_and_no_number_needs_a_plural(tmp_path: Path, locale: str) -> None:
    interface = InterfaceTexts(tmp_path, locale)
    assert interface.describe_error(InputError("number", {"low": 0, "high": 9})).count("0") == 1
    for text in ("Characters left: %(number)s", "Too many characters: %(number)s"):
        assert interface.translate(text, number=1).endswith(": 1")


@pytest.mark.parametrize("language", ["en", "nl", "nl@nt2", "de", "pap"])
@pytest.mark.parametrize("message", ["date", "year"])
def test_the_example_of_a_date_is_the_first_one(tmp_path: Path, message: str, language: str) -> None:
    """The last one is often in the future."""
    bounds = {"earliest": "2020-09-01", "latest": "2026-12-31"}
    shown = InterfaceTexts(tmp_path, language).describe_error(InputError(message, bounds))
    assert shown.rstrip(".").endswith("2020")
