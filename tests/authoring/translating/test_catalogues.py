"""Catalogues follow their sources: what is new, changed, gone, and back again; and what is still a draft."""

from __future__ import annotations

import gettext
import io
import shutil
import subprocess
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from survey_engine.authoring.translating.catalogues import (
    BrokenCatalogueError,
    compile_catalogue,
    confirm_unchanged,
    find_catalogue_path,
    find_message,
    find_state,
    list_drafts,
    list_forms,
    load_catalogue,
    make_template,
    mark_reviewed,
    open_catalogue,
    write_catalogue,
)
from survey_engine.authoring.translating.domains import Sources
from survey_engine.authoring.translating.pofile import format_catalogue
from survey_engine.language.variants import read_catalogue
from survey_engine.publication.compiler import inspect_questionnaire
from survey_engine.settings import ROOT
from tests.authoring.translating.shipped import CATALOGUES, describe_shipped
from tests.authoring.translating.small import IN_PLACE, MAIN, MORE, Small, make_small

EACH_SHIPPED = pytest.mark.parametrize(("code", "locale"), CATALOGUES)
needs_gettext = pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext is not installed")


def show(small: Small, code: str = "nl") -> str:
    return format_catalogue(small.catalogue(code), "example", code)


def update(small: Small, code: str = "nl") -> str:
    """The catalogue's file after an update."""
    write_catalogue(small.path(code), small.catalogue(code), small.domain, small.variant(code))
    return small.path(code).read_text()


def test_a_new_text_is_added_without_translation(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood.good": None})
    assert 'msgctxt "mood.good"\nmsgid "Good"\nmsgstr ""\n' in show(small)
    assert find_state(small.message(small.catalogue(), "mood.good")) == "missing"


def test_a_changed_source_keeps_its_translation_as_stale_with_the_older(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("Are you well?", "Gaat het goed?")})
    assert '#, fuzzy\n#| msgid "Are you well?"\nmsgctxt "mood"\nmsgid "How do you feel?"\nmsgstr "Gaat het goed?"\n' in update(
        small
    )
    assert find_state(small.message(small.catalogue(), "mood")) == "stale"


def test_a_source_that_changes_twice_keeps_the_text_that_was_translated(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("Are you well?", "Gaat het goed?")})
    stale = update(small)
    again = make_small(tmp_path, more=MORE.replace("How do you feel?", "How are you?"))
    again.path().write_text(stale)
    assert '#| msgid "Are you well?"\nmsgctxt "mood"\nmsgid "How are you?"\n' in update(again)


@pytest.mark.parametrize("between", ["Are you well?", "How are you?"])
def test_a_translation_whose_source_is_changed_back_is_current(tmp_path: Path, between: str) -> None:
    changed = make_small(tmp_path, more=MORE.replace("How do you feel?", between))
    stale = update(changed)
    assert "fuzzy" in stale
    again = make_small(tmp_path)
    again.path().write_text(stale)
    assert "fuzzy" not in update(again) and "#|" not in update(again)


def test_a_long_older_source_can_be_read_back(tmp_path: Path) -> None:
    older = r"We would like to know how \"well\" you feel about everything that happens around you, at school and at home.\n"
    small = make_small(tmp_path, {"mood": (older * 2, "Hoe gaat het?")})
    update(small)
    message = small.message(small.catalogue(), "mood")
    assert message and message.previous_id == [older.replace(r"\n", "\n").replace(r"\"", '"') * 2]


@needs_gettext
def test_gettext_reads_a_long_older_source(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("How are you doing, and how do you feel about it? " * 3, "Hoe gaat het?")})
    update(small)
    subprocess.run(["msgfmt", "--check-format", "-o", "/dev/null", small.path()], check=True)


def test_a_translation_with_a_new_wording_by_hand_is_no_longer_stale(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("Are you well?", "Gaat het goed?")})
    mended = update(small).replace("#, fuzzy\n", "").replace("Gaat het goed?", "Hoe voel je je?")
    small.path().write_text(mended)
    assert "Are you well?" not in update(small)


