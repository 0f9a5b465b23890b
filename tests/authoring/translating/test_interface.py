"""The interface's messages: found wherever they are said, and complete in every shipped catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from jinja2 import Environment, nodes

from survey_engine.authoring.translating.catalogues import (
    find_catalogue_path,
    find_message,
    find_state,
    list_forms,
    load_catalogue,
)
from survey_engine.authoring.translating.domains import Domain
from survey_engine.authoring.translating.interface import list_messages
from survey_engine.authoring.translating.rules import list_wording_problems
from survey_engine.settings import ROOT
from tests.authoring.translating.shipped import CATALOGUES, describe_shipped

EACH_LOCALE = pytest.mark.parametrize("locale", [locale for code, locale in CATALOGUES if code == "interface"])


def find_shipped(locale: str) -> tuple[Domain, Path, Catalog]:
    """Return the interface, and the path and content of its catalogue."""
    domain, variant = describe_shipped()["interface", locale]
    path = find_catalogue_path(ROOT / "translations", domain, variant)
    return domain, path, load_catalogue(path, domain, variant)


def find_all(root: Path) -> list[str]:
    return [message.source for message in list_messages(root)]


def write_file(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_every_language_of_interface_and_questionnaires_has_a_catalogue() -> None:
    assert {locale for code, locale in describe_shipped() if code == "interface"} >= {"nl", "de", "pap", "nl@nt2"}


@EACH_LOCALE
def test_no_message_is_missing_or_stale_in_a_shipped_catalogue(locale: str) -> None:
    interface, _, catalogue = find_shipped(locale)
    states = {message.source: find_state(find_message(catalogue, interface, message)) for message in interface.messages}
    assert not {source: state for source, state in states.items() if state != "done"}, "run `make translations`, then translate"


@EACH_LOCALE
def test_every_shipped_translation_has_its_placeholders_and_plurals(locale: str) -> None:
    interface, _, catalogue = find_shipped(locale)
    for message in interface.messages:
        found = find_message(catalogue, interface, message)
        if found:
            forms = list_forms(found)
            assert len(forms) == (catalogue.num_plurals if message.plural else 1)
            for wording in forms:
                assert not list_wording_problems(message.plural or message.source, wording, has_codes=False), wording


@EACH_LOCALE
def test_shipped_catalogues_hold_no_names_of_people_and_no_dates(locale: str) -> None:
    _, path, _ = find_shipped(locale)
    assert not re.search(r"Last-Translator|Language-Team|-Date:", path.read_text())


def test_papiamentu_says_that_it_is_a_draft() -> None:
    _, _, papiamentu = find_shipped("pap")
    assert "Draft: needs review by a native speaker." in papiamentu.header_comment


def test_sentences_in_simple_dutch_have_at_most_ten_words() -> None:
    _, _, simple = find_shipped("nl@nt2")
    for message in simple:
        if message.id:
            for wording in list_forms(message):
                for sentence in re.split(r"[.!?:]+(?:\s|$)", wording):
                    assert len(sentence.split()) <= 10, sentence


def test_messages_are_found_in_templates_and_code(tmp_path: Path) -> None:
    write_file(tmp_path, "templates/a.html", "<p>{{ _('In a template') }}</p>{% if x %}{{ _('With %(n)s', n=1) }}{% endif %}")
    write_file(
        tmp_path,
        "survey_engine/web/b.py",
        "A = N_('For later')\ntranslate('At once')\ntranslate_plural('%(number)s day', '%(number)s days', 3)",
    )
    write_file(tmp_path, "survey_engine/language/question_types/c.py", "builder.find_interface_text('Yes', place)")
    assert find_all(tmp_path) == ["In a template", "With %(n)s", "For later", "At once", "Yes", "%(number)s day"]
    assert list_messages(tmp_path)[-1].plural == "%(number)s days"


def test_messages_of_question_types_are_found() -> None:
    assert {"Yes", "No"} <= set(find_all(ROOT))


def test_a_message_that_is_used_twice_is_one_with_both_places(tmp_path: Path) -> None:
    write_file(tmp_path, "templates/a.html", "{{ _('Next') }}")
    write_file(tmp_path, "survey_engine/web/b.py", "\ntranslate('Next')")
    (message,) = list_messages(tmp_path)
    assert [str(place) for place in message.places] == ["templates/a.html:1", "survey_engine/web/b.py:2"]


def test_a_remark_of_a_programmer_reaches_the_translators(tmp_path: Path) -> None:
    write_file(tmp_path, "survey_engine/web/b.py", "# Translators: on a button\ntranslate('Close')")
    (message,) = list_messages(tmp_path)
    assert message.remarks == ("on a button",)


def test_the_stand_in_for_a_code_is_the_same_as_long_as_the_text_is(tmp_path: Path) -> None:
    write_file(tmp_path, "templates/a.html", "{{ _('Next') }}{{ _('Back') }}")
    first = [message.code for message in list_messages(tmp_path)]
    write_file(tmp_path, "templates/a.html", "\n\n{{ _('Back') }}{{ _('Next') }}")
    assert [message.code for message in list_messages(tmp_path)] == first[::-1]


def test_templates_say_only_texts_that_can_be_found() -> None:
    """`_(variable)` would be in no catalogue; a choice between two texts is said as two calls."""
    environment = Environment(autoescape=True)
    for path in (ROOT / "templates").rglob("*.html"):
        for call in environment.parse(path.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_":
                assert isinstance(call.args[0], nodes.Const), f"{path}:{call.lineno}"


def test_a_number_is_said_with_both_forms_in_one_call() -> None:
    """Forms that are marked one by one are two messages, and neither is found when the number is said."""
    for path in (ROOT / "survey_engine" / "web").rglob("*.py"):
        assert not re.search(r"\.translate_plural\(\s*N_\(", path.read_text()), path


def test_the_interface_has_no_codes_of_its_own() -> None:
    interface, _, _ = find_shipped("nl")
    assert isinstance(interface, Domain) and not interface.has_codes
