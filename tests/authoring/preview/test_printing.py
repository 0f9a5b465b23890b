"""The printed questionnaire names the audience of each page, and shows what a respondent sees in place of codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey_engine.authoring.preview.printing import print_html
from survey_engine.cli.preview import preview
from tests.writing import JOB_PAGES, change_head, write_head, write_questions, write_sections

LAST = """\
  - page: last
    questions: [{mark: week, text: How was your week?}]
"""
JOB = "Asked when “Do you have a job?” is Yes."
WHO = re.compile(r'<p class="who">(Asked [^<]*)</p>|<code>(has_job|hours|week)</code>')


def print_pages(folder: Path, pages: str) -> str:
    written = write_sections(folder, pages)
    assert written.questionnaire, written.problems
    return print_html(written.questionnaire, "en")


@pytest.mark.parametrize(
    ("locale", "said"), [("nl", "in willekeurige volgorde"), ("nl@easy", "in willekeurige volgorde"), ("en", "in random order")]
)
def test_random_orders_are_named_in_the_language_of_the_print(tmp_path: Path, locale: str, said: str) -> None:
    head = change_head({"source_language": "x", "languages": f"{{x: {{name: X, locale: {locale}}}}}"})
    question = "{choice: c, text: C?, random_order: true, options: {a: A, b: B}}"
    pages = f"section: main\nrandom_order: true\npages: [{{page: a, random_order: true, questions: [{question}]}}]"
    html = print_html(write_sections(tmp_path, pages, head=head).questionnaire, "x")
    assert html.count(said) == 3


def test_a_draft_without_all_wordings_cannot_be_printed_yet(tmp_path: Path) -> None:
    write_sections(tmp_path, JOB_PAGES, head=change_head({"languages": "{en: {name: English}, fa: {name: Farsi, draft: true}}"}))
    result = CliRunner().invoke(preview, [str(tmp_path / "q" / "x"), "--print", "fa", "--out", str(tmp_path / "fa.html")])
    assert result.exit_code == 1
    assert "'fa' can be printed when all its texts" in result.output and "There is no language" not in result.output


def list_who(html: str) -> list[str]:
    """List sentences on audiences and codes of questions in their order."""
    return [one or other for one, other in WHO.findall(html)]


def test_a_page_for_everybody_after_a_conditional_one_says_so(tmp_path: Path) -> None:
    shown = list_who(print_pages(tmp_path, JOB_PAGES + LAST))
    assert shown == ["Asked to everyone.", "has_job", JOB, "hours", "Asked to everyone.", "week"]


def test_pages_with_the_same_audience_name_it_once(tmp_path: Path) -> None:
    shown = list_who(print_pages(tmp_path, JOB_PAGES + LAST.replace("last\n", "last\n    when: has_job == 'yes'\n")))
    assert shown == ["Asked to everyone.", "has_job", JOB, "hours", "week"]


def test_a_section_names_no_audience_that_its_first_page_does_not_have(tmp_path: Path) -> None:
    pages = "section: main\npages:\n  - page: a\n    when: level == 2\n    questions: [{mark: week, text: W?}]\n"
    assert list_who(print_pages(tmp_path, pages)) == ["Asked when “Level” is 2.", "week"]


def test_a_page_without_a_condition_names_the_audience_of_its_section(tmp_path: Path) -> None:
    section = "section: main\nwhen: level == 2\n"
    shown = list_who(print_pages(tmp_path, JOB_PAGES.replace("section: main\n", section) + LAST))
    level = "Asked when “Level” is 2."
    both = "Asked when “Level” is 2 and “Do you have a job?” is Yes."
    assert shown == [level, "has_job", both, "hours", level, "week"]


def test_a_section_without_a_title_prints_no_code(tmp_path: Path) -> None:
    html = print_pages(tmp_path, JOB_PAGES)
    assert '<h2 class="section">' not in html
    assert ">main<" not in html


def ask_one(folder: Path, question: str) -> str:
    return print_pages(folder, f"section: main\npages: [{{page: only, questions: [{question}]}}]\n")


def test_consent_is_asked_in_words(tmp_path: Path) -> None:
    html = ask_one(tmp_path, "{consent: may, text: May we?, parts: {use: Use my answers.}}")
    assert re.findall(r'<t[hd][^>]*class="box">([^<]*)', html) == ["Yes", "No", "○", "○"]


def test_a_consent_is_numbered_like_the_other_questions(tmp_path: Path) -> None:
    consent = "{consent: may, text: May we?, parts: {use: Use my answers.}}"
    html = ask_one(
        tmp_path, f"{{mark: day, text: Day?}}, {consent}, {{information: thanks, text: Thanks.}}, {{mark: week, text: Week?}}"
    )
    assert re.findall(r'class="number">(\d+)', html) == ["1", "2", "3"]


DATES = {
    "en": "Sep 1, 2020 – Dec 31, 2026",
    "nl@easy": "1 sep 2020 – 31 dec 2026",
    "de": "01.09.2020 – 31.12.2026",
    "pl": "1 wrz 2020 – 31 gru 2026",
}


@pytest.mark.parametrize("locale", DATES)
def test_the_bounds_of_a_date_are_written_as_in_its_language(tmp_path: Path, locale: str) -> None:
    head = change_head({"source_language": "x", "languages": f"{{x: {{name: X, locale: {locale}}}}}"})
    questions = "- {date: began, text: When?, from: 2020-09-01, to: 2026-12-31}"
    assert DATES[locale] in print_html(write_questions(tmp_path, questions, head=head).questionnaire, "x")


IN_TWO = {"title": "{en: Example, de: Beispiel}", "languages": "{en: {name: English}, de: {name: Deutsch}}", "background": ""}
TWO_PAGES = """\
section: main
pages:
  - page: job
    questions: [{yes_no: has_job, text: {en: "Do you have a job?", de: "Arbeitest du?"}}]
  - page: hours
    when: has_job == 'yes'
    questions: [{mark: week, text: {en: Week?, de: Woche?}}]
