"""Spellings of names and birth dates."""

from __future__ import annotations

from datetime import date
from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from survey_engine.fieldwork.names import (
    MAX_NAME_CHARACTERS,
    PREFIXES,
    fold_first_name,
    fold_surname,
    is_plausible,
    list_spellings,
    read_birth_date,
)

LATIN = st.text(
    st.characters(min_codepoint=0x41, max_codepoint=0x24F, categories=("L",), exclude_characters="ŉĿŀ"), min_size=2, max_size=12
)
WORDS = LATIN.filter(lambda word: len(fold_surname(word)) > 1 and fold_surname(word) not in PREFIXES)
SAME = [
    ("van den Berg", "Berg", "V.D. BERG", "v/d Berg", "vd Berg", "Berg, van den"),
    ("'t Hooft", "Hooft", "’t hooft", "T HOOFT"),
    ("in 't Veld", "van't Veld", "Veld"),
    ("El Idrissi", "el-idrissi", "Idrissi"),
    ("dos Santos", "Santos"),
    ("Jansen-de Vries", "De Vries Jansen", "VRIES--JANSEN"),
    ("Groß", "Gross", "GROSS"),
    ("Sørensen", "Sorensen"),
    ("Wałęsa", "Walesa"),
    ("Meijer", "Meyer", "Meĳer", "MEIJER"),
    ("D'Angelo", "Dangelo", "D Angelo", "D’Angelo"),
    ("O'Brien", "OBrien", "O Brien"),
    ("Müller", "Mu\u0308ller", "MULLER", "Mul\u00adler"),
    ("Çelik", "Celik"),
    ("İnce", "Ince", "ınce"),
]


@pytest.mark.parametrize("spellings", SAME)
def test_spellings_of_one_surname_are_folded_alike(spellings: tuple[str, ...]) -> None:
    assert len(set(map(fold_surname, spellings))) == 1


def test_different_surnames_stay_different() -> None:
    names = ["Berg", "Bergen", "Vries", "Dekker", "Kker", "Elst", "St", "Vandenberg", "van", "de", "Le", "王", "李"]
    assert len(set(map(fold_surname, names))) == len(names)


@given(st.lists(WORDS, min_size=1, max_size=3), st.sampled_from(sorted(PREFIXES)), st.randoms())
def test_case_accents_prefixes_signs_and_order_make_no_difference(words, prefix, chance) -> None:
    folded = fold_surname(" ".join(words))
    assert folded and folded == fold_surname("-".join(words).upper()) == fold_surname(normalize("NFD", " ".join(words)))
    assert folded == fold_surname(f"{prefix} {'  '.join(reversed(words))}")


@given(WORDS)
@example("vandenberg")
@example("vandemueller")
def test_all_spellings_of_a_surname_have_one_last_spelling(word) -> None:
    """The limit of tries counts by the last one."""
    surname = fold_surname(word)
    spellings = [surname, *list_spellings(surname)]
    assert {[one, *list_spellings(one)][-1] for one in spellings} == {spellings[-1]} and len(spellings) < 15


@given(st.text())
@example("\N{CUNEIFORM NUMERIC SIGN TWO ASH}")
def test_any_text_is_folded_to_letters_only(written) -> None:
    for folded in (fold_surname(written), fold_first_name(written)):
        assert not folded or folded.isalpha()
    read_birth_date(written)


def test_a_name_of_prefixes_alone_keeps_them() -> None:
    assert fold_surname("Le") == "le" and fold_surname("Van Dos") == "dosvan" and fold_surname("- 12") == ""


def test_long_names_are_cut() -> None:
    assert len(fold_surname("\ufdfa" * 10_000)) < 20 * MAX_NAME_CHARACTERS


def test_the_first_of_the_first_names_counts() -> None:
    assert {fold_first_name(name) for name in ("Zoë", "ZOE Anna", "zoë-anna")} == {"zoe"}


@pytest.mark.parametrize(
    ("born", "plausible"), [("1915-11-29", False), ("1915-11-30", True), ("2016-11-29", True), ("2016-11-30", False)]
)
def test_respondents_are_10_to_110_years_old(born: str, *, plausible: bool) -> None:
    assert is_plausible(date.fromisoformat(born), date(2026, 11, 29)) == plausible


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_a_date_is_read_however_it_is_written(day: date) -> None:
    plain = f"{day.day}-{day.month}-{day.year}"
    spellings = [
        f"{day:%d-%m-%Y}",
        plain,
        plain.replace("-", "/"),
        plain.replace("-", ". "),
        f"{day:%d%m%Y}",
        f"{day:%Y%m%d}",
        day.isoformat(),
    ]
    assert {read_birth_date(f" {text} ") for text in [*spellings, f"{day} 00:00:00"]} == {day}


@pytest.mark.parametrize(
    "written", ["1 februari 2008", "1 Feb. 2008", "01-FEB-2008", "1 february 2008", "1. Februar 2008", "1 febrüari 2008"]
)
def test_months_may_be_names(written: str) -> None:
    assert read_birth_date(written) == date(2008, 2, 1)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "1-2-08",
        "31-2-2008",
        "99999-99-99",
        "0-0-0000",
        "2008",
        "1-xyz-2008",
        "٠١-٠٢-٢٠٠٨",
        "1\n2",
        "20082108",
        "1-1-0202",
        "1-1-2126",
        "01010008",
    ],
)
def test_other_texts_are_no_date(written: str) -> None:
    assert read_birth_date(written) is None
