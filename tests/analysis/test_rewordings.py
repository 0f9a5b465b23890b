"""Texts of codes with other words than in earlier versions, which only a person can judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.rewordings import list_rewordings
from survey_engine.model.questionnaire import Questionnaire
from tests.writing import ask, change_head, write_questions, write_sections

HEAD = change_head(
    {
        "languages": "{en: {name: English}, nl: {name: Nederlands}}",
        "title": "{en: Example, nl: Voorbeeld}",
        "background": "{path: {text: {en: Path, nl: Route}, options: {bol: {en: School, nl: School}, bbl: {en: Work, nl: Werk}}}}",
        "scales": "{agree: {1: {en: Disagree, nl: Oneens}, 2: {en: Agree, nl: Eens}}}",
        "terms": "{teacher: {en: teacher, nl: docent}}",
    }
)
QUESTIONS = """\
- grid: views
  text: {en: "How is your {teacher}?", nl: "Hoe is je {teacher}?"}
  help: {en: Think of last week., nl: Denk aan vorige week.}
  scale: agree
  items:
    clear: {en: Explains well, nl: Legt goed uit}
    kind: {en: Is friendly, nl: Is vriendelijk}
- number: travel
  text: {en: How long do you travel?, nl: Hoe lang reis je?}
  unit: {en: minutes, nl: minuten}
  to: 300
- choice: ready
  text: {en: Are you ready?, nl: Ben je klaar?}
  options: {a: {en: Yes and no, nl: Ja en nee}, b: {en: "Up to 1,5", nl: "Tot 1,5"}}
- consent: use
  text: {en: May we?, nl: Mogen we?}
  version: 1
  parts: {share: {en: Share it, nl: Delen}}
"""


def make(folder: Path, *changes: tuple[str, str]) -> Questionnaire:
    head, questions = HEAD, QUESTIONS
    for was, now in changes:
        assert (was in head) != (was in questions)
        head, questions = head.replace(was, now), questions.replace(was, now)
    return write_questions(folder, questions, head).questionnaire


@pytest.mark.parametrize(
    ("was", "now", "codes", "language"),
    [
        ("Explains well", "Gives good grades", ["clear"], "en"),
        ("Is vriendelijk", "Is niet vriendelijk", ["kind"], "nl"),
        ("Hoe is je {teacher}", "Hoe belangrijk is je {teacher}", ["question of clear", "question of kind"], "nl"),
        ("last week", "last year", ["help of clear", "help of kind"], "en"),
        ("Oneens", "Helemaal oneens", ["option 1 of clear", "option 1 of kind"], "nl"),
        ("nl: minuten", "nl: uren", ["unit of travel"], "nl"),
        ("Hoe lang reis", "Hoe ver reis", ["travel"], "nl"),
        ('"Up to 1,5"', '"Up to 15"', ["option b of ready"], "en"),
        ('"Tot 1,5"', '"< 1,5"', ["option b of ready"], "nl"),
        ("nl: Route", "nl: Niveau", ["path"], "nl"),
        ("nl: Werk", "nl: Stage", ["option bbl of path"], "nl"),
        ("en: teacher", "en: mentor", ["term of teacher"], "en"),
    ],
)
def test_a_text_with_other_words_is_listed_once_with_its_codes(
    tmp_path: Path, was: str, now: str, codes: list[str], language: str
) -> None:
    old, new = make(tmp_path / "old"), make(tmp_path / "new", (was, now))
    (found,) = list_rewordings(new, [old])

    assert (list(found.codes), found.language) == (codes, language)
    assert now.strip('"').removeprefix(f"{language}: ").split()[-1] in found.now and found.was != found.now


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("Is friendly", "is **friendly**."),
        ("How long do you travel?", "How long do you travel …"),
        ("en: minutes", "en: min"),
        ("Share it", "Sell it"),
        ("en: Example", "en: Another title"),
        ("kind: {en: Is friendly, nl: Is vriendelijk}", "calm: {en: Is calm, nl: Is rustig}"),
    ],
)
def test_what_has_the_same_words_a_version_or_another_code_is_not_listed(tmp_path: Path, was: str, now: str) -> None:
    assert list_rewordings(make(tmp_path / "new", (was, now)), [make(tmp_path / "old")]) == []


def test_another_scale_of_as_many_points_is_listed(tmp_path: Path) -> None:
    old, new = (
        make(tmp_path / "old"),
        make(tmp_path / "new", ("scale: agree", "options: {1: {en: Rare, nl: Zelden}, 2: {en: Daily, nl: Elke dag}}")),
    )
    found = {(each.language, each.was, each.now) for each in list_rewordings(new, [old])}

    assert found == {
        ("en", "Disagree", "Rare"),
        ("en", "Agree", "Daily"),
        ("nl", "Oneens", "Zelden"),
        ("nl", "Eens", "Elke dag"),
    }


def test_a_text_is_compared_with_the_newest_version_that_has_it(tmp_path: Path) -> None:
    first = make(tmp_path / "1")
    second = make(tmp_path / "2", ("Is friendly", "Is nice"), ("    clear: {en: Explains well, nl: Legt goed uit}\n", ""))
    third = make(tmp_path / "3", ("Is friendly", "Is nice"), ("Explains well", "Grades well"))

    assert [each.codes for each in list_rewordings(third, [second, first])] == [("clear",)]


def test_a_statement_in_another_grid_is_compared_with_its_question(tmp_path: Path) -> None:
    moved = """\
