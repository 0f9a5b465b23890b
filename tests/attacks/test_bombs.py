"""Much in little: forms, files and texts made to take time or memory. Times are compared with each other, never with a clock."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import process_time
from urllib.parse import quote

import pytest
from flask import Flask

from survey_engine.fieldwork.rosters.csv import RosterError, read_roster
from survey_engine.language.condition_parser import ConditionError, parse_condition
from survey_engine.language.markup import strip_markup
from survey_engine.language.yaml_reader import MAX_BYTES, read_source
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place
from survey_engine.web.respondent.forms import MAX_FIELDS, MAX_FORM_BYTES, PostedForm
from tests.attacks.calls import FORM, Reply, call, post
from tests.attacks.judge import check_reply

STEP = 16
"""How many times larger the second try is; what is linear then takes about so many times as long, a square STEP² times."""


def grows_no_faster_than_its_input(work: Callable[[int], object], small: int) -> bool:
    """Compare the time for STEP × `small` with the best of three for `small`; one good try of three is enough."""

    def measure(size: int) -> float:
        began = process_time()
        work(size)
        return process_time() - began

    least = max(min(measure(small) for _ in range(3)), 1e-4)
    return any(measure(small * STEP) / least < STEP * 4 for _ in range(3))


def test_the_measure_tells_a_square_from_a_line() -> None:
    assert grows_no_faster_than_its_input(lambda size: sum(range(size)), 20_000)
    assert not grows_no_faster_than_its_input(lambda size: sum(range(size * size)), 200)


# --- forms ---


def send(app: Flask, body: bytes, kind: str = FORM) -> Reply:
    """To a page of a response that has begun."""
    page = post(app, "/q/gallery/demo", {"lang": "en"}, HX_Request="true")
    reply = call(app, "POST", page.action, None, body.replace(b"TICKET", quote(page.ticket).encode()), kind=kind)
    check_reply(reply)
    return reply


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&" * (MAX_FIELDS + 1),
        b"x" * (MAX_FORM_BYTES + 1),
        b"&" * MAX_FORM_BYTES,
        b"%00=%00&" * MAX_FIELDS,
        b"ticket=TICKET&" + b"q.best_lesson=x&" * (MAX_FIELDS - 5),
        b"ticket=TICKET&number=" + b"9" * 100_000,
        b"ticket=TICKET&language=" + b"n" * 100_000,
        b"ticket=TICKET&ticket=TICKET&wish=next&wish=back&wish=keep",
        b"ticket=" + b"1." * 100_000,
        b"ticket=" + b"9" * 200_000 + b".x.0.w.AAAA",
        b"\xff\xfe\x00\xd8=\x80&ticket=%ff%fe",
        b"{" * 100_000,
        b"[" * 100_000,
    ],
)
def test_a_form_that_nobody_fills_in_is_refused_or_harmless(app: Flask, body: bytes) -> None:
    reply = send(app, body)
    assert reply.status in (200, 204, 303, 400, 413, 422)
    assert len(reply.body) < 100_000


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", json.dumps({"ticket": "x"}).encode()),
        ("application/json", b"[" * 100_000),
        ("text/xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="lang"\r\n\r\nnl\r\n--x--\r\n'),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="f"; filename="../x"\r\n\r\n' * 1_500),
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=" + "x" * 5_000, b"--x"),
        ("application/x-www-form-urlencoded; charset=utf-7", b"ticket=+ADw-script"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"ticket=x"),
        ("\xff/\xff", b"ticket=x"),
        ("", b"ticket=x"),
    ],
)
def test_a_body_of_another_kind_is_no_form(app: Flask, kind: str, body: bytes) -> None:
    assert send(app, body, kind).status in (400, 413)
    for path in ("/q/gallery/demo", "/done/gallery", "/l/none"):
        check_reply(call(app, "POST", path, None, body, kind=kind))


def test_a_wrong_length_is_no_fault_of_ours(app: Flask) -> None:
    for length in ("-1", "x", "9" * 30, "", "1e3"):
        reply = call(app, "POST", "/q/gallery/demo", {"X": "y"}, b"lang=nl", length=length)
        check_reply(reply)


def test_reading_a_form_takes_time_in_proportion_to_its_size() -> None:
    assert grows_no_faster_than_its_input(lambda size: PostedForm(b"a=%00%41&" * size), MAX_FIELDS // STEP // 2)
    assert grows_no_faster_than_its_input(lambda size: PostedForm(b"a=" + b"%" * size), 10_000)


# --- files of authors, institutions and schools ---


def read(text: str) -> list[Problem]:
    return read_source("bomb.yaml", text.encode())[1]


@pytest.mark.parametrize(
    "part", ["[", "{a: ", "- ", "? ", "a: &a [*a]\n", '"\\', "'", "|\n ", "!!x ", "# x\n", "a: b\n", "{", "%TAG ! x\n", "a" * 9]
)
def test_a_file_of_one_thing_over_and_over_ends_in_problems_soon(part: str) -> None:
    size = MAX_BYTES // len(part) // STEP // 8
    read(part * (MAX_BYTES // len(part)))
    assert grows_no_faster_than_its_input(lambda size: read(part * size), size)


def test_a_billion_laughs_take_no_memory() -> None:
    laughs = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    tracemalloc.start()
    assert "alias" in [problem.code for problem in read(laughs)]
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "part", ["(", "not ", "a and ", "a.", "a[", "-", "'", "lambda:", "1+", "a==a==", "[", "{", "\\\n", "f'{"]
)
def test_a_condition_of_one_thing_over_and_over_is_refused(part: str) -> None:
    with pytest.raises(ConditionError):
        parse_condition(part * 5_000, Place("bomb.yaml"))


def test_reading_a_text_takes_time_in_proportion_to_its_length() -> None:
    for part in ("](", "[", "*", "[a](b", "{", "**_"):
        assert grows_no_faster_than_its_input(lambda size, part=part: strip_markup(part * size), 2_000), part


@pytest.mark.parametrize("content", [b"institution\n" + b'"' * 200_000, b"," * 200_000, b"\0" * 1000, b"institution,\0\n\0,\0\n"])
def test_a_strange_list_of_students_ends_in_mistakes(app: Flask, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "students.csv"
    path.write_bytes(content)
    with pytest.raises(RosterError):
        read_roster(path, app.extensions["survey_engine"].questionnaires["gallery"])
