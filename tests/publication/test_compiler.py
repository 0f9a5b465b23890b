"""The compiler: files it reads, their names in messages, reported problems, speed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey_engine.authoring.review import review_questionnaire
from survey_engine.cli import main
from survey_engine.cli.check import make_reader
from survey_engine.language.interface_catalogues import list_missing_texts
from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.model.questionnaire import Place
from survey_engine.publication.compiler import compile_questionnaire, inspect_questionnaire
from survey_engine.publication.folders import MAX_FILE_BYTES, check_folder, is_questionnaire
from tests import SHIPPED
from tests.writing import ANY_QUESTION, HEAD, ask, change_head, write, write_head, write_questions, write_sections

FOLDERS = sorted(path.parent for path in SHIPPED.glob("*/questionnaire.yaml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_shipped_questionnaire_compiles_without_an_error(folder: Path) -> None:
    assert compile_questionnaire(folder).code == folder.name


def test_the_largest_shipped_questionnaire_is_read_within_a_second() -> None:
    """The median of three runs in processor time, which excludes other load of the machine."""
    largest = max(FOLDERS, key=lambda folder: sum(path.stat().st_size for path in folder.rglob("*.yaml")))
    times = []
    for _ in range(3):
        start = time.process_time()
        compile_questionnaire(largest)
        times.append(time.process_time() - start)
    assert sorted(times)[1] < 1


def test_a_broken_questionnaire_never_starts(tmp_path: Path) -> None:
    write_questions(tmp_path, "- mark: Week\n  text: W?\n- mark: week\n  tekst: W?")
    with pytest.raises(BrokenQuestionnaireError) as caught:
        compile_questionnaire(tmp_path / "q" / "x")
    assert [problem.code for problem in caught.value.problems] == ["bad-code", "missing-key", "unknown-key"]
    assert str(caught.value).startswith("x/1.yaml:5: 'Week' cannot be a code.")


def test_warnings_do_not_keep_a_questionnaire_from_starting(tmp_path: Path) -> None:
    extra = "section: «extra\npages: [{page: e, questions: [{mark: m, text: M?}]}]"
    written = write_head(tmp_path, {}, extra)
    assert written.find("unused-section").severity == "warning" and not written.compilation.errors
    assert compile_questionnaire(tmp_path / "q" / "x")


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def link_out(path: Path) -> None:
    secret = path.parents[2] / "secret"
    secret.write_text("root:secret:1")
    path.symlink_to(secret)


def make_huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)


UNREAD: dict[str, Callable[[Path], None]] = {
    "is not a regular file": make_pipe,
    "is a link to a file outside its folder": link_out,
    "is a link to a file outside its folder, without end": lambda path: path.symlink_to("/dev/zero"),
    "is a broken link": lambda path: path.symlink_to(path.name),
    "has more than 5 MB": make_huge,
}


@pytest.mark.parametrize("name", ["0.yaml", "z.yml", "part/z.yaml", "logo.svg"])
@pytest.mark.parametrize("fault", UNREAD)
def test_only_regular_files_inside_the_folder_are_read(tmp_path: Path, fault: str, name: str) -> None:
    write_questions(tmp_path, ANY_QUESTION)
    folder = tmp_path / "q" / "x"
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    UNREAD[fault](path)

    assert is_questionnaire(folder)
    (problem,) = [problem for problem in inspect_questionnaire(folder).problems if problem.severity == "error"]
    assert (problem.code, problem.place.file) == ("unread-file", f"x/{name}")
    assert fault.partition(",")[0] in problem.wrong
    assert make_reader([folder.parent])(problem.place) == ""


@pytest.mark.parametrize("name", ["questionnaire.yml", "QUESTIONNAIRE.YAML"])
def test_a_head_with_another_suffix_is_found_and_reported(tmp_path: Path, name: str) -> None:
    write_questions(tmp_path, ANY_QUESTION)
    folder = tmp_path / "q" / "x"
    (folder / "questionnaire.yaml").rename(folder / name)

    assert is_questionnaire(folder)
    questionnaire = inspect_questionnaire(folder).questionnaire
    assert questionnaire
    assert "head-name" in [problem.code for problem in check_folder(folder, questionnaire)]


NORTH = "institution: north\nname: North\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("north.json", '{\n  "institution": "north",\n  "name": "North"\n}'),
        ("offices/north.yaml.txt", NORTH),
        ("north", f"# our office\n---\n{NORTH}"),
        ("more.yaml~", "section: more\npages: []\n"),
    ],
)
def test_a_definition_with_another_suffix_is_named(tmp_path: Path, name: str, text: str) -> None:
    written = write_questions(tmp_path, ANY_QUESTION)
    path = tmp_path / "q" / "x" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert "other-suffix" not in written.codes
    (problem,) = [each for each in inspect_questionnaire(tmp_path / "q" / "x").problems if each.code == "other-suffix"]
    assert (problem.place.file, problem.place.line) == (f"x/{name}", 1)
    assert problem.facts["name"] == f"{path.name.split('.')[0]}.yaml"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("north.yaml~", NORTH),
        ("north.yaml.bak", NORTH),
        (".north.txt", NORTH),
        ("notes.txt", "institutions: north and south\n"),
        ("logo.svg", "<svg/>"),
    ],
)
def test_copies_and_other_files_are_not_taken_for_definitions(tmp_path: Path, name: str, text: str) -> None:
    write_sections(tmp_path, ask(ANY_QUESTION), head=HEAD)
    (tmp_path / "q" / "x" / "north.yaml").write_text(NORTH)
    (tmp_path / "q" / "x" / name).write_text(text)
    assert "other-suffix" not in [each.code for each in inspect_questionnaire(tmp_path / "q" / "x").problems]


def test_a_file_with_a_suffix_in_capitals_is_read(tmp_path: Path) -> None:
    write_questions(tmp_path, ANY_QUESTION)
    (tmp_path / "q" / "x" / "NORTH.YAML").write_text("institution: north\nname: North\n")
    questionnaire = inspect_questionnaire(tmp_path / "q" / "x").questionnaire
    assert questionnaire and list(questionnaire.institutions) == ["north"]


def test_a_link_to_a_file_of_the_same_folder_is_read(tmp_path: Path) -> None:
    write_questions(tmp_path, ANY_QUESTION)
    folder = tmp_path / "q" / "x"
    (folder / "1.yaml").rename(folder / "1.txt")
    (folder / "1.yaml").symlink_to("1.txt")
    assert compile_questionnaire(folder)


def test_a_folder_without_a_questionnaire_is_reported(tmp_path: Path) -> None:
    written = write(tmp_path, {"1.yaml": ask(ANY_QUESTION)})
    assert written.find("no-questionnaire").place == Place("x") and written.compilation.questionnaire is None


def test_a_questionnaire_with_a_broken_head_is_not_missing(tmp_path: Path) -> None:
    written = write(tmp_path, {"questionnaire.yaml": "questionnaire: x\ntitle: X", "1.yaml": ask("- mark: Week\n  text: W?")})
    assert sorted(set(written.codes)) == ["bad-code", "missing-key"]


def test_a_questionnaire_in_invalid_yaml_is_not_missing(tmp_path: Path) -> None:
    written = write(tmp_path, {"questionnaire.yaml": "# head\nquestionnaire: x\ntitle: a«: b", "1.yaml": ask(ANY_QUESTION)})
    assert written.find("yaml") and written.codes == ["yaml"]


def test_consequences_of_a_mistake_are_not_reported(tmp_path: Path) -> None:
    """One wrong value or name is one problem, whatever else it makes impossible."""
    main = "section: main\nwhen: «path == 'bool'\npages: [{page: p, questions: [{mark: m, text: M?, when: path == 'bol'}]}]"
    assert write_sections(tmp_path / "value", main).find("condition-value")
    assert write_sections(tmp_path / "value", main).codes == ["condition-value"]
    twice = "- choice: c\n  text: C?\n  options: {a: A, b: B}\n- choice: «c\n  text: D?\n  options: {a: A, b: B}"
    assert write_questions(tmp_path / "twice", twice).codes == ["duplicate-code"]
    double = "- consent: use\n  text: U?\n  version: 1\n  parts: {week: W}\n- mark: «week\n  text: W?\n"
    follow = "- mark: more\n  text: M?\n  when: week == 7"
    assert write_questions(tmp_path / "double", double + follow).codes == ["duplicate-code"]
    assert write_head(tmp_path / "range", {"background": "{a: {text: A, from: 4, to: 1}}"}).codes == ["bad-bounds"]
    share = {"experiments": "[{experiment: layout, arms: {fold: 0, list: 1}}]"}
    assert write_head(tmp_path / "share", share).codes == ["wrong-value"]
    order = "[{group: main, sections: [main]}, {group: a, modules: {council: 1}}, {group: b, modules: {random: 1}}]"
    food = "module: food\npages: [{page: food, questions: [{mark: food, text: F?}]}]"
    north = "institution: north\nname: N\nmodules: {council: [food]}"
    assert write_head(tmp_path / "modules", {"order": order}, food, north).codes == ["shared-modules"]


@pytest.mark.parametrize(
    ("order", "codes"),
    [
        ("[main, more]", ["wrong-value"] * 2),
        ("[{group: main, sections: main}, {group: more, sections: [more]}]", ["wrong-value"]),
        ("[{group: main, sections: [mian, more]}]", ["unknown-name"]),
    ],
)
def test_a_wrong_order_does_not_make_names_unknown(tmp_path: Path, order: str, codes: list[str]) -> None:
    more = "section: more\npages: [{page: b, questions: [{mark: m, text: M?, when: week == 7}]}]"
    assert write_head(tmp_path, {"order": order, "conditions": "{good: week == 8}"}, more).codes == codes


NAMING = {
    "section": {"order": "[{group: main, sections: [%s]}]"},
    "two sections": {"order": "[{group: main, sections: [main, %s]}]"},
    "module": {"order": "[{group: main, sections: [main]}, {group: more, modules: {from: {%s: 1}, random: 1}}]"},
    "condition": {"conditions": "{good: %s == 8}"},
    "derived value": {"derived": "{both: {mean: [%s, week]}}"},
    "key of a derived value": {"derived": "{both: {%s: [week]}}"},
    "source language": {"source_language": "%s"},
    "group of a language": {"languages": "{en: {name: English}, nl: {name: N, draft: true, groups: [%s]}}"},
}
"""Kind of thing → keys of the head that name one."""


@pytest.mark.parametrize("name", ["more", "living", "happy", "calm", "page_b", "absent"])
@pytest.mark.parametrize("kind", NAMING)
def test_whatever_is_left_out_as_a_consequence_its_cause_stays(tmp_path: Path, kind: str, name: str) -> None:
    """The names of a section that the order lacks, and of its parts, are unknown as those of anything else."""
    grid = "{grid: views, text: V?, scale: agree, items: {calm: Calm., glad: Glad.}}"
    more = "section: living_part\npages: [{page: page_b, questions: [{mark: living, text: L?}, {mark: happy, text: H?}, %s]}]"
    change = {key: value % name for key, value in NAMING[kind].items()}
    assert write_head(tmp_path, change, more % grid).compilation.errors


SCALED = "- grid: week\n  text: What of this week?\n  scale: agree\n  items: {fun: It was fun., calm: It was calm.}\n"
FOLLOW = "section: more\npages: [{page: b, when: happy < 2, questions: [{open: why, text: Why?, when: fun == 1, notice: names}]}]"


@pytest.mark.parametrize(
    ("written", "wrong", "code"),
    [
        ("items: {fun: It was fun., calm: It was calm.}", "purpose: Fun", "needs-option"),
        ("scale: agree", "purpose: Fun", "needs-option"),
        ("agree: {1: Disagree, 2: Neutral, 3: Agree}", "agree: [Disagree, Neutral, Agree]", "wrong-value"),
        ("grid: week", "grid:", "empty-value"),
        ("mean: [fun,", "mean: [fnu,", "unknown-name"),
        ("notice: names}", "notice: mames}", "unknown-name"),
    ],
)
def test_a_missing_part_does_not_make_what_uses_it_wrong(tmp_path: Path, written: str, wrong: str, code: str) -> None:
    order, derived = "[{group: main, sections: [main, more]}]", "{happy: {mean: [fun, calm]}}"
    head = change_head({"order": order, "derived": derived, "notices": "{names: Name nobody.}"})
    other = "- open: more\n  text: What else?\n  notice: names\n"
    texts = [head, ask(SCALED + other), FOLLOW]
    assert not write_sections(tmp_path / "right", *texts[1:], head=head).problems
    head, *sections = (text.replace(written, wrong) for text in texts)
    assert write_sections(tmp_path / "wrong", *sections, head=head).codes == [code]


def test_a_second_questionnaire_in_the_folder_is_refused(tmp_path: Path) -> None:
    problem = write(tmp_path, {"a.yaml": HEAD, "b.yaml": f"«{HEAD}", "1.yaml": ask(ANY_QUESTION)}).find("second-questionnaire")
    assert "x/a.yaml" in problem.wrong


@pytest.mark.parametrize("copy", [HEAD, "questionnaire: example\nedition: 2026\n"])
def test_a_copy_of_the_head_is_one_problem_whatever_it_lacks(tmp_path: Path, copy: str) -> None:
    files = {"questionnaire.yaml": HEAD, "questionnaire (1).yaml": f"«{copy}", "1.yaml": ask(ANY_QUESTION)}
    written = write(tmp_path, files)

    assert written.find("second-questionnaire") and written.codes == ["second-questionnaire"]


def test_a_second_head_that_cannot_be_read_keeps_its_problem(tmp_path: Path) -> None:
    written = write(tmp_path, {"questionnaire.yaml": HEAD, "1.yaml": ask(ANY_QUESTION), "2.yaml": "questionnaire: {a"})

    assert written.codes == ["yaml"]


def test_files_may_be_in_any_subfolder_and_end_in_yml(tmp_path: Path) -> None:
    written = write(tmp_path, {"questionnaire.yml": HEAD, "main.yaml": ask(ANY_QUESTION)})
    (tmp_path / "q" / "x" / "deep" / "er").mkdir(parents=True)
    (tmp_path / "q" / "x" / "main.yaml").rename(tmp_path / "q" / "x" / "deep" / "er" / "s.yaml")
    compilation = inspect_questionnaire(tmp_path / "q" / "x")
    assert not compilation.problems and compilation.questionnaire and written.questionnaire
    assert compilation.questionnaire.sections["main"].place == Place("x/deep/er/s.yaml")


def test_hidden_files_are_ignored(tmp_path: Path) -> None:
    written = write(tmp_path, {"questionnaire.yaml": HEAD, "1.yaml": ask(ANY_QUESTION), ".#1.yaml": "{", "note.txt": "{"})
    assert not written.problems


def test_files_are_named_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"questionnaire.yaml": HEAD, "1.yaml": "sektion: a"})
    monkeypatch.chdir(tmp_path)
    assert inspect_questionnaire(Path("q/x")).problems[0].place.file == "q/x/1.yaml"
    monkeypatch.chdir(tmp_path / "q" / "x")
    assert inspect_questionnaire(Path()).problems[0].place.file == "1.yaml"


def test_the_version_is_a_digest_of_all_visible_content(tmp_path: Path) -> None:
    languages = "{en: {name: English}, nl: {name: Nederlands}}"
    head = HEAD.replace("{en: {name: English}}", languages)
    files = {"questionnaire.yaml": head, "1.yaml": ask(ANY_QUESTION), "logo.svg": "<svg/>", "nl/example.po": ""}
    changes = [
        {},
        {"1.yaml": ask(ANY_QUESTION) + "\n"},
        {"logo.svg": "<svg></svg>"},
        {"nl/example.po": 'msgctxt "a"\nmsgid "b"\nmsgstr "c"\n'},
        {"2.yaml": ask(ANY_QUESTION)},
    ]
    versions = [write(tmp_path / str(n), {**files, **change}).questionnaire.version for n, change in enumerate(changes)]
    assert len(set(versions)) == len(changes)
    assert write(tmp_path / "elsewhere", files).questionnaire.version == versions[0]


def test_every_problem_is_named_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    written = write_sections(tmp_path, ask("- mark: m\n  text: M?\n  when: nobody == 1\n- mark: B\n  text: B?"), "bank: x")
    assert written.codes == ["unknown-name", "bad-code", "missing-key"]
    assert [problem.place.line for problem in written.problems] == [7, 8, 1]


def test_a_folder_may_be_a_link_with_catalogues_elsewhere(tmp_path: Path) -> None:
    head = HEAD.replace("languages: {", "languages: {nl: {name: Nederlands}, ")
    files = {"questionnaire.yaml": head + "colour: red\n", "1.yaml": ask(ANY_QUESTION), "nl/example.po": "what is this\n"}
    write(tmp_path / "real", files)
    link = tmp_path / "here" / "q" / "linked"
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "real" / "q" / "x")
    problems = inspect_questionnaire(link, tmp_path / "real" / "translations").problems
    found = {problem.code: problem.place.file for problem in problems}
    assert found["unknown-key"] == "linked/questionnaire.yaml"
    assert found["bad-catalogue"] == "translations/nl/LC_MESSAGES/example.po"


INTERFACE_HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def test_a_faulty_interface_text_is_an_error_in_every_user(tmp_path: Path) -> None:
    po = INTERFACE_HEAD + 'msgid "Characters left: %(number)s"\nmsgstr "nog %(nummer)s"\n'
    head = change_head({"languages": "{en: {name: English}, nl: {name: Nederlands}}"})
    written = write(tmp_path, {"questionnaire.yaml": head, "1.yaml": ask(ANY_QUESTION), "nl/interface.po": po})
    problem = next(problem for problem in written.compilation.errors if problem.code == "placeholders-differ")
    assert problem.place == Place("translations/nl/LC_MESSAGES/interface.po", 4)


@pytest.mark.parametrize("locale", ["fr", "uk", "ar"])
def test_missing_interface_texts_are_listed_with_the_command(tmp_path: Path, locale: str) -> None:
    written = write_head(tmp_path, {"languages": f"{{en: {{name: English}}, «{locale}: {{name: Own}}}}"})
    problem = written.find("interface-untranslated")
    assert "“Next”" in problem.wrong and f"translations update -d interface -l {locale}" in problem.remedy


@pytest.mark.parametrize(("here", "named"), [(".", "q"), ("q", ".")])
def test_the_command_for_interface_texts_runs_where_it_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str, named: str
) -> None:
    (tmp_path / "q").mkdir()
    monkeypatch.chdir(tmp_path / here)
    files = {
        "questionnaire.yaml": change_head({"languages": "{en: {name: English}, fr: {name: Français}}"}),
        "1.yaml": ask(ANY_QUESTION),
    }
    command = re.search(r"`survey-engine (.+?)`", write(tmp_path, files).find("interface-untranslated").remedy)
    assert command and command[1].endswith(f"--questionnaires {named}")
    done = CliRunner().invoke(main, command[1].split())
    assert done.exit_code == 0 and (tmp_path / "translations" / "fr" / "LC_MESSAGES" / "interface.po").is_file()


@pytest.mark.parametrize("draft", [False, True])
def test_the_interface_counts_among_the_missing_texts_of_a_draft(tmp_path: Path, draft: bool) -> None:
    languages = f"{{en: {{name: English}}, fr: {{name: Français, draft: {str(draft).lower()}}}}}"
    files = {"questionnaire.yaml": change_head({"languages": languages}), "1.yaml": ask("- yes_no: job\n  text: Job?\n")}
    problems = {problem.code: problem for problem in write(tmp_path, files).problems}
    lacking = list_missing_texts(tmp_path / "translations", "fr", frozenset())
    assert "Yes" in lacking and ("variant-withheld" in problems) == draft
    if draft:
        problem = problems["variant-withheld"]
        own = len(re.findall(r"'[\w.]+'", problem.wrong)) - 1 + int(re.search(r"and (\d+) more", problem.wrong)[1])
        assert problem.facts["count"] == own + len(lacking) and f", and {len(lacking)} of the interface" in problem.wrong
        assert "-d example -d interface -l fr" in problem.remedy
    else:
        assert problems["interface-untranslated"].facts["count"] == len(lacking)


def test_a_language_with_some_interface_texts_lacks_the_others(tmp_path: Path) -> None:
    po = INTERFACE_HEAD + 'msgid "Next"\nmsgstr "Suivant"\n'
    head = change_head({"languages": "{en: {name: English}, fr: {name: Français}}"})
    written = write(tmp_path, {"questionnaire.yaml": head, "1.yaml": ask(ANY_QUESTION), "fr/interface.po": po})
    (problem,) = (problem for problem in written.problems if problem.code == "interface-incomplete")
    assert problem.severity == "warning" and "“Back”" in problem.wrong and "“Next”" not in problem.wrong


def test_a_variant_lists_the_interface_texts_that_it_lacks(tmp_path: Path) -> None:
    written = write_head(tmp_path, {"languages": "{en: {name: English}, u: {name: Nederlands (u), locale: nl@formal}}"})
    assert "interface-incomplete" in written.codes and "interface-untranslated" not in written.codes


def test_a_catalogue_is_found_in_the_given_folder_then_beside(tmp_path: Path) -> None:
    head = change_head({"languages": "{en: {name: English}, nl: {name: Nederlands}}", "title": "Example"})
    po = INTERFACE_HEAD + 'msgctxt "title"\nmsgid "Example"\nmsgstr "{}"\n'
    write(tmp_path, {"questionnaire.yaml": head, "1.yaml": ask(ANY_QUESTION), "nl/example.po": po.format("Hier")})
    elsewhere = tmp_path / "elsewhere" / "nl" / "LC_MESSAGES"
    found = inspect_questionnaire(tmp_path / "q" / "x", tmp_path / "elsewhere").questionnaire
    assert found and found.title.wording["nl"] == "Hier"
    elsewhere.mkdir(parents=True)
    (elsewhere / "example.po").write_text(po.format("Elders"))
    found = inspect_questionnaire(tmp_path / "q" / "x", tmp_path / "elsewhere").questionnaire
    assert found and found.title.wording["nl"] == "Elders"


MORE = "section: more\npages: [{page: b, when: %s, questions: [{open: why, text: '%s'}]}]"
TWO_SECTIONS = HEAD.replace("[main]", "[main, more]")
SEVERAL = "- multiple: a\n  text: A?\n  at_least: 3\n  at_most: 2\n  options: {x: X, y: Y, z: Z}"
SCALED_ITEM = "- grid: a\n  text: A?\n  scale: agre\n  items: {b: B}"
SHOWN = "- yes_no: a\n  text: A?\n- mark: b\n  text: B?\n  when: a == 'yes'"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"questionnaire.yaml": HEAD.replace("[main]", "[mian]")}, "unknown-name"),
        ({"questionnaire.yaml": TWO_SECTIONS, "1.yaml": ask(SCALED_ITEM), "2.yaml": MORE % ("b >= 3", "Why?")}, "unknown-name"),
        (
            {"questionnaire.yaml": TWO_SECTIONS, "1.yaml": ask(SHOWN), "2.yaml": MORE % ("a = 1", "Is {b} it?")},
            "condition-syntax",
        ),
        (
            {"questionnaire.yaml": TWO_SECTIONS, "1.yaml": ask(SEVERAL), "2.yaml": MORE % ("count(a) >= 3", "Why?")},
            "number-of-answers",
        ),
        (
            {
                "questionnaire.yaml": TWO_SECTIONS + "derived: {d: {items: [week]}}\n",
                "2.yaml": MORE % ("d >= 3", "Why do you say {d}?"),
            },
            "unknown-key",
        ),
        (
            {
                "questionnaire.yaml": HEAD + "  - {group: more, modules: {council: 1, random: 2}}\nderived: {d: {count: [fm]}}\n",
                "2.yaml": "module: food\ntitle: F\npages: [{page: f, questions: [{mark: fm, text: F?}]}]",
            },
            "wrong-value",
        ),
        (
            {
                "questionnaire.yaml": HEAD + "  - {group: more, modules: {from: {fod: 1}, random: 1}}\n",
                "2.yaml": "module: food\ntitle: F\npages: [{page: f, questions: [{mark: fm, text: F?}]}]",
            },
            "unknown-name",
        ),
        (
            {"1.yaml": ask("- choice: a\n  text: A?\n  options: {yes: Y, late: L}\n- mark: b\n  text: B?\n  when: a == 'yes'")},
            "unquoted-word",
        ),
        ({"1.yaml": ask("- multiple: a\n  text: A?\n  options:")}, "empty-value"),
        (
            {
                "1.yaml": ask("- multiple: a\n  text: A?\n  at_least: 6\n  options: {x: X, y: Y}"),
                "2.yaml": "institution: north\nname: North",
            },
            "number-of-answers",
        ),
        ({"1.yaml": ask("- choice: a\n  text: A?\n  options: {x: X, z: {text: 'Other, namely', other: true}}")}, "other-word"),
        (
            {
                "questionnaire.yaml": HEAD + "conditions: {heavy: level >= 2}\n",
                "1.yaml": ask("- mark: a\n  text: A?\n  when: heavy and (level == 9 or path == 'bol')"),
            },
            "condition-value",
        ),
    ],
)
def test_a_mistake_is_named_once(tmp_path: Path, files: dict[str, str], code: str) -> None:
    folder = tmp_path / "questionnaires" / "example"
    folder.mkdir(parents=True)
    for name, text in ({"questionnaire.yaml": HEAD, "1.yaml": ask(ANY_QUESTION)} | files).items():
        (folder / name).write_text(text)
    found = [problem.code for problem in review_questionnaire(folder).problems]
    assert [each for each in found if each not in ("no-institution", "unused")] == [code]


def test_a_section_in_a_file_that_is_not_read_keeps_errors(tmp_path: Path) -> None:
    """`other-suffix` is only a warning: without the error about its name, a section would be missing unnoticed."""
    section = "section: more\npages: [{page: m, questions: [{mark: mm, text: M?}]}]"
    files = {"questionnaire.yaml": HEAD.replace("[main]", "[main, more]"), "1.yaml": ask(ANY_QUESTION), "2.yaml.txt": section}
    written = write(tmp_path, files)
    assert written.compilation.errors and set(written.codes) == {"other-suffix", "unknown-name"}