- grid: weight
  text: {en: How much does it matter?, nl: Hoe belangrijk is dit?}
  scale: agree
  items:
    clear: {en: Explains well, nl: Legt goed uit}
"""
    old = make(tmp_path / "old")
    new = make(
        tmp_path / "new",
        ("    clear: {en: Explains well, nl: Legt goed uit}\n", ""),
        ("- number: travel", f"{moved}- number: travel"),
    )

    assert {each.codes for each in list_rewordings(new, [old])} == {("question of clear",), ("help of clear",)}


def test_a_term_of_an_institution_is_compared_there(tmp_path: Path) -> None:
    editions = [
        write_sections(
            tmp_path / word,
            ask(QUESTIONS),
            f"institution: north\nname: North\nterms: {{teacher: {{en: {word}, nl: docent}}}}\n",
            "institution: south\nname: South\n",
            head=HEAD,
        ).questionnaire
        for word in ("coach", "mentor")
    ]

    assert [(each.codes, each.was, each.now) for each in list_rewordings(editions[1], editions[:1])] == [
        (("term of teacher at north",), "coach", "mentor")
    ]


def test_a_term_that_is_no_institution_s_own_is_listed_once(tmp_path: Path) -> None:
    institutions = [f"institution: {name}\nname: {name}\n" for name in ("north", "south")]
    old, new = (
        write_sections(
            tmp_path / word, ask(QUESTIONS), *institutions, head=HEAD.replace("{en: teacher", f"{{en: {word}")
        ).questionnaire
        for word in ("teacher", "mentor")
    )

    assert [each.codes for each in list_rewordings(new, [old])] == [("term of teacher",)]


ARMS = """\
- choice: seat
  text: {en: Where do you sit?, nl: Waar zit je?}
  options: {a: {en: Front, nl: Voor}, b: {en: Back, nl: Achter}}
  when: """


@pytest.mark.parametrize(
    ("was", "now", "shown"),
    [
        ("experiment.form == 'short'", "experiment.form == 'long'", True),
        ("experiment.form != 'short'", "experiment.form == 'short'", True),
        ("experiment.form == 'short'", "not experiment.form == 'short'", True),
        ("is_short", "is_long", True),
        ("experiment.form == 'short' and level == 1", "experiment.form == 'short' and level == 2", True),
        ("experiment.form == 'short'", "is_short", False),
        ("level == 1", "level == 2", False),
    ],
)
def test_another_arm_of_an_answered_question_is_shown(tmp_path: Path, was: str, now: str, shown: bool) -> None:
    head = HEAD.replace("background: {", "background: {level: {text: {en: Level, nl: Niveau}, from: 1, to: 4}, ")
    head += "experiments: [{experiment: form, arms: {short: 1, long: 1}}]\n"
    head += "conditions: {is_short: experiment.form == 'short', is_long: experiment.form == 'long'}\n"
    old, new = (
        write_questions(tmp_path / word, f"{QUESTIONS}{ARMS}{when}", head).questionnaire
        for word, when in (("a", was), ("b", now))
    )

    assert [each.codes for each in list_rewordings(new, [old])] == [("arms of seat",)] * shown


def test_a_named_condition_with_another_arm_is_shown_as_such(tmp_path: Path) -> None:
    editions = []
    for arm in ("short", "long"):
        head = HEAD + "experiments: [{experiment: form, arms: {short: 1, long: 1}}]\n"
        head += f"conditions: {{mine: experiment.form == '{arm}'}}\n"
        editions.append(write_questions(tmp_path / arm, f"{QUESTIONS}{ARMS}mine", head).questionnaire)
    (found,) = list_rewordings(editions[1], editions[:1])

    assert (found.was, found.now) == ("mine", "mine, as defined now")


MARK = "- mark: meat\n  text: {en: Mark?, nl: Cijfer?}\n"
SCALE = "- choice: meat\n  text: {en: Mark?, nl: Cijfer?}\n  scale: %s\n"
POINTS = "{1: {en: Bad, nl: Slecht}, 2: {en: So so, nl: Matig}, 3: {en: Good, nl: Goed}}"
NUMBER = "- number: meat\n  text: {en: Mark?, nl: Cijfer?}\n  from: 1\n  to: 10\n"
YEAR = NUMBER.replace("10", "2026").replace("from: 1\n", "from: 1980\n")
LIST = """\
- choice: meat
  text: {en: Mark?, nl: Cijfer?}
  options: {a: {en: Beef, nl: Rund}, b: {text: {en: Other, nl: Anders}, namely: true}}
