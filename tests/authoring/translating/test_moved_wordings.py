"""A workbook whose wordings are in the rows of other texts is refused: shifted rows, and scales that were turned round."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from unicodedata import normalize

import pytest

from survey_engine.authoring.translating.contexts import Context
from survey_engine.authoring.translating.domains import SourceMessage
from survey_engine.authoring.translating.moved_wordings import fold_letters, iter_moved
from survey_engine.authoring.translating.units import Unit
from survey_engine.authoring.translating.workbook_import import WorkbookChanges, compare_workbook
from tests.authoring.translating.small import Entries, make_small
from tests.authoring.translating.test_commands import edit, run, send
from tests.authoring.translating.test_workbook_import import give_back, put
from tests.authoring.translating.test_workbook_import import send as send_small

AGREE = {
    "agree.1": ("No", "Oneens"),
    "agree.2": ("Neutral", "Neutraal"),
    "agree.3": ("Yes", "Eens"),
    "agree.na": ("None", "Geen"),
}
HELP = {"sure.1": ("No", "Oneens"), "sure.3": ("Yes", "Eens")}
ITEMS = {"a": ("The lessons", "De lessen"), "b": ("The teachers", "De docenten"), "c": ("The building", "Het gebouw")}


def make_units(*texts: Mapping[str, tuple[str, str]], state: str = "done") -> dict[str, Unit]:
    found = {code: text for part in texts for code, text in part.items()}
    kinds = {code: "grid: option" if "." in code else "grid: item" for code in found}
    messages = {code: SourceMessage(code, source, context=Context(kind=kinds[code])) for code, (source, _) in found.items()}
    return {code: Unit(code, messages[code], 0, source, wording, state) for code, (source, wording) in found.items()}


def find_moved(units: dict[str, Unit], **wordings: str) -> list[str]:
    return [code for code, _ in iter_moved({code.replace("_", "."): wording for code, wording in wordings.items()}, units)]


@pytest.mark.parametrize(
    ("wordings", "moved"),
    [
        ({"agree_1": "Eens", "agree_3": "Oneens"}, ["agree.1", "agree.3"]),
        ({"agree_1": "Neutraal", "agree_2": "Eens", "agree_3": "Geen"}, ["agree.1", "agree.2", "agree.3"]),
        ({"agree_2": "eens "}, ["agree.2"]),
        ({"agree_1": "Niet mee eens", "agree_3": "Mee eens"}, []),
    ],
)
def test_an_option_with_the_label_of_another_option_is_moved(wordings, moved):
    assert find_moved(make_units(AGREE), **wordings) == moved


REWRITINGS = {
    "full stop": lambda text: f"{text}.",
    "exclamation mark": lambda text: f"{text}!",
    "numbering": lambda text: f"1. {text}",
    "brackets": lambda text: f"2) {text}",
    "quotes": lambda text: f"„{text}“",
    "emoji": lambda text: f"{text} 🙂",
    "decomposed": lambda text: normalize("NFD", text),
    "two letters": lambda text: text.replace("ä", "ae").replace("ü", "ue").replace("ß", "ss"),
    "no accents": lambda text: text.replace("ä", "a").replace("ü", "u"),
    "hard spaces": lambda text: text.replace(" ", "\u00a0"),
    "hyphens": lambda text: text.replace(" ", "-"),
    "full width": lambda text: text.replace("e", "ｅ"),
}


@pytest.mark.parametrize("rewriting", REWRITINGS)
def test_a_moved_wording_is_found_by_its_letters(rewriting):
    change = REWRITINGS[rewriting]
    units = make_units({"often.1": ("Late", "Zu spät"), "often.2": ("Always", "Für immer heiß")})
    assert find_moved(units, often_1=change("Für immer heiß"), often_2=change("Zu spät")) == ["often.1", "often.2"]
    assert not find_moved(units, often_1=change("Zu spät"), often_2=change("Für immer heiß"))


def test_labels_that_differ_in_digits_and_signs_are_different():
    labels = [
        "-1",
        "1",
        "1-2 dagen",
        "3-4 dagen",
        "2 dagen",
        "5+ dagen",
        "5 dagen",
        "< 3 uur",
        "> 3 uur",
        "😀",
        "😞",
        "1 - 2 uur",
        "2 uur",
    ]
    assert len({*map(fold_letters, labels)}) == len(labels)


def test_texts_that_shifted_by_one_row_are_moved():
    assert find_moved(make_units(ITEMS), a="Nieuw", b="De lessen", c="De docenten") == ["b", "c"]


def test_a_text_may_get_the_wording_that_another_one_keeps():
    assert find_moved(make_units(ITEMS), a="De docenten") == []


def test_a_new_scale_that_contradicts_another_one_is_moved():
    new = {code: (source, "") for code, (source, _) in HELP.items()}
    assert find_moved(make_units(AGREE, new), sure_1="Eens", sure_3="Oneens") == ["sure.1", "sure.3"]
    assert find_moved(make_units(AGREE, new), sure_1="Oneens", sure_3="Eens") == []


def test_two_new_scales_that_contradict_each_other_are_moved():
    new = {code: (source, "") for code, (source, _) in {**AGREE, **HELP}.items()}
    found = find_moved(make_units(new), agree_1="Oneens", agree_3="Eens", sure_1="Eens", sure_3="Oneens")
    assert found == ["agree.1", "agree.3", "sure.1", "sure.3"]


def test_equal_sources_may_have_equal_wordings():
    assert find_moved(make_units(AGREE, HELP), sure_1="Niet eens", agree_1="Oneens") == []


def test_a_scale_that_its_author_turned_round_is_not_moved():
    assert find_moved(make_units(AGREE, state="stale"), agree_1="Eens", agree_3="Oneens") == []


def test_moved_rows_are_refused_with_the_text_that_they_belong_to(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    path = send_small(small)
    give_back(path, put("mood.good", "Slecht"))
    returned = give_back(path, put("mood.bad", "Goed"))
    changes = compare_workbook(returned, small.domain, small.variant(), small.catalogue())
    assert not changes.changes and [refusal.row.code for refusal in changes.refusals] == ["mood.good", "mood.bad"]
    assert "“Slecht” is the translation of “Bad” (mood.bad), not of “Good”" in str(changes.refusals[0])


UNTRANSLATED: Entries = {"mood.good": None, "mood.bad": None}


def give_moods(folder: Path, good: str, bad: str, entries: Entries | None = None) -> WorkbookChanges:
    small = make_small(folder, entries)
    path = send_small(small)
    give_back(path, put("mood.good", good))
    return compare_workbook(give_back(path, put("mood.bad", bad)), small.domain, small.variant(), small.catalogue())


@pytest.mark.parametrize(
    ("good", "bad"), [("Slecht", "Nooit"), ("Prima", "{slecht}"), ("#NAAM?", "Minder"), ("Minder", "minder.")]
)
def test_a_scale_with_a_refused_label_is_refused_as_a_whole(tmp_path: Path, good: str, bad: str) -> None:
    changes = give_moods(tmp_path, good, bad)
    assert not changes.changes and {refusal.row.code for refusal in changes.refusals} == {"mood.good", "mood.bad"}


def test_a_text_that_lost_its_wording_to_a_refused_one_is_refused(tmp_path: Path) -> None:
    small = make_small(tmp_path)
    path = send_small(small)
    give_back(path, put("title", "Iets nieuws"))
    changes = compare_workbook(give_back(path, put("mood", "Voorbeeld.")), small.domain, small.variant(), small.catalogue())
    assert not changes.changes and [refusal.row.code for refusal in changes.refusals] == ["title", "mood"]


def test_equal_labels_in_a_first_translation_are_refused(tmp_path: Path) -> None:
    changes = give_moods(tmp_path, "Goed", "goed ", UNTRANSLATED)
    assert not changes.changes and "is also the label of “Bad” (mood.bad)" in str(changes.refusals[0])


def test_a_text_equal_to_its_source_is_listed(tmp_path: Path) -> None:
    assert give_moods(tmp_path, "Good", "Slecht", UNTRANSLATED).untranslated == ["mood.good"]


@pytest.mark.parametrize("codes", [("mood",), ("mood.good", "mood.bad")])
def test_moved_rows_are_accepted_if_their_codes_are_named(tmp_path: Path, codes: tuple[str, ...]) -> None:
    small = make_small(tmp_path)
    path = send(tmp_path)
    edit(path, "mood.good", "Slecht")
    edit(path, "mood.bad", "Goed")
    refused = run(tmp_path, "xlsx-in", path)
    assert refused.exit_code == 1 and "--moved mood." in refused.output
    done = run(tmp_path, "xlsx-in", path, *(word for code in codes for word in ("--moved", code)))
    assert done.exit_code == 0 and 'msgid "Good"\nmsgstr "Slecht"' in small.path().read_text()