def test_a_text_that_only_looks_like_another_gets_no_translation_of_it(tmp_path: Path) -> None:
    more = MORE.replace("bad: Bad", 'bad: Bad, very_bad: "Bad!"')
    small = make_small(tmp_path, more=more)
    message = small.message(small.catalogue(), "mood.very_bad")
    assert message and not message.string


def test_space_around_a_source_is_no_change(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("How do you feel?\\n", "Hoe voel je je?")})
    assert find_state(small.message(small.catalogue(), "mood")) == "done"


def test_a_removed_text_is_kept_as_obsolete_and_found_when_it_returns(tmp_path: Path) -> None:
    small = make_small(tmp_path, more=MORE.replace(", bad: Bad", ""))
    gone = update(small)
    assert gone.endswith('#~ msgctxt "mood.bad"\n#~ msgid "Bad"\n#~ msgstr "Slecht"\n')
    back = make_small(tmp_path)
    back.path().write_text(gone)
    assert find_state(back.message(back.catalogue(), "mood.bad")) == "done"
    assert "#~" not in update(back)


def test_what_comes_back_with_another_wording_is_stale(tmp_path: Path) -> None:
    gone = update(make_small(tmp_path, more=MORE.replace(", bad: Bad", "")))
    back = make_small(tmp_path, more=MORE.replace("bad: Bad", "bad: Awful"))
    back.path().write_text(gone)
    message = back.message(back.catalogue(), "mood.bad")
    assert find_state(message) == "stale" and message and message.previous_id == ["Bad"]


def test_what_was_never_translated_leaves_nothing_behind(tmp_path: Path) -> None:
    small = make_small(
        tmp_path, {"mood.good": ("Good", ""), "mood.bad": None}, more=MORE.replace("good: Good, bad: Bad", "fine: Fine")
    )
    assert "#~" not in show(small)


def test_a_variant_gets_only_what_it_shows_and_keeps_what_it_has(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    assert "mood" not in show(small, "nt2")
    extra = small.path("nt2").read_text() + '\nmsgctxt "mood"\nmsgid "How do you feel?"\nmsgstr "Hoe gaat het?"\n'
    small.path("nt2").write_text(extra)
    assert "Hoe gaat het?" in update(small, "nt2") and "#~" not in show(small, "nt2")


def test_an_update_without_changes_changes_nothing(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("Are you well?", "Gaat het goed?"), "gone": ("A", "B")})
    first = update(small)
    assert not write_catalogue(small.path(), small.catalogue(), small.domain, small.variant())
    assert small.path().read_text() == first


def test_a_text_that_moves_to_another_line_changes_no_catalogue(tmp_path: Path) -> None:
    first = update(make_small(tmp_path))
    moved = make_small(tmp_path, main="\n\n\n" + MAIN)
    moved.path().write_text(first)
    assert update(moved) == first


def test_a_catalogue_that_poedit_wrote_can_be_read(tmp_path: Path) -> None:
    po = '\n#~| msgctxt "gone"\n#~| msgid "Older"\n#~ msgctxt "gone"\n#~ msgid "Gone"\n#~ msgstr "Weg"\n'
    small = make_small(tmp_path, po=po)
    assert '#~ msgid "Gone"' in show(small)
    assert not read_catalogue(small.path(), "example.po").problems