"""
PANEL = "- panel: meat\n  text: {en: Join?, nl: Meedoen?}\n"


@pytest.mark.parametrize(
    ("was", "now", "shown"),
    [
        (
            MARK,
            MARK + "  from_label: {en: Good, nl: Goed}\n  to_label: {en: Bad, nl: Slecht}\n",
            {"option 1 of meat", "option 10 of meat"},
        ),
        (MARK, NUMBER, set()),
        (MARK, NUMBER.replace("10", "100"), {"range of meat"}),
        (MARK, NUMBER + "  unit: {en: g, nl: g}\n", {"unit of meat"}),
        (NUMBER.replace("10", "5000"), NUMBER, {"range of meat"}),
        (NUMBER, NUMBER.replace("10", "12"), set()),
        (YEAR, NUMBER, {"range of meat"}),
        (NUMBER, YEAR, {"range of meat"}),
        (YEAR, YEAR.replace("1980", "1990").replace("2026", "2027"), set()),
        (YEAR.replace("1980", "2000").replace("2026", "9000"), NUMBER, {"range of meat"}),
        (SCALE % "one", SCALE % "two", {"points of meat"}),
        (LIST, LIST.replace("namely: true", "namely: false"), {"option b of meat"}),
        (LIST, LIST.replace("options: {", "options: {c: {en: Fish, nl: Vis}, "), set()),
        (PANEL, PANEL.replace("Join?", "May we sell your address?"), {"meat"}),
        (PANEL, PANEL.replace("panel", "open"), {"type of meat"}),
        (NUMBER, NUMBER + "  help: {en: In hours., nl: In uren.}\n", {"help of meat"}),
    ],
)
def test_what_may_mean_something_else_under_a_code_is_shown(tmp_path: Path, was: str, now: str, shown: set[str]) -> None:
    scales = {"one": POINTS, "two": POINTS.replace("2: {en: So so, nl: Matig}, ", "")}
    head = HEAD.replace("scales: {", "scales: {" + ", ".join(f"{name}: {points}" for name, points in scales.items()) + ", ")
    old, new = (
        write_questions(tmp_path / name, QUESTIONS + text, head).questionnaire for name, text in (("old", was), ("new", now))
    )

    assert {code for each in list_rewordings(new, [old]) for code in each.codes} == shown


@pytest.mark.parametrize(
    ("was", "now", "shown"),
    [
        ("from: 1, to: 4", "options: {1: {en: Four, nl: Vier}, 2: {en: '2', nl: '2'}}", {"option 1 of year"}),
        ("from: 1, to: 4", "from: 1, to: 6", set()),
        ("from: 1980, to: 2026", "from: 1, to: 10", {"range of year"}),
        ("from: 1980, to: 2026", "from: 1981, to: 2027", set()),
    ],
)
def test_labels_and_other_ranges_of_background_numbers_are_shown(tmp_path: Path, was: str, now: str, shown: set[str]) -> None:
    heads = [
        HEAD.replace("background: {", f"background: {{year: {{text: {{en: Year, nl: Jaar}}, {each}}}, ") for each in (was, now)
    ]
    old, new = (write_questions(tmp_path / str(number), QUESTIONS, head).questionnaire for number, head in enumerate(heads))

    assert {code for each in list_rewordings(new, [old]) for code in each.codes} == shown


def test_other_names_of_institutions_and_titles_are_shown(tmp_path: Path) -> None:
    editions = [
        write_sections(
            tmp_path / name,
            ask(QUESTIONS).replace("page: first", f"page: first\n    title: {{en: {title}, nl: Titel}}"),
            f"institution: north\nname: {name}\n",
            head=HEAD,
        ).questionnaire
        for name, title in (("North", "This week"), ("South", "This year"))
    ]

    assert [(each.codes, each.was, each.now) for each in list_rewordings(editions[1], editions[:1])] == [
        (("title of page first",), "This week", "This year"),
        (("name of north",), "North", "South"),
    ]


EDITION = """\
section: main
title: {en: Study, nl: Studie}
pages:
  - page: first
    title: {en: This week, nl: Deze week}
    questions:
      - information: intro
        text: {en: Think of lessons., nl: Denk aan lessen.}
  - page: second
    questions:
      - mark: week
        text: {en: How is it?, nl: Hoe is het?}
      - mark: day
        text: {en: And today?, nl: En vandaag?}
