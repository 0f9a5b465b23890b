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
