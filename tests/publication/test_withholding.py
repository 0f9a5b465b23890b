"""Variants without all wordings: one message each; drafts are withheld, and a published version keeps them withheld."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.publication.archives import pack, unpack
from survey_engine.publication.compiler import compile_draft, compile_questionnaire, list_catalogue_folders
from survey_engine.publication.meaning import digest_meaning
from tests.writing import ask, change_head, write

QUESTIONS = "- mark: week\n  text: How was your week?\n- open: why\n  text: Why?\n"
NORTH = "institution: north\nname: North\n"


def make(folder: Path, *, draft: bool, north: str = NORTH, questions: str = QUESTIONS) -> Path:
    nl = "{name: Nederlands, draft: true}" if draft else "{name: Nederlands}"
    head = change_head({"languages": f"{{en: {{name: English}}, nl: {nl}}}"})
    write(folder, {"questionnaire.yaml": head, "1.yaml": ask(questions), "north.yaml": north})
    return folder / "q" / "x"


def find_codes(folder: Path) -> list[str]:
    with pytest.raises(BrokenQuestionnaireError) as caught:
        compile_questionnaire(folder)
    return [problem.code for problem in caught.value.problems if problem.severity == "error"]


def test_all_missing_wordings_of_a_variant_are_one_message(tmp_path: Path) -> None:
    folder = make(tmp_path, draft=False)
    with pytest.raises(
        BrokenQuestionnaireError, match=r"'nl' has no wording for 11 texts: 'scale.agree.1', .* and 8 more"
    ) as caught:
        compile_questionnaire(folder)

    assert len(caught.value.problems) == 1
    assert "survey-engine translations update -d example -l nl" in str(caught.value)


def test_all_stale_wordings_of_a_variant_are_one_message(tmp_path: Path) -> None:
    po = "".join(f'msgctxt "{code}"\nmsgid "Older"\nmsgstr "Ouder"\n\n' for code in ("title", "week", "why"))
    folder = make(tmp_path, draft=False)
    write(tmp_path, {"nl/example.po": 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n' + po})

    assert find_codes(folder) == ["wordings-missing", "wordings-stale"]


def test_a_draft_without_all_wordings_does_not_block_the_others(tmp_path: Path) -> None:
    questionnaire = compile_questionnaire(make(tmp_path, draft=True))

    assert [*questionnaire.languages] == ["en"] and [*questionnaire.withheld] == ["nl"]
    assert questionnaire.institutions["north"].languages == ("en",)


def test_a_draft_that_an_institution_cannot_miss_blocks(tmp_path: Path) -> None:
    """The message is at the institution, and asks for no `draft: true`, which is there."""
    with pytest.raises(BrokenQuestionnaireError, match=r"north.yaml:3: 'north' offers drafts only, and 'nl'") as caught:
        compile_questionnaire(make(tmp_path, draft=True, north=NORTH + "languages: [nl]\n"))
    assert [problem.code for problem in caught.value.problems] == ["drafts-only"]


def test_a_questionnaire_in_one_language_can_be_tried(tmp_path: Path) -> None:
    questionnaire = compile_draft(make(tmp_path, draft=False))

    assert [*questionnaire.languages] == ["en"]


def test_an_institution_without_a_complete_variant_is_left_out(tmp_path: Path) -> None:
    assert not compile_draft(make(tmp_path, draft=False, north=NORTH + "languages: [nl]\n")).institutions


def test_a_missing_wording_of_the_source_is_a_mistake_in_a_draft(tmp_path: Path) -> None:
    with pytest.raises(BrokenQuestionnaireError):
        compile_draft(make(tmp_path, draft=True, questions="- mark: week\n  text: {nl: Week?}\n"))


def test_a_stored_version_withholds_what_was_withheld_at_packing(tmp_path: Path) -> None:
    folder = make(tmp_path, draft=True)
    questionnaire = compile_questionnaire(folder)
    stored = unpack(pack(questionnaire, folder, list_catalogue_folders(folder, None)), "example")

    assert stored and [*stored.withheld] == ["nl"]
    assert digest_meaning(stored) == digest_meaning(questionnaire)
