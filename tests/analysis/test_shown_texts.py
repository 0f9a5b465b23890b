"""All texts that respondents may read, with the variants that show them."""

from __future__ import annotations

from pathlib import Path

from survey_engine.analysis.shown_texts import iter_shown_texts
from survey_engine.language.markup import strip_markup
from tests.writing import HEAD, ask, write_head, write_questions, write_sections


def test_a_text_has_its_kind_and_its_question(tmp_path: Path) -> None:
    questions = """
    - grid: views
      text: Views?
      help: Think of this year.
      scale: agree
      items: {fun: Fun}
    - information: note
      text: Done.
    - number: hours
      text: Hours?
      to: 9
      unit: hours
    """
    shown = {
        each.text.code: (each.kind, each.question.code if each.question else "")
        for each in iter_shown_texts(write_questions(tmp_path, questions).questionnaire)
    }

    assert shown == {
        "title": ("title", ""),
        "views": ("question", "views"),
        "views.help": ("help", "views"),
        "fun": ("item", "views"),
        "scale.agree.1": ("option", "views"),
        "scale.agree.2": ("option", "views"),
        "scale.agree.3": ("option", "views"),
        "note": ("paragraphs", "note"),
        "hours": ("question", "hours"),
        "hours.unit": ("unit", "hours"),
    }


def test_a_text_is_shown_in_variants_of_group_section_and_institution(tmp_path: Path) -> None:
    languages = "{en: {name: English}, nl: {name: Nederlands, groups: [main, own]}, de: {name: Deutsch}}"
    head = {
        "languages": languages,
        "order": "[{group: main, sections: [only]}, {group: rest, sections: [rest]}, {group: own, own_questions: true}]",
    }
    pages = "pages: [{page: %s, questions: [{mark: q%s, text: {en: T, nl: T, de: T}}]}]"
    sections = [
        "section: only\nlanguages: [en, nl]\n" + pages % ("a", "a"),
        "section: rest\n" + pages % ("b", "b"),
        "institution: north\nname: N\nlanguages: [nl, de]\nown_questions: {" + pages % ("c", "c") + "}",
    ]
    questionnaire = write_head(tmp_path, head, *sections).compilation.questionnaire
    assert questionnaire

    shown = {each.text.code: sorted(each.languages) for each in iter_shown_texts(questionnaire)}
    assert (shown["qa"], shown["qb"], shown["qc"]) == (["en", "nl"], ["de", "en"], ["de", "nl"])


def test_a_wording_that_no_respondent_reads_is_not_listed(tmp_path: Path) -> None:
    head = HEAD.replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Nederlands, groups: [other]}}")
    head += "  - {group: other, sections: [other]}\n"
    other = "section: other\npages: [{page: b, questions: [{mark: day, text: {en: Day?, nl: Dag?}}]}]"
    questionnaire = write_sections(tmp_path, ask("- mark: week\n  text: {en: Week?, nl: Week?}"), other, head=head).questionnaire

    (week,) = [each for each in iter_shown_texts(questionnaire) if each.text.code == "week"]
    assert list(week.wordings()) == [("en", "Week?")]


def test_markup_is_not_part_of_readable_text() -> None:
    assert strip_markup("*Very* [good](https://example.org) **so**") == "Very good so"