def test_a_catalogue_that_begins_with_a_byte_order_mark_can_be_read(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    small.path().write_bytes(b"\xef\xbb\xbf" + small.path().read_bytes())
    assert small.catalogue().header_comment == "# Dutch texts."


def test_a_catalogue_that_cannot_be_read_is_named_with_the_remedy(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    small.path().write_text('msgid "one"\nmsgtxt "another"\n')
    with pytest.raises(BrokenCatalogueError, match=r"example\.po cannot be read: .*msgfmt"):
        small.catalogue()


def test_a_per_cent_sign_in_a_questionnaire_is_no_placeholder(tmp_path: Path) -> None:
    small = make_small(tmp_path, more=MORE.replace("Good", "100 % digital"))
    assert "python-format" not in show(small)
    assert "#, python-brace-format\n" in show(small)


def test_a_template_has_every_text_with_code_page_type_and_line(tmp_path: Path) -> None:
    domain = make_small(tmp_path).domain
    text = format_catalogue(make_template(domain, domain.messages), domain.code, "", lines=True)
    assert "#. page: second\n#. type: choice: option\n#: q/x/2.yaml:7\n" in text
    assert 'msgctxt "mood.good"\nmsgid "Good"\nmsgstr ""\n' in text
    assert text.count("msgctxt") == len(domain.messages)


def test_a_file_name_with_a_space_is_kept_together(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    message = small.catalogue().get("Good", "mood.good")
    assert message
    catalogue = small.catalogue()
    catalogue.get("Good", "mood.good").locations = [("my file.yaml", 3)]  # type: ignore[union-attr]
    text = format_catalogue(catalogue, "example", "nl")
    back = read_po(io.StringIO(text)).get("Good", "mood.good")
    assert back and back.locations == [("my file.yaml", None)]


def test_a_compiled_catalogue_leaves_out_what_is_stale(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("Are you well?", "Gaat het goed?")})
    compile_catalogue(small.catalogue(), tmp_path / "x.mo")
    compiled = gettext.GNUTranslations(io.BytesIO((tmp_path / "x.mo").read_bytes()))
    assert compiled.pgettext("mood.good", "Good") == "Goed"
    assert compiled.pgettext("mood", "How do you feel?") == "How do you feel?"


def test_a_header_says_draft_of_all_texts_whatever_single_ones_are_marked(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    catalogue = small.catalogue()
    assert not list_drafts(catalogue)
    catalogue.header_comment += "\n# Draft: needs review by a native speaker."
    small.message(catalogue, "mood").user_comments = ["draft"]  # type: ignore[union-attr]
    assert list_drafts(catalogue) == {"title", "section.main", "week", "week.help", "mood", "mood.good", "mood.bad"}
    mark_reviewed(catalogue, {"title", "mood"})
    assert list_drafts(catalogue) == {"section.main", "week", "week.help", "mood.good", "mood.bad"}


def test_the_last_review_takes_the_draft_off_the_header(tmp_path: Path) -> None:
    catalogue = make_small(tmp_path).catalogue()
    catalogue.header_comment += "\n# Draft: needs review by a native speaker."
    mark_reviewed(catalogue, list_drafts(catalogue))
    assert catalogue.header_comment == "# Dutch texts." and not list_drafts(catalogue)


def test_the_interface_without_codes_takes_a_similar_text_as_stale(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text("{{ _('You have not answered everything yet') }}")
    po = tmp_path / "nl" / "LC_MESSAGES" / "interface.po"
    po.parent.mkdir(parents=True)
    po.write_text('msgid "You have not answered everything"\nmsgstr "Je hebt niet alles beantwoord"\n')
    domain = Sources([], tmp_path, tmp_path).describe("interface")
    variant = next(variant for variant in domain.variants if variant.locale == "nl")
    text = format_catalogue(open_catalogue(tmp_path, domain, variant), "interface", "nl")
    assert '#, fuzzy\n#| msgid "You have not answered everything"\nmsgid "You have not answered everything yet"' in text


def test_every_variant_of_what_ships_has_a_catalogue() -> None:
    assert describe_shipped().keys() == {*CATALOGUES}


@EACH_SHIPPED
def test_an_update_loses_no_shipped_translation(code: str, locale: str) -> None:
    domain, variant = describe_shipped()[code, locale]
    before = load_catalogue(find_catalogue_path(ROOT / "translations", domain, variant), domain, variant)
    after = read_po(
        io.StringIO(format_catalogue(open_catalogue(ROOT / "translations", domain, variant), domain.code, variant.locale))
    )
    kept = {(m.context, list_forms(m)) for m in [*after, *after.obsolete.values()] if m.id}
    assert {(m.context, list_forms(m)) for m in before if m.id} <= kept


@needs_gettext
@EACH_SHIPPED
def test_gettext_itself_accepts_what_is_written(code: str, locale: str, tmp_path: Path) -> None:
    domain, variant = describe_shipped()[code, locale]
    path = tmp_path / "x.po"
    path.write_text(format_catalogue(open_catalogue(ROOT / "translations", domain, variant), domain.code, variant.locale))
    checked = subprocess.run(
        ["msgfmt", "--check-format", "--check-domain", "-o", "/dev/null", path], check=False, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("questionnaire", sorted({code for code, _ in CATALOGUES} - {"interface"}))
def test_what_is_done_here_is_what_the_compiler_takes(questionnaire: str) -> None:
    """The two read catalogues each in their own way; they must agree on every text."""
    gaps = inspect_questionnaire(ROOT / "questionnaires" / questionnaire).gaps.by_language
    for domain, variant in (found for (code, _), found in describe_shipped().items() if code == questionnaire):
        faulty = {problem.facts["code"] for problem in gaps.get(variant.code, ())}
        catalogue = open_catalogue(ROOT / "translations", domain, variant)
        shown = [message for message in domain.messages if variant.code in message.languages]
        assert {m.code for m in shown if find_state(find_message(catalogue, domain, m)) != "done"} == faulty, variant.code


def test_compiler_and_catalogues_agree_on_what_is_missing_and_stale(tmp_path: Path) -> None:
    change = {"title": None, "week": ("Older", "Ouder"), "mood": ("How do you feel?", ""), "mood.bad": ("Bad", "Slecht")}
    po = '\n#, fuzzy\nmsgctxt "mood.good"\nmsgid "Good"\nmsgstr "Goed"\n'
    small = make_small(tmp_path, {**change, "mood.good": None}, po=po)
    problems = inspect_questionnaire(tmp_path / "q" / "x").gaps.by_language["nl"]
    catalogue = small.catalogue()
    for state, code in (("missing", "missing-wording"), ("stale", "stale-wording")):
        found = {m.code for m in small.domain.messages if find_state(small.message(catalogue, m.code)) == state}
        assert found == {p.facts["code"] for p in problems if p.code == code}
    assert read_catalogue(small.path(), "x.po").entries["mood.bad"].wording == "Slecht"


@pytest.mark.parametrize("gone", ["", 'msgctxt "earlier"\nmsgid "Bad"\nmsgstr "Naar"\n'])
def test_the_translation_of_an_equal_source_is_offered(tmp_path: Path, gone: str) -> None:
    """The equal text may have another code, or had one that was removed."""
    more = MORE.replace("good: Good", "good: Bad") if not gone else MORE
    small = make_small(tmp_path, {"mood.good" if not gone else "mood.bad": None}, more=more, po="\n" + gone)
    catalogue = small.catalogue()
    message = small.message(catalogue, "mood.bad" if gone else "mood.good")
    assert message and message.string == ("Naar" if gone else "Slecht") and message.fuzzy


def test_a_stale_translation_whose_meaning_is_unchanged_is_confirmed(tmp_path: Path) -> None:
    small = make_small(tmp_path, {"mood": ("How do you fel?", "Hoe voel je je?"), "title": ("Exmple", "Voorbeeld")})
    catalogue = small.catalogue()
    assert confirm_unchanged(catalogue, small.domain, ["mood", "week", "nosuch"]) == ["mood"]
    states = {code: find_state(small.message(catalogue, code)) for code in ("mood", "title")}
    assert states == {"mood": "done", "title": "stale"}


def test_a_text_translated_in_the_questionnaire_leaves_the_catalogue(tmp_path: Path) -> None:
    small = make_small(tmp_path, more=IN_PLACE)
    for _ in range(2):
        update(small)
        assert small.message(small.catalogue(), "mood") is None
        assert small.message(small.catalogue(), "mood.bad")
