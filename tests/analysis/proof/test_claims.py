"""Each claim: an example that makes it fail, with place, reasons and witness."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.proof import solver
from survey_engine.authoring.proof_sheet import prove_questionnaire
from tests.analysis.proof.small import FILES, find_failure, find_verdict, prove_small, write_small

MAIN = FILES["main.yaml"]
SECOND = "  - page: second\n    when: job == 'yes'\n    questions:\n      - {yes_no: evening, text: T}\n"


def test_every_claim_holds_for_a_plain_questionnaire(tmp_path: Path) -> None:
    sheet, _ = prove_small(tmp_path, {})
    assert sheet.proved, [finding.wrong for verdict in sheet.verdicts for finding in verdict.findings]
    assert sheet.replayed > 0


def test_the_reasons_are_exactly_the_contradicting_conditions(tmp_path: Path) -> None:
    closing = (
        "section: closing\nwhen: «level >= 3\npages:\n"
        "  - page: last\n    when: «job == 'yes' and level <= 2\n    questions:\n      - {open: more, text: T, when: path == 'bol'}\n"
        "  - page: end\n    questions:\n      - {open: even_more, text: T}\n"
    )
    sheet, marks = prove_small(tmp_path, {"closing.yaml": closing})
    finding = find_failure(sheet, "items")
    assert finding.wrong == "nobody is asked page 'last'"
    assert [reason.place for reason in finding.obstacles[0].reasons] == marks


def test_a_contradiction_through_an_unasked_question_names_its_path(tmp_path: Path) -> None:
    main = MAIN + "  - page: second\n    when: «job == 'yes'\n    questions:\n      - {yes_no: evening, text: T}\n"
    closing = FILES["closing.yaml"].replace("  - page: last", "  - page: last\n    when: «evening == 'no' and job == 'no'")
    sheet, marks = prove_small(tmp_path, {"main.yaml": main, "closing.yaml": closing})
    finding = find_failure(sheet, "items")
    assert finding.wrong == "nobody is asked section 'closing'"
    assert {reason.place for reason in finding.obstacles[0].reasons} == set(marks)


def test_a_named_condition_in_the_reasons_has_its_definition(tmp_path: Path) -> None:
    head = FILES["questionnaire.yaml"] + "conditions:\n  both: «path == 'bol' and path == 'bbl'\n"
    main = MAIN + "  - page: second\n    when: «both\n    questions:\n      - {yes_no: evening, text: T}\n"
    sheet, marks = prove_small(tmp_path, {"questionnaire.yaml": head, "main.yaml": main})
    reasons = find_failure(sheet, "items").obstacles[0].reasons
    assert {reason.place for reason in reasons} == set(marks)
    assert any(reason.text == "both means path == 'bol' and path == 'bbl'" for reason in reasons)


def test_an_option_ruled_out_by_the_path_can_be_chosen_by_nobody(tmp_path: Path) -> None:
    options = "{a: A, b: {text: B, when: path == 'bbl'}}"
    main = (
        MAIN
        + f"  - page: second\n    when: path == 'bol'\n    questions:\n      - {{choice: which, text: T, options: {options}}}\n"
    )
    sheet, _ = prove_small(tmp_path, {"main.yaml": main})
    assert find_failure(sheet, "options").wrong == "nobody can choose option 'b' of 'which' (page second)"


@pytest.mark.parametrize(
    "question",
    [
        "{yes_no: evening, text: T, when: job == 'yes'}",
        "{grid: views, text: T, scale: agree, items: {one: {text: I, when: job == 'yes'}}}",
        "{choice: which, text: T, options: {a: {text: A, when: job == 'yes'}}}",
    ],
    ids=["question", "statement", "option"],
)
def test_a_page_is_seen_by_those_who_are_asked_something_on_it(question: str, tmp_path: Path) -> None:
    sheet, _ = prove_small(tmp_path, {"main.yaml": MAIN + f"  - page: second\n    questions:\n      - {question}\n"})
    found = [found for session in sheet.proof.sessions for found in session.witnesses]
    having = {each.witness.answers.get("first", {}).get("job") for each in found if "second" in each.seen.pages}
    assert sheet.proved and having == {"yes"}
    assert any("second" not in each.seen.pages for each in found)


def test_a_repeated_question_is_found_only_when_somebody_gets_both(tmp_path: Path) -> None:
    bank = "bank: all\nquestions:\n  - {mark: week, text: T}\n"
    page = "  - page: {}\n    when: {}\n    questions:\n      - bank: week\n"
    second = MAIN + page.format("second", "path == 'bol'")
    apart = second + page.format("third", "path == 'bbl'")
    assert prove_small(tmp_path / "apart", {"bank.yaml": bank, "main.yaml": apart})[0].proved
    together = second + page.format("third", "level == 1")
    sheet, _ = prove_small(tmp_path / "together", {"bank.yaml": bank, "main.yaml": together})
    assert find_failure(sheet, "once").wrong == "'week' is asked on page 'second' and again on page 'third'"


@pytest.mark.parametrize(("first", "second", "proved"), [("bol", "bbl", True), ("bol", "bol", False)])
def test_a_question_twice_on_one_page_is_found(first: str, second: str, proved: bool, tmp_path: Path) -> None:
    bank = "bank: all\nquestions:\n  - {mark: week, text: T}\n"
    asked = "".join(f"      - {{bank: week, when: path == '{path}'}}\n" for path in (first, second))
    sheet, _ = prove_small(tmp_path, {"bank.yaml": bank, "main.yaml": f"{MAIN}  - page: second\n    questions:\n{asked}"})
    assert sheet.proved == proved
    if not proved:
        assert find_failure(sheet, "once").wrong == "'week' is asked twice on page 'second'"


def test_a_path_without_any_page_is_found(tmp_path: Path) -> None:
    head = FILES["questionnaire.yaml"].replace("modules: {council: 1, random: 1}", "modules: {council: 1}")
    north = "institution: north\nname: North\nmodules: {council: [food]}\n"
    routed = {
        name: FILES[name].replace("pages:", "when: path == 'bol'\npages:") for name in ("main.yaml", "closing.yaml", "food.yaml")
    }
    sheet, _ = prove_small(tmp_path, {**routed, "questionnaire.yaml": head, "north.yaml": north})
    finding = find_failure(sheet, "exit")
    assert finding.found and finding.found.seen.pages == ()


def test_a_respondent_without_a_module_to_draw_is_a_witness(tmp_path: Path) -> None:
    routed = {name: FILES[name].replace("pages:", "when: path == 'bol'\npages:") for name in ("food.yaml", "sleep.yaml")}
    sheet, _ = prove_small(tmp_path, routed)
    findings = find_verdict(sheet, "draws").findings
    assert len(findings) == 1 and findings[0].found
    assert findings[0].found.witness.respondent.modules == ()


def test_a_condition_true_for_all_who_reach_it_is_idle(tmp_path: Path) -> None:
    main = (
        MAIN
        + "  - page: second\n    when: job == 'yes'\n    questions:\n      - {yes_no: evening, text: T, when: «answered(job)}\n"
    )
    sheet, marks = prove_small(tmp_path, {"main.yaml": main})
    assert find_failure(sheet, "conditions").place == marks[0]


def test_a_core_page_that_depends_on_a_local_question_has_an_example(tmp_path: Path) -> None:
    own = "own_questions:\n  pages:\n    - page: own\n      questions:\n        - {yes_no: joined, text: T}\n"
    north = FILES["north.yaml"] + own
    closing = FILES["closing.yaml"].replace("  - page: last", "  - page: last\n    when: «joined != 'yes'")
    sheet, marks = prove_small(tmp_path, {"north.yaml": north, "closing.yaml": closing})
    finding = find_failure(sheet, "own")
    assert finding.place == marks[0]
    assert finding.found and finding.found.witness.answers["own"]["joined"] == "yes"


def test_the_longest_path_is_exact_where_follow_ups_exclude_each_other(tmp_path: Path) -> None:
    follow = "  - page: {0}\n    when: job == '{0}'\n    questions:\n      - {{open: {0}_more, text: T, seconds: {1}}}\n"
    main = MAIN + follow.format("yes", 100) + follow.format("no", 60)
    head = FILES["questionnaire.yaml"] + "budget: {minutes: 3}\n"
    sheet, _ = prove_small(tmp_path, {"questionnaire.yaml": head, "main.yaml": main})
    assert sheet.proved, "20 + 100 + 20 + 25 seconds; both follow-ups together would take 225"
    assert max(stretch.longest.seen.milliseconds for stretch in sheet.path_lengths) == 165_000
    assert min(stretch.shortest.seen.milliseconds for stretch in sheet.path_lengths) == 65_000


def test_a_path_over_budget_has_its_respondent_as_witness(tmp_path: Path) -> None:
    head = FILES["questionnaire.yaml"] + "budget: {minutes: 1}\n"
    sheet, _ = prove_small(tmp_path, {"questionnaire.yaml": head})
    finding = find_failure(sheet, "time")
    assert finding.found and finding.found.seen.milliseconds == 65_000


def test_a_page_excluded_from_a_language_by_condition_is_only_a_note(tmp_path: Path) -> None:
    head = FILES["questionnaire.yaml"].replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Nederlands}}")
    main = MAIN + "  - page: second\n    when: language == 'nl'\n    questions:\n      - {yes_no: clear, text: T}\n"
    sheet, _ = prove_small(tmp_path, {"questionnaire.yaml": head, "main.yaml": main})
    assert sheet.proved
    assert ["excluded from en" in note for note in find_verdict(sheet, "items").notes] == [True]


VARIANT = FILES["questionnaire.yaml"].replace(
    "{en: {name: English}}", "{en: {name: English}, nt2: {name: Simple, based_on: en, draft: true, groups: [GROUPS]}}"
)


def test_a_page_that_needs_an_answer_a_variant_leaves_out_is_only_a_note(tmp_path: Path) -> None:
    closing = (
        FILES["closing.yaml"] + "  - page: second\n    when: food_mark <= 5\n    questions:\n      - {yes_no: clear, text: T}\n"
    )
    head = VARIANT.replace("GROUPS", "main, closing")
    north = FILES["north.yaml"] + "languages: [en, nt2]\n"
    sheet, _ = prove_small(tmp_path, {"questionnaire.yaml": head, "closing.yaml": closing, "north.yaml": north})
    assert sheet.proved
    (note,) = find_verdict(sheet, "items").notes
    assert note.startswith("page 'second' is not for respondents in nt2: it needs 'food_mark' of group 'modules', which")


def test_a_left_out_local_question_is_a_note_although_others_lack_it(tmp_path: Path) -> None:
    own = "own_questions: {pages: [{page: own, questions: [{yes_no: joined, text: T}]}]}\n"
    closing = (
        FILES["closing.yaml"] + "  - page: second\n    when: joined == 'yes'\n    questions:\n      - {yes_no: clear, text: T}\n"
    )
    files = {name: f"institution: {name}\nname: {name}\nlanguages: [en, nt2]\n" for name in ("north", "south")}
    changed = {"north.yaml": files["north"] + own, "south.yaml": files["south"], "closing.yaml": closing}
    sheet, _ = prove_small(tmp_path, {"questionnaire.yaml": VARIANT.replace("GROUPS", "main, closing"), **changed})
    (note,) = find_verdict(sheet, "items").notes
    assert "it needs 'joined' of group 'own'" in note


def test_a_core_section_that_needs_an_answer_a_variant_leaves_out_is_found(tmp_path: Path) -> None:
    closing = FILES["closing.yaml"].replace("pages:", "when: job == 'yes'\npages:")
    more = "section: more\npages:\n  - page: extra\n    questions:\n      - {open: extra, text: T}\n"
    head = VARIANT.replace("GROUPS", "closing").replace("sections: [closing]", "sections: [closing, more]")
    north = FILES["north.yaml"] + "languages: [en, nt2]\n"
    sheet, _ = prove_small(
        tmp_path, {"questionnaire.yaml": head, "closing.yaml": closing, "more.yaml": more, "north.yaml": north}
    )
    finding = find_failure(sheet, "items")
    assert finding.wrong.startswith("nobody is asked section 'closing': it needs 'job' of group 'main', which")
    assert finding.languages == ("nt2",)


def test_a_choice_that_no_student_of_the_institution_gets_is_found(tmp_path: Path) -> None:
    head = FILES["questionnaire.yaml"].replace(
        "{group: modules, modules: {council: 1, random: 1}}", "{group: blocks, blocks: {limit: 3}}"
    )
    food = FILES["food.yaml"].replace("pages:", "when: path == 'bol'\npages:")
    north = "institution: north\nname: North\nblocks: [{theme: food}, {theme: sleep}]\n"
    south = "institution: south\nname: South\nblocks:\n  - «{theme: food, when: path == 'bbl'}\n"
    sheet, marks = prove_small(
        tmp_path, {"questionnaire.yaml": head, "food.yaml": food, "north.yaml": north, "south.yaml": south}
    )
    finding = find_failure(sheet, "choices")
    assert finding.place == marks[0]
    assert finding.wrong == "no student of South is asked 'food'"


def test_a_condition_of_a_drawn_module_makes_a_difference(tmp_path: Path) -> None:
    """The module is drawn only for those for whom it holds, so it holds for everybody who gets there."""
    food = FILES["food.yaml"].replace("module: food\n", "module: food\nwhen: path == 'bol'\n")
    sheet, _ = prove_small(tmp_path, {"food.yaml": food})
    assert sheet.proved


def test_a_variant_that_an_institution_lacks_needs_none_of_its_pages(tmp_path: Path) -> None:
    head = FILES["questionnaire.yaml"].replace("{en: {name: English}}", "{en: {name: English}, us: {name: American, locale: en}}")
    files = {
        "questionnaire.yaml": head,
        "main.yaml": MAIN
        + "  - page: second\n    when: institution == 'south'\n    questions:\n      - {yes_no: evening, text: T}\n",
        "south.yaml": "institution: south\nname: South\nlanguages: [en]\n",
    }
    written = write_small(tmp_path, files)
    questionnaire = written.compilation.questionnaire
    assert questionnaire
    verdict = find_verdict(prove_questionnaire(questionnaire), "items")
    assert verdict.proved and "the institutions that ask it" in verdict.notes[0]


@pytest.mark.parametrize(
    "body", ["when: path == 'bol' and path == 'bbl'\n  theme: food", "theme: food"], ids=["condition", "asked before"]
)
def test_a_block_that_is_not_asked_has_reasons(body: str, tmp_path: Path) -> None:
    head = FILES["questionnaire.yaml"] + "  - {group: blocks, blocks: {limit: 2}}\n"
    north = FILES["north.yaml"] + f"modules: {{council: [food]}}\nblocks:\n- {body}\n"
    sheet, _ = prove_small(tmp_path, {"questionnaire.yaml": head, "north.yaml": north})
    finding = find_failure(sheet, "choices")
    assert finding.obstacles[0].reasons


def test_local_questions_in_no_variant_of_the_institution_have_a_reason(tmp_path: Path) -> None:
    easy = "{en: {name: English}, easy: {name: Easy, locale: en, groups: [main]}}"
    head = FILES["questionnaire.yaml"].replace("{en: {name: English}}", easy)
    north = FILES["north.yaml"] + (
        "languages: [easy]\nown_questions:\n  pages:\n    - page: here\n      questions:\n        - {mark: day, text: T}\n"
    )
    files = {"questionnaire.yaml": head, "north.yaml": north, "south.yaml": "institution: south\nname: South\n"}
    questionnaire = write_small(tmp_path, files).compilation.questionnaire
    assert questionnaire
    findings = find_verdict(prove_questionnaire(questionnaire), "choices").findings
    assert [reason.text for finding in findings for obstacle in finding.obstacles for reason in obstacle.reasons] == [
        "'own_north' has no page in the language variants of north: easy"
    ]


def test_a_search_that_reaches_its_limit_leaves_its_claim_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "MAX_STEPS", 10)
    sheet, _ = prove_small(tmp_path, {"main.yaml": MAIN + SECOND})
    undecided = {verdict.code for verdict in sheet.verdicts if verdict.undecided}
    assert "items" in undecided and not any(verdict.findings for verdict in sheet.verdicts)


def test_a_count_of_many_options_is_decided(tmp_path: Path) -> None:
    options = ", ".join(f"o{number}: O" for number in range(30))
    main = MAIN + f"      - {{multiple: needs, text: T, options: {{{options}}}}}\n"
    second = "  - page: second\n    when: {}\n    questions:\n      - {{yes_no: evening, text: T}}\n"
    sheet, _ = prove_small(tmp_path / "a", {"main.yaml": main + second.format("count(needs) >= 10 and 'o1' in needs")})
    assert sheet.proved
    sheet, _ = prove_small(tmp_path / "b", {"main.yaml": main + second.format("count(needs) == 0 and answered(needs)")})
    assert find_failure(sheet, "items").wrong == "nobody is asked page 'second'"


@pytest.mark.parametrize(
    ("when", "proved"),
    [("path == 'bbl'", False), ("job == 'yes'", True), ("answered(hours)", True), ("not answered(hours)", False)],
)
def test_an_answer_in_a_text_is_asked_of_everybody_who_reads_it(when: str, proved: bool, tmp_path: Path) -> None:
    second = SECOND.replace("yes_no: evening, text: T", "number: hours, text: T, from: 0, to: 9")
    third = (
        f"  - page: third\n    when: {when}\n    questions:\n      - {{yes_no: like, text: «'Do you like {{hours}} hours?'}}\n"
    )
    sheet, marks = prove_small(tmp_path, {"main.yaml": MAIN + second + third})
    verdict = find_verdict(sheet, "piping")
    assert verdict.count == 1 and verdict.proved is proved
    assert [finding.place for finding in verdict.findings] == ([] if proved else marks)
