"""What is to be translated, and into which variants."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.authoring.translating.domains import BrokenSourceError, Sources
from tests.authoring.translating.small import MAIN, make_small
from tests.writing import HEAD, write


def test_texts_come_in_reading_order_with_their_page_type_and_place(tmp_path: Path) -> None:
    domain = make_small(tmp_path).domain
    assert [m.code for m in domain.messages] == ["title", "section.main", "week", "week.help", "mood", "mood.good", "mood.bad"]
    found = [(m.context.page, m.context.kind) for m in domain.messages]
    assert found == [
        ("start page", "title"),
        ("first", "section title"),
        ("first", "open"),
        ("first", "open: help"),
        ("second", "choice"),
        ("second", "choice: option"),
        ("second", "choice: option"),
    ]
    assert str(domain.by_code["week"].places[0]) == "q/x/1.yaml:7"


def test_places_are_the_same_whatever_folder_a_command_is_called_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for here in (tmp_path, tmp_path / "q", tmp_path / "q" / "x"):
        here.mkdir(parents=True, exist_ok=True)
        monkeypatch.chdir(here)
        assert make_small(tmp_path).domain.by_code["week"].places[0].file == "q/x/1.yaml"


def test_the_source_language_is_no_variant(tmp_path: Path) -> None:
    assert [variant.code for variant in make_small(tmp_path).domain.variants] == ["nl", "nt2"]


def test_a_text_is_for_the_variants_that_show_it(tmp_path: Path) -> None:
    domain = make_small(tmp_path).domain
    assert "nt2" in domain.by_code["week"].languages
    assert "nt2" not in domain.by_code["mood"].languages


def test_a_text_in_place_is_in_the_catalogues_of_the_languages_it_lacks(tmp_path: Path) -> None:
    in_place = "\n    title: {en: First, nl: Eerste}\n    questions:"
    small = make_small(tmp_path, main=MAIN.replace("\n    questions:", in_place))
    first = small.domain.by_code["page.first"]
    assert first.source == "First" and first.languages == {"nt2"}


def test_a_broken_questionnaire_is_not_translated(tmp_path: Path) -> None:
    with pytest.raises(BrokenSourceError, match=r"unknown-key.*\n.*survey-engine check"):
        make_small(tmp_path, main=MAIN + "      - open: other\n        text: Anything?\n        tekst: X\n")


def test_a_questionnaire_that_lacks_only_translations_can_be_translated(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"week": None, "mood": ("Older", "Ouder"), "mood.bad": ("Bad", "{name}"), "gone": ("A", "B")})
    assert len(small.domain.messages) == 7


def test_the_interface_is_translated_into_every_locale_but_its_own(tmp_path: Path) -> None:
    write(tmp_path, {"questionnaire.yaml": HEAD.replace("en: {name: English}", "en: {name: English}, fr: {name: Français}")})
    interface = Sources([tmp_path / "q" / "x"], tmp_path / "translations", Path()).describe("interface")
    assert [variant.locale for variant in interface.variants] == ["nl", "de", "pap", "fr"]


def test_a_broken_questionnaire_does_not_stop_translating_the_others(tmp_path: Path) -> None:
    make_small(tmp_path)
    write(tmp_path / "broken", {"questionnaire.yaml": "questionnaire: broken\n"})
    folders = [tmp_path / "broken" / "q" / "x", tmp_path / "q" / "x"]
    sources = Sources(folders, tmp_path / "translations", tmp_path)
    assert sources.describe("example").messages and "example" in sources.codes
    with pytest.raises(BrokenSourceError):
        sources.describe(next(code for code in sources.codes if code not in ("example", "interface")))


def test_a_command_finds_the_messages_of_a_domain_once(tmp_path: Path) -> None:
    write(tmp_path, {"questionnaire.yaml": HEAD, "1.yaml": MAIN})
    sources = Sources([tmp_path / "q" / "x"], tmp_path / "translations", tmp_path)
    assert all(sources.describe(code) is sources.describe(code) for code in sources.codes)
