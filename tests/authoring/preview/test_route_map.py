"""The route map shows each page in a box of one line."""

from __future__ import annotations

import re
from pathlib import Path

from survey_engine.authoring.preview.route_map import draw_route
from survey_engine.rendering.page_plan import Wording
from tests.writing import change_head, write_sections

MODES = ("bike", "walk", "train", "bus", "car", "ferry", "plane")
OPTIONS = ", ".join(f"{mode}: {{text: {mode}, when: \"'{mode}' in modes\"}}" for mode in MODES)
TRAVEL = f"""\
section: main
pages:
  - page: trip
    questions: [{{multiple: modes, text: How?, options: {{{", ".join(f"{mode}: {mode}" for mode in MODES)}}}}}]
  - page: longest
    when: several
    questions: [{{choice: main, text: Longest?, options: {{{OPTIONS}}}}}]
"""


def test_a_long_condition_begins_as_the_author_wrote_it_and_is_cut(tmp_path: Path) -> None:
    """The box of a page has room for one line; the whole condition is its title."""
    head = change_head({"conditions": "{several: count(modes) >= 2}", "background": ""})
    example = write_sections(tmp_path, TRAVEL, head=head).questionnaire
    picture = draw_route(example, Wording(example, example.languages["en"], None), frozenset(), "/{slug}")
    shown = re.findall(r">longest<tspan[^>]*>([^<]*)<", picture)[0]
    assert shown.startswith(" ◂ several · (&#x27;bike&#x27; in modes) or") and shown.endswith("…")
    about = re.findall("<title>(longest[^<]*)</title>", picture)[0]
    assert about.startswith("longest ◂ several · ") and about.endswith("(&#x27;plane&#x27; in modes)")


def test_a_line_does_not_leave_a_page_where_another_arrives(tmp_path: Path) -> None:
    pages = """\
section: main
pages:
  - page: a
    questions: [{yes_no: first, text: A?}]
  - page: b
    when: first == 'yes'
    questions: [{yes_no: second, text: B?}]
  - page: c
    when: second == 'yes'
    questions: [{yes_no: third, text: C?}]
"""
    example = write_sections(tmp_path, pages).questionnaire
    picture = draw_route(example, Wording(example, example.languages["en"], None), frozenset(), "/{slug}")
    left, arrived = re.findall(r'class="arc" d="M0 (\d+)H', picture)[1], re.findall(r'class="head" d="M-1 (\d+)l', picture)[0]
    assert 0 < abs(int(left) - int(arrived)) < 30
