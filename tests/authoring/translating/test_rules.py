"""What a translation that comes in must keep of its source."""

from __future__ import annotations

import pytest

from survey_engine.authoring.translating.catalogues import find_message, list_forms, open_catalogue
from survey_engine.authoring.translating.domains import Sources
from survey_engine.authoring.translating.rules import TRANSLATION_RULES, list_wording_problems
from survey_engine.settings import ROOT

TEXT = "How was your *week* at {institution}? See [our site](https://example.org)."
NUMBERED = "Maximum number of characters: %(limit)s."
FAULTY = [
    (TEXT, TEXT.replace("{institution}", "school"), True, "the placeholder {institution} is lost"),
    (TEXT, TEXT.replace("{institution}", "{instelling}"), True, "{institution} is lost and the placeholder {instelling} is new"),
    (TEXT, TEXT.replace("{institution}", "{Institution}"), True, "{Institution} is new"),
    ("Good", "{good}", True, "the placeholder {good} is new"),
    (TEXT, TEXT.replace("*", ""), True, "emphasis occurs 0 times, in the source 1 times"),
    (TEXT, TEXT.replace("How was", "*How* was"), True, "emphasis occurs 2 times"),
    (TEXT, TEXT.replace("https://example.org", "https://example.com"), True, "link to https://example.com occurs 1 times"),
    (TEXT, TEXT.replace("[our site](https://example.org)", "our site"), True, "link to https://example.org occurs 0 times"),
    ("Good", "<b>Good</b>", True, "it contains HTML, which the page shows literally: “<b>”"),
    ("Good", "`Good`", False, "it contains code"),
    ("Good", "Go\ned", True, "it has more than one line"),
    ("Good", "x" * 43, True, "it has 43 characters, its source 4"),
    ("Good", "Go\x07ed", True, "the character U+0007 cannot be shown"),
    ("Good", "Go\u2028ed", True, "the character U+2028 cannot be shown"),
    *(("Good", wording, True, "it has no visible character") for wording in ("\u200b", "\xa0\u2060")),
    *(("Good", wording, True, f"“{wording}” is no translation") for wording in ("#NAAM?", "#REF!", "#N/A", "???", "TODO", "-")),
    (NUMBERED, "Hoogstens 100 tekens.", False, "the placeholder %(limit)s is lost"),
    (NUMBERED, "Hoogstens %(limiet)s tekens.", False, "the placeholder %(limiet)s is new"),
    (NUMBERED, "Hoogstens %(limit)s tekens, 100 %.", False, "a per cent sign is not escaped"),
]
SOUND = [
    (TEXT, TEXT, True),
    (TEXT, "[Onze site](https://example.org): hoe was je *week* bij {institution}?", True),
    ("Good", "Heel erg ontzettend goed, vind ik", True),
    ("-", "-", True),
    ("How?", "Hoe?", True),
    ("100 % sure", "Voor 100 % zeker", True),
    ("One\n\nTwo", "Een\n\nTwee\n\nDrie", True),
    (NUMBERED, "Hoogstens %(limit)s tekens, 100 %%.", False),
    ("Next *", "Volgende", False),
]


@pytest.mark.parametrize(("source", "wording", "has_codes", "wrong"), FAULTY)
def test_a_faulty_wording_is_refused_with_a_remedy(source: str, wording: str, has_codes: bool, wrong: str) -> None:
    faults = list_wording_problems(source, wording, has_codes)
    assert any(wrong in found for found, _ in faults), faults
    assert all(remedy.endswith(".") for _, remedy in faults)


@pytest.mark.parametrize(("source", "wording", "has_codes"), SOUND)
def test_a_sound_wording_is_taken(source: str, wording: str, has_codes: bool) -> None:
    assert not list_wording_problems(source, wording, has_codes)


def test_every_rule_finds_something_in_the_table() -> None:
    for rule in TRANSLATION_RULES:
        assert any(list(rule(source, wording, has_codes)) for source, wording, has_codes, _ in FAULTY), rule


def test_nothing_that_ships_would_be_refused() -> None:
    folders = sorted(path.parent for path in (ROOT / "questionnaires").glob("*/questionnaire.yaml"))
    sources = Sources(folders, ROOT / "translations", ROOT)
    for domain in map(sources.describe, sources.codes):
        for variant in domain.variants:
            catalogue = open_catalogue(ROOT / "translations", domain, variant)
            for message in domain.messages:
                found = find_message(catalogue, domain, message)
                if found and not found.fuzzy:
                    for wording in filter(None, list_forms(found)):
                        faults = list_wording_problems(message.plural or message.source, wording, domain.has_codes)
                        assert not faults, (domain.code, variant.code, message.code, faults)


@pytest.mark.parametrize(("wording", "advised"), [("W {school_loc}?", True), ("W {instelling}?", False)])
def test_a_case_of_a_term_is_to_be_asked_of_the_author(wording: str, advised: bool) -> None:
    ((_, remedy),) = list_wording_problems("At {school}?", wording, has_codes=True)

    assert ("ask the author" in remedy) is advised
