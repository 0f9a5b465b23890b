"""Printable sheets of QR codes."""

from __future__ import annotations

import re

from survey_engine.fieldwork.invitations import link_sheets
from survey_engine.fieldwork.invitations.link_sheets import LinkCard, SheetWriter
from survey_engine.rendering.qr_codes import draw_svg

LINK = "https://survey.example.org/l/dGhpcyBpcyBub3QgYQ"


def write(folder, cards, **options):
    with SheetWriter(folder, "Sheet", **options) as sheets:
        for card in cards:
            sheets.add("", card)
    return (folder / "cards.html").read_text("utf-8")


def test_a_card_shows_its_link_as_a_picture_and_in_letters(tmp_path):
    html = write(tmp_path, [LinkCard("Example", ("Jan", "4B"), LINK)])
    assert f'<p class="link">{LINK}</p>' in html
    assert "<h2>Example</h2><p>Jan</p><p>4B</p>" in html
    assert draw_svg(f"{LINK}?via=print") in html


def test_there_is_a_card_for_each_link_also_when_they_come_one_by_one(tmp_path):
    html = write(tmp_path, (LinkCard("Example", (), f"{LINK}{number}") for number in range(30)))
    assert html.count("<svg") == html.count("<article") == 30
    assert html.rstrip().endswith("</html>")


def test_the_sheet_loads_nothing_and_sends_no_referrer(tmp_path):
    html = write(tmp_path, [LinkCard("Example", (), LINK)])
    assert not re.search(r"(src|href)=|@import|url\(|<script", html)
    assert '<meta name="referrer" content="no-referrer">' in html


def test_a_name_cannot_become_markup(tmp_path):
    assert "<b>Jan" not in write(tmp_path, [LinkCard("Example", ("<b>Jan</b>",), LINK)])


def test_a_card_has_its_language(tmp_path):
    assert '<article lang="nl">' in write(tmp_path, [LinkCard("Voorbeeld", (), LINK, "nl")])


def test_posters_are_large(tmp_path):
    assert '<main class="large">' in write(tmp_path, [LinkCard("Example", (), LINK)], large=True)
    assert "<main>" in write(tmp_path, [LinkCard("Example", (), LINK)])


def test_mixed_groups_are_written_to_one_file_each(tmp_path, monkeypatch):
    monkeypatch.setattr(link_sheets, "MOST_WAITING", 3)
    monkeypatch.setattr(link_sheets, "SHEET", 4)
    with SheetWriter(tmp_path, "Sheet") as sheets:
        for number in range(13):
            sheets.add("a/b" if number % 2 else "A b", LinkCard("Example", (), f"{LINK}{number}"))
    found = {path.name: path.read_text("utf-8") for path in sheets.paths}
    assert {name: html.count("<article") for name, html in found.items()} == {
        "cards-a-b-2.html": 4,
        "cards-A-b.html": 4,
        "cards-a-b-2.2.html": 2,
        "cards-A-b.2.html": 3,
    }
    assert all(html.count("<!doctype") == html.count("</html>") == 1 for html in found.values())