"""
MORE = "  - page: third\n    title: {en: This year, nl: Dit jaar}\n    questions:\n"
DAY = "      - mark: day\n        text: {en: And today?, nl: En vandaag?}\n"
INTRO = "      - information: intro\n        text: {en: Think of lessons., nl: Denk aan lessen.}\n"


@pytest.mark.parametrize(
    ("was", "now", "shown"),
    [
        ("    title: {en: This week, nl: Deze week}\n", "", [(("text above day", "text above week"), "This week", "")]),
        ("title: {en: Study, nl: Studie}\n", "", [(("text above day", "text above week"), "Study", "")]),
        ("page: second", "page: other", []),
        ("page: first", "page: other", []),
        ("This week", "this week …", []),
        ("Think of lessons", "Think of tests", [(("intro",), "Think of lessons.", "Think of tests.")]),
        (DAY, MORE + DAY, [(("text above day",), "This week · Think of lessons.", "This year")]),
        (DAY, INTRO.replace("intro", "more").replace("lessons", "tests") + DAY, [(("text above day",), "", "Think of tests.")]),
        (DAY, DAY + INTRO.replace("intro", "more").replace("lessons", "tests"), []),
        (INTRO, INTRO.replace("intro", "other"), []),
    ],
    ids=[
        *("no title of a page", "no title of a section", "another code", "another code of a page of information", "punctuation"),
        *("other information", "another page", "more information", "information below", "another code of information"),
    ],
)
def test_texts_above_answered_questions_are_shown_where_they_differ(tmp_path: Path, was: str, now: str, shown: list) -> None:
    assert was in EDITION
    old, new = (
        write_sections(tmp_path / name, text, head=HEAD).questionnaire
        for name, text in (("old", EDITION), ("new", EDITION.replace(was, now)))
    )

    found = list_rewordings(new, [old])
    assert [(tuple(sorted(each.codes)), each.was, each.now) for each in found if each.language == "en"] == shown


def test_a_text_added_above_a_question_is_shown_in_every_language(tmp_path: Path) -> None:
    added = INTRO.replace("intro", "more").replace("lessons", "tests").replace("aan lessen", "nooit aan lessen")
    old, new = (
        write_sections(tmp_path / str(len(text)), text, head=HEAD).questionnaire
        for text in (EDITION, EDITION.replace(DAY, added + DAY))
    )

    assert {(each.language, each.now) for each in list_rewordings(new, [old])} == {
        ("en", "Think of tests."),
        ("nl", "Denk nooit aan lessen."),
    }


@pytest.mark.parametrize("asked", ["consent: use\n  version: 1", "panel: use"])
def test_a_text_added_above_a_consent_or_a_panel_is_shown(tmp_path: Path, asked: str) -> None:
    question = f"- {asked}\n  text: {{en: May we?, nl: Mogen we?}}\n"
    question += "  parts: {share: {en: Share it, nl: Delen}}\n" if "consent" in asked else ""
    information = "- information: why\n  text: {en: It is free., nl: Het is gratis.}\n"
    old, new = (
        write_questions(tmp_path / str(len(text)), text, HEAD).questionnaire for text in (question, information + question)
    )
    above, found = "text above share" if "consent" in asked else "text above use", list_rewordings(new, [old])

    assert [(each.codes, each.language, each.now) for each in found] == [
        ((above,), "en", "It is free."),
        ((above,), "nl", "Het is gratis."),
    ]
    assert list_rewordings(new, [new, old]) == []


ARM_PAGES = """\
section: main
pages:
  - page: one
    when: experiment.form == 'short'
    questions:
      - information: hope
        text: {en: All goes well., nl: Alles gaat goed.}
  - page: two
    title: {en: Warning, nl: Waarschuwing}
    when: mine
    questions:
      - information: fear
        text: {en: All goes wrong., nl: Alles gaat fout.}
  - page: three
    questions:
      - information: calm
        text: {en: Read this., nl: Lees dit.}
      - mark: week
        text: {en: How is it?, nl: Hoe is het?}
