"""The codebook page is complete, readable without a network, and safe."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from survey_engine.datasets.columns import lay_out
from tests.datasets.filling import MAIN, write_example

VOID = {"meta", "input", "br", "link", "img"}


class Reader(HTMLParser):
    """Collects ids and addresses, and checks that every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        found = dict(attributes)
        self.ids += [found["id"]] if "id" in found else []
        self.addresses += [found[name] for name in ("href", "src") if name in found]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


@pytest.fixture
def html(store, tmp_path):
    return store.export(tmp_path / "out").files["codebook.html"].decode()


def test_every_variable_is_on_the_page_once(html, tmp_path):
    layout = lay_out(write_example(tmp_path))
    ids = read(html).ids
    assert len(ids) == len(set(ids))
    assert {*layout.names, *(column.name for column in layout.texts)} <= set(ids)


def test_the_page_needs_nothing_from_elsewhere(html):
    assert all(address.startswith("#") for address in read(html).addresses)
    assert not re.search(r"@import|url\(|<script", html)


def test_every_link_on_the_page_has_a_target(html):
    reader = read(html)
    assert {address[1:] for address in reader.addresses} <= set(reader.ids)


def test_texts_of_authors_are_escaped(store, tmp_path):
    bad = MAIN.replace("To see who works.", "<script>alert(1)</script>")
    store.questionnaire = write_example(tmp_path / "bad", main=bad)
    html = store.export(tmp_path / "out").files["codebook.html"].decode()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_facts_shared_by_a_grids_items_appear_once(html):
    start = html.index('id="good"')
    block = html[html.rindex('<section class="block">', 0, start) : html.index("</section>", start)]
    assert block.count("Indicators") == 1
    assert block.count("Disagree") == 1
    assert block.index("Indicators") < block.index('id="good"') < block.index("Reverse coded")


def test_every_missing_value_is_explained(html):
    for number in (-1, -2, -3, -4, -5, -8):
        assert f"<code>{number}</code>" in html


def test_wordings_in_another_language_have_its_lang(html):
    assert '<small lang="en"><b>easy</b> Do you work?</small>' in html
