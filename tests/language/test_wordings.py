"""Texts in all language variants: inline or from a catalogue; missing, stale and different ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.model.questionnaire import Place
from tests.writing import HEAD, Written, ask, write, write_questions

TWO = HEAD.replace("languages: {en: {name: English}}", "languages: {en: {name: English}, nl: {name: Nederlands}}")
PO = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
INTERFACE = PO + 'msgid "Yes"\nmsgstr "Ja"\n\nmsgid "No"\nmsgstr "Nee"\n'
ENTRIES = {
    "title": ("Example", "Voorbeeld"),
    "background.path": ("Path", "Leerweg"),
    "background.path.bol": ("School", "School"),
    "background.path.bbl": ("Work", "Werk"),
    "background.level": ("Level", "Niveau"),
    "background.programme": ("Programme", "Opleiding"),
    "scale.agree.1": ("Disagree", "Oneens"),
    "scale.agree.2": ("Neutral", "Neutraal"),
    "scale.agree.3": ("Agree", "Eens"),
    "job": ("Job?", "Werk?"),
}


def catalogue(entries: dict[str, tuple[str, str]]) -> str:
    return PO + "\n".join(f'msgctxt "{code}"\nmsgid "{source}"\nmsgstr "{text}"\n' for code, (source, text) in entries.items())


def translate(
    folder: Path, change: dict[str, tuple[str, str] | None], questions: str = "- yes_no: job\n  text: Job?", more: str = ""
) -> Written:
    """Write a questionnaire in English and Dutch, with some entries of the Dutch catalogue changed or removed."""
    entries = {code: entry for code, entry in {**ENTRIES, **change}.items() if entry}
    files = {"questionnaire.yaml": TWO, "1.yaml": ask(questions)}
    return write(folder, {**files, "nl/example.po": catalogue(entries) + more, "nl/interface.po": INTERFACE})


def test_a_text_gets_its_wordings_from_the_catalogues(tmp_path: Path) -> None:
    written = translate(tmp_path, {})
    text = written.question.text
    assert text.wording == {"en": "Job?", "nl": "Werk?"}
    assert text.place_in("en") == Place("x/1.yaml", 6, 15)
    assert text.place_in("nl").file == "translations/nl/LC_MESSAGES/example.po"
    assert not written.problems


def test_a_text_may_be_written_in_every_language_in_place(tmp_path: Path) -> None:
    written = translate(tmp_path, {"job": None}, "- yes_no: job\n  text: {en: Job?, nl: Werk?}")
    text = written.question.text
    assert text.wording == {"en": "Job?", "nl": "Werk?"}
    assert text.place_in("nl") == Place("x/1.yaml", 6, 30)
    assert "job" not in written.compilation.known_texts


def test_a_text_without_translation_is_missing_at_the_text(tmp_path: Path) -> None:
    problem = translate(tmp_path, {"job": None}, "- yes_no: job\n  text: «Job?").find("missing-wording")
    assert problem.facts["language"] == "nl" and "translations/nl/LC_MESSAGES/example.po" in problem.remedy
    assert translate(tmp_path, {"job": ("Job?", "")}).find("missing-wording")


def test_a_language_omitted_from_a_mapping_comes_from_the_catalogue(tmp_path: Path) -> None:
    partial = "- yes_no: job\n  text: «{en: Job?}"
    assert translate(tmp_path, {}, partial).question.text.wording == {"en": "Job?", "nl": "Werk?"}
    written = translate(tmp_path / "missing", {"job": None}, partial)
    assert "translations/nl/LC_MESSAGES/example.po" in written.find("missing-wording").remedy
    assert written.compilation.known_texts["job"].source == "Job?"


def test_a_mapping_needs_the_source_language(tmp_path: Path) -> None:
    problem = translate(tmp_path, {"job": None}, "- yes_no: job\n  text: «{nl: Werk?}").find("missing-wording")
    assert problem.facts["language"] == "en" and "this file" in problem.remedy


def test_an_unknown_language_in_place_is_named_at_its_key(tmp_path: Path) -> None:
    written = translate(tmp_path, {"job": None}, "- yes_no: job\n  text: {en: Job?, nl: Werk?, «nld: X}")
    assert "did you mean 'nl'?" in written.find("unknown-name").wrong


def test_a_translation_of_an_older_text_is_stale(tmp_path: Path) -> None:
    problem = translate(tmp_path, {"job": ("Work?", "Werk?")}).find("stale-wording")
    assert problem.place.file.endswith("example.po") and "x/1.yaml:6" in problem.remedy


def test_a_fuzzy_translation_is_stale(tmp_path: Path) -> None:
    fuzzy = '#, fuzzy\nmsgctxt "job"\nmsgid "Job?"\nmsgstr "Werk?"\n'
    assert translate(tmp_path, {"job": None}, more="\n" + fuzzy).find("stale-wording")


def test_an_unknown_catalogue_entry_is_a_warning_with_a_suggestion(tmp_path: Path) -> None:
    problem = translate(tmp_path, {"jb": ("x", "y")}).find("unknown-wording")
    assert "`survey-engine translations update -d example -l nl`" in problem.remedy
    assert problem.severity == "warning" and "did you mean 'job'?" in problem.wrong


@pytest.mark.parametrize(("source", "target"), [("{path}?", "?"), ("Job?", "{path}?"), ("{path}?", "{pad}?")])
def test_placeholders_are_the_same_in_every_language(tmp_path: Path, source: str, target: str) -> None:
    question = f'- yes_no: job\n  text: "{source}"'
    problem = translate(tmp_path, {"job": (source, target)}, question).find("placeholders-differ")
    assert problem.place.file.endswith("example.po")


@pytest.mark.parametrize(("name", "advised"), [("path_loc", False), ("school_loc", True), ("school", False)])
def test_a_changed_placeholder_that_begins_with_a_term_may_be_a_case(tmp_path: Path, name: str, advised: bool) -> None:
    head = TWO + "terms: {school: {en: school, nl: school}}\n"
    question = f'- yes_no: job\n  text: {{en: "At {{path}}?", nl: "Op {{{name}}}?"}}'
    problem = write_questions(tmp_path, question, head).find("placeholders-differ")

    assert ("write a second term `school_loc`" in problem.remedy) is advised


def test_placeholders_in_place_differ_at_the_wording_that_differs(tmp_path: Path) -> None:
    written = translate(tmp_path, {"job": None}, '- yes_no: job\n  text: {en: "{path}?", nl: «"Pad?"}')
    assert written.find("placeholders-differ").facts["found"] == "none"


def test_a_catalogue_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    files = {"questionnaire.yaml": TWO, "1.yaml": ask("- mark: m\n  text: {en: A, nl: B}"), "nl/example.po": "nonsense"}
    assert write(tmp_path, files).find("bad-catalogue").place.file.endswith("nl/LC_MESSAGES/example.po")
    files["nl/interface.po"] = "nonsense"
    places = [p.place.file for p in write(tmp_path, files).problems if p.code == "bad-catalogue"]
    assert len(places) == 2


def test_the_texts_of_the_interface_come_with_the_engine(tmp_path: Path) -> None:
    job = "- yes_no: job\n  text: {en: Job?, nl: Werk?}"
    files = {"questionnaire.yaml": TWO, "1.yaml": ask(job), "nl/example.po": catalogue(ENTRIES)}
    assert [option.text.wording["nl"] for option in write(tmp_path / "without", files).question.options] == ["Ja", "Nee"]
    own = {**files, "nl/interface.po": INTERFACE.replace("Ja", "Jawel")}
    assert [option.text.wording["nl"] for option in write(tmp_path / "own", own).question.options] == ["Jawel", "Nee"]


def test_without_a_catalogue_a_text_may_also_be_translated_where_it_stands(tmp_path: Path) -> None:
    written = write(tmp_path, {"questionnaire.yaml": TWO, "1.yaml": ask("- mark: m\n  text: Your week?")})
    remedies = {problem.facts["code"]: problem.remedy for problem in written.compilation.gaps.by_language["nl"]}
    assert remedies["m"] == "Write it in translations/nl/LC_MESSAGES/example.po, or write it here as {en: …, nl: …}."


def test_a_missing_interface_text_is_reported_once_per_language(tmp_path: Path) -> None:
    questions = "- yes_no: job\n  text: Job?\n- yes_no: more\n  text: {en: More?, nl: Meer?}"
    french = TWO.replace("nl: {", "nl: {locale: fr, ")
    files = {"questionnaire.yaml": french, "1.yaml": ask(questions), "fr/example.po": catalogue(ENTRIES)}
    untranslated = write(tmp_path, files).find("interface-untranslated")
    assert untranslated.place.file == "x/questionnaire.yaml" and untranslated.place.line == 4
    files["fr/interface.po"] = PO + 'msgid "Next"\nmsgstr "Suivant"\n'
    missing = write(tmp_path / "some", files).find("wordings-missing")
    assert missing.facts["count"] == 2 and "'Yes', 'No'" in missing.wrong and missing.place == untranslated.place


def test_only_the_languages_that_show_a_section_need_its_wording(tmp_path: Path) -> None:
    head = TWO.replace("sections: [main]", "sections: [main, extra]")
    extra = "section: extra\nlanguages: [en]\npages:\n  - page: e\n    questions: [{open: story, text: Tell us}]"
    files = {"questionnaire.yaml": head, "1.yaml": ask("- mark: m\n  text: {en: A, nl: B}"), "2.yaml": extra}
    entries = {code: entry for code, entry in ENTRIES.items() if code != "job"}
    written = write(tmp_path, {**files, "nl/example.po": catalogue(entries)})
    assert not written.problems
    assert written.questionnaire.sections["extra"].pages[0].questions[0].text.wording == {"en": "Tell us"}


@pytest.mark.parametrize("blank", [" ", "\u200b", "\ufeff \u2060", "\u00a0", "\u00ad\u200d"])
def test_an_invisible_wording_is_missing(tmp_path: Path, blank: str) -> None:
    files = {"questionnaire.yaml": TWO, "1.yaml": ask(f'- mark: m\n  text: {{en: A, nl: "{blank}"}}')}
    written = write(tmp_path / "mapping", files)
    gaps = [problem.facts["code"] for problem in written.compilation.gaps.by_language["nl"]]
    assert "m" in gaps or "wrong-value" in written.codes
    files |= {"1.yaml": ask("- mark: m\n  text: A"), "nl/example.po": catalogue({"m": ("A", blank)})}
    gaps = write(tmp_path / "catalogue", files).compilation.gaps.by_language["nl"]
    assert "m" in [problem.facts["code"] for problem in gaps]
    assert write_questions(tmp_path / "source", f'- mark: m\n  text: "{blank}"').compilation.errors


def test_an_unreadable_catalogue_is_the_only_problem_of_its_language(tmp_path: Path) -> None:
    po = catalogue(ENTRIES).replace('msgstr "', "msgstr ", 1)
    files = {"questionnaire.yaml": TWO, "1.yaml": ask("- yes_no: job\n  text: Job?"), "nl/example.po": po}
    assert write(tmp_path, files).codes == ["bad-catalogue"]
    files |= {"nl/example.po": catalogue(ENTRIES), "nl/interface.po": "msgid"}
    assert write(tmp_path, files).codes == ["bad-catalogue"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("{NL: A, EN: B}", "'nl' and 'en'"),
        ("{nl: A, en-GB: B}", "'en'"),
        ("{nl_NL: A, en: B}", "'nl'"),
    ],
)
def test_misspelt_languages_of_a_text_are_one_message(tmp_path: Path, text: str, meant: str) -> None:
    entries = {code: entry for code, entry in ENTRIES.items() if code != "job"}
    files = {"questionnaire.yaml": TWO, "1.yaml": ask(f"- mark: m\n  text: {text}"), "nl/example.po": catalogue(entries)}
    written = write(tmp_path, files)
    assert meant in written.find("unknown-name").wrong and written.codes == ["unknown-name"]