"""


@pytest.mark.parametrize(
    ("was", "now", "shown"),
    [
        ("== 'short'", "== 'long'", [("arms of hope", "experiment.form == 'short'", "experiment.form == 'long'")]),
        ("when: mine", "when: not mine", [("arms of fear", "mine", "not mine"), ("arms of page two", "mine", "not mine")]),
        ("mine: experiment.form == 'long'", "mine: experiment.form == 'short'", ["fear", "page two"]),
        ("- information: calm\n", "- information: calm\n        when: mine\n", [("arms of calm", "everybody", "mine")]),
        ("information: hope", "information: other", []),
        ("== 'short'\n", "== 'short' and experiment.form != 'long'\n", ["hope"]),
        ("All goes well", "all goes *well*", []),
        ("information: fear", "information: other", []),
    ],
)
def test_information_for_another_arm_is_shown(tmp_path: Path, was: str, now: str, shown: list) -> None:
    head = HEAD + "experiments: [{experiment: form, arms: {short: 1, long: 1}}]\nconditions: {mine: experiment.form == 'long'}\n"
    assert (was in head) != (was in ARM_PAGES)
    old, new = (
        write_sections(tmp_path / str(number), text, head=top).questionnaire
        for number, (text, top) in enumerate([(ARM_PAGES, head), (ARM_PAGES.replace(was, now), head.replace(was, now))])
    )
    found = [(*each.codes, each.was, each.now) for each in list_rewordings(new, [old])]

    assert found == shown or [code for code, *_ in found] == [f"arms of {code}" for code in shown]
    assert list_rewordings(new, [new, old]) == []


def test_information_that_one_arm_gets_or_loses_is_shown_with_its_words(tmp_path: Path) -> None:
    head = HEAD + "experiments: [{experiment: form, arms: {short: 1, long: 1}}]\nconditions: {mine: experiment.form == 'long'}\n"
    other = ARM_PAGES.replace("information: fear", "information: other").replace("All goes wrong.", "X.").replace("fout.", "y.")
    old, new = (write_sections(tmp_path / str(len(text)), text, head=head).questionnaire for text in (other, ARM_PAGES))
    found = {(each.codes, each.language, each.was, each.now) for each in list_rewordings(new, [old])}

    assert found >= {
        (("arms of fear",), "nl", "", "mine: Alles gaat fout."),
        (("arms of other",), "en", "mine: X.", ""),
    }


@pytest.mark.parametrize(
    ("part", "codes"),
    [
        ("text: {en: Front, nl: Voor}, when: experiment.form == 'short'", ["arms of option a of seat"]),
        ("text: {en: Clear, nl: Helder}, when: experiment.form == 'short'", ["arms of clear"]),
    ],
)
def test_another_arm_of_an_option_or_a_statement_is_shown(tmp_path: Path, part: str, codes: list[str]) -> None:
    questions = """\
- choice: seat
  text: {en: Where?, nl: Waar?}
  options: {a: {text: {en: Front, nl: Voor}, when: experiment.form == 'short'}, b: {en: Back, nl: Achter}, c: {en: C, nl: C}}
- grid: views
  text: {en: How?, nl: Hoe?}
  scale: agree
  items: {clear: {text: {en: Clear, nl: Helder}, when: experiment.form == 'short'}, kind: {en: Kind, nl: Aardig}}