"""


@pytest.mark.parametrize(
    ("sentences", "said"),
    [
        ("", ["➔ 100 %", "➔ “Arbeitest du?” = Ja"]),
        ("nl", ["Gevraagd aan iedereen.", "Gevraagd als “Arbeitest du?” Ja is."]),
        ("en", ["Asked to everyone.", "Asked when “Arbeitest du?” is Ja."]),
    ],
)
def test_a_language_without_sentences_is_printed_with_symbols(tmp_path: Path, sentences: str, said: list[str]) -> None:
    """Every sentence quotes the texts of the printed language."""
    scales = {"scales": "{agree: {1: {en: No, de: Nein}, 2: {en: Yes, de: Ja}}}"}
    questionnaire = write_sections(tmp_path, TWO_PAGES, head=change_head(IN_TWO | scales)).questionnaire
    html = print_html(questionnaire, "de", sentences=sentences)
    assert re.findall('<p class="who">((?:➔|Asked|Gevraagd)[^<]*)</p>', html) == said


def test_a_blank_has_the_name_of_what_it_stands_for(tmp_path: Path) -> None:
    html = ask_one(tmp_path, '{mark: week, text: "How is {programme} at {institution}?"}')
    assert re.findall(r'class="blank">(\w+)<', html) == ["programme", "institution"]


def test_the_texts_before_and_after_the_questions_are_printed(tmp_path: Path) -> None:
    texts = {"introduction": "Welcome.", "contact": "Ask {institution}.", "thanks": "That was it."}
    html = print_html(write_head(tmp_path, texts).questionnaire, "en")
    blank = '<span class="blank">institution</span>'
    assert re.findall("<p>(Welcome|Ask|How|That)(.*?)</p>|(How was)", html) == [
        ("Welcome", ".", ""),
        ("Ask", f" {blank}.", ""),
        ("", "", "How was"),
        ("That", " was it.", ""),
    ]