"""
    head = HEAD + "experiments: [{experiment: form, arms: {short: 1, long: 1}}]\n"
    changed = questions.replace(part, part.replace("short", "long"))
    old, new = (write_questions(tmp_path / str(len(text)), text, head).questionnaire for text in (questions, changed))

    assert [code for each in list_rewordings(new, [old]) for code in each.codes] == codes


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        (("[27DV]", "[25PX]"), []),
        (("[25PX]", "[27DV]"), ["RIO codes of north", "RIO codes of south"]),
        (("[27DV, 21CY]", "[25PX]"), []),
        (("[21CY]", "[25PX]"), ["RIO codes of north"]),
        (("[]", "[25PX, 27DV]"), ["RIO codes of south"]),
    ],
)
def test_rio_codes_of_other_institutions_are_shown(tmp_path: Path, now: tuple[str, str], shown: list[str]) -> None:
    old, new = (
        write_sections(
            tmp_path / folder,
            ask(QUESTIONS),
            *(
                f"institution: {name}\nname: {name}\nrio_codes: {each}\n"
                for name, each in zip(("north", "south"), codes, strict=True)
            ),
            head=HEAD,
        ).questionnaire
        for folder, codes in (("old", ("[27DV]", "[25PX]")), ("new", now))
    )

    assert [code for each in list_rewordings(new, [old]) for code in each.codes] == shown


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        ("institution: east\nname: North\nrio_codes: [27DV]\n", ["code of east"]),
        ("institution: east\nname: North\n", ["code of east"]),
        ("institution: east\nname: East\nrio_codes: [27DV]\n", ["code of east"]),
        ("institution: east\nname: East\nrio_codes: [30AA]\n", []),
        ("institution: south\nname: South\nrio_codes: [25PX, 27DV]\n", ["RIO codes of south"]),
    ],
    ids=["all but the code", "the name", "the RIO code", "another institution", "the RIO code of one that left"],
)
def test_an_institution_under_another_code_is_shown(tmp_path: Path, now: str, shown: list[str]) -> None:
    south = "institution: south\nname: South\nrio_codes: [25PX]\n"
    old, new = (
        write_sections(tmp_path / name, ask(QUESTIONS), *institutions, head=HEAD).questionnaire
        for name, institutions in (
            ("old", ("institution: north\nname: North\nrio_codes: [27DV]\n", south)),
            ("new", (now,) if "south" in now else (now, south)),
        )
    )

    assert [code for each in list_rewordings(new, [old]) for code in each.codes] == shown
    assert list_rewordings(new, [new, old]) == []


def test_a_name_in_texts_that_stands_for_a_term_or_a_variable_is_shown(tmp_path: Path) -> None:
    question = "- mark: week\n  text: {en: 'How was {season}?', nl: 'Hoe was {season}?'}\n"
    heads = [
        HEAD.replace("terms: {", "terms: {season: {en: last year, nl: vorig jaar}, "),
        HEAD.replace("background: {", "background: {season: {text: {en: Season, nl: Seizoen}, open: true}, "),
    ]
    term, variable = (write_questions(tmp_path / str(n), question, head).questionnaire for n, head in enumerate(heads))

    (there,), (back,) = list_rewordings(variable, [term]), list_rewordings(term, [variable])
    assert (there.was, there.now) == (back.now, back.was) == ("last year · vorig jaar", "background variable")
    assert there.codes == back.codes == ("name of season",)


def test_labels_added_to_numbers_are_shown_in_every_language(tmp_path: Path) -> None:
    ends = "  from_label: {en: Bad, nl: Goed}\n  to_label: {en: Good, nl: Slecht}\n"
    old, new = (write_questions(tmp_path / str(len(text)), text, HEAD).questionnaire for text in (MARK, MARK + ends))

    assert [each.now for each in list_rewordings(new, [old])] == ["Bad · Goed", "Good · Slecht"]


def test_a_unit_is_compared_with_the_newest_version_that_has_one(tmp_path: Path) -> None:
    bare, unit = NUMBER, "  unit: {en: m2, nl: m2}\n"
    first, second, third = (
        write_questions(tmp_path / name, text, HEAD).questionnaire
        for name, text in (("1", bare + unit), ("2", bare), ("3", bare + unit.replace("m2", "ares")))
    )
    found = [(each.codes, each.was, each.now) for each in list_rewordings(third, [second, first]) if each.language == "en"]

    assert found == [
        (("unit of meat",), "", "ares"),
        ((f"unit of meat in version {first.version}",), "m2", "ares"),
    ]
    assert list_rewordings(second, [second, first]) == list_rewordings(third, [third, second, first]) == []
