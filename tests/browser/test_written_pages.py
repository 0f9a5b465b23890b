"""The pages that commands write, and those of the preview, have no violation and fit a phone, light and dark."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page

from survey_engine.authoring.preview.app import create_preview
from survey_engine.authoring.preview.screenshots import draw_sheets, list_shots, serve_preview, take_shots
from survey_engine.publication.compiler import compile_draft
from survey_engine.settings import ROOT
from tests.browser.conftest import OpenPage
from tests.browser.states import OVERFLOW
from tests.browser.test_accessibility import find_dark_violations, find_violations
from tests.command import Desk
from tests.datasets.filling import write_example

GALLERY = ROOT / "questionnaires" / "gallery"
STUDENTS = "institution,nr\n" + "".join(f"{'north' if number < 12 else 'south'},{number:04}\n" for number in range(24))
PAGES = {
    "flow.html": ["simulate example -n 12 --profile mixed --picture flow.html"],
    "proof.html": ["prove q/example --html proof.html"],
    "print.html": [f"preview {GALLERY} --print en --out print.html"],
    "history.html": ["links example students.csv --key nr --out links", "roster history example --out history.html"],
    "out/codebook.html": ["export example --out out"],
}
"""Written page → the commands that write it."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    write_example(tmp_path)
    (tmp_path / "q" / "x").rename(tmp_path / "q" / "example")
    (tmp_path / "students.csv").write_text(STUDENTS)
    return desk


def find_faults(page: Page, address: str) -> list[str]:
    """Return what is wrong with a page in each colour scheme; details are open, because what they hide cannot be judged."""
    page.goto(address)
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    faults = [f"light: {found}" for found in find_violations(page)]
    faults += [f"dark: {found}" for found in find_dark_violations(page)]
    if wider := page.evaluate(OVERFLOW):
        faults.append(f"{wider} px wider than the screen")
    return faults


@pytest.mark.parametrize("written", PAGES)
def test_a_written_page_fits_a_phone_and_has_no_violation(open_page: OpenPage, desk: Desk, written: str) -> None:
    for command in PAGES[written]:
        done = desk.run(*command.split())
        assert done.exit_code == 0, done.output
    assert find_faults(open_page(), (desk.folder / written).as_uri()) == []


def test_the_longest_bar_of_the_flow_ends_at_the_figures_on_a_phone(open_page: OpenPage, desk: Desk) -> None:
    assert desk.run(*PAGES["flow.html"][0].split()).exit_code == 0
    page = open_page()
    page.goto((desk.folder / "flow.html").as_uri())
    cells = page.locator(".pages tr:has(.bar)").first.locator("td")
    cell, last = (part.bounding_box() for part in (cells.first, cells.last))
    wide = page.evaluate("document.documentElement.clientWidth")
    ends = page.locator(".bar span:last-child").evaluate_all("parts => parts.map(part => part.getBoundingClientRect().right)")
    assert cell and last
    assert max(ends) == pytest.approx(cell["x"] + cell["width"], abs=1) and last["x"] + last["width"] <= wide
    widths = page.locator("table").evaluate_all("tables => tables.map(table => table.getBoundingClientRect().right)")
    assert max(widths) <= wide


def test_a_grid_of_the_print_shows_all_its_points_on_a_phone(open_page: OpenPage, desk: Desk) -> None:
    assert desk.run(*PAGES["print.html"][0].split()).exit_code == 0
    page = open_page()
    page.goto((desk.folder / "print.html").as_uri())
    hidden = page.locator(".wide").evaluate_all("grids => grids.map(grid => grid.scrollWidth - grid.clientWidth)")
    assert len(hidden) > 5 and max(hidden) == 0


def test_headers_of_the_proof_sheet_are_not_broken_in_a_word(open_page: OpenPage, desk: Desk) -> None:
    assert desk.run(*PAGES["proof.html"][0].split()).exit_code == 0
    page = open_page()
    page.goto((desk.folder / "proof.html").as_uri())
    heights = page.locator("thead th").evaluate_all("heads => heads.map(head => head.getBoundingClientRect().height)")
    assert heights and max(heights) < 48


def test_the_pages_of_the_preview_fit_a_phone_and_have_no_violation(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    with serve_preview(create_preview(GALLERY, ROOT / "translations", remarks=tmp_path / "remarks.csv")) as base:
        faults = {"/": find_faults(page, base)}
        address = urljoin(base, page.locator(".who a").nth(9).get_attribute("href"))
        faults["/page"] = find_faults(page, address)
        faults["/page/start"] = find_faults(page, urljoin(base, "/page/start"))
        page.goto("about:blank")
    assert faults == {"/": [], "/page": [], "/page/start": []}


def test_the_index_of_screenshots_fits_a_phone_and_has_no_violation(
    open_page: OpenPage, chromium: Browser, tmp_path: Path
) -> None:
    questionnaire = compile_draft(GALLERY)
    names = {code: language.name for code, language in questionnaire.languages.items()}
    shots = list_shots(questionnaire, "demo")[: len(names)]
    with serve_preview(create_preview(GALLERY, ROOT / "translations")) as base:
        assert len([*take_shots(chromium, base, shots, tmp_path)]) == len(names)
    draw_sheets(chromium, shots, names, tmp_path)
    assert find_faults(open_page(), (tmp_path / "index.html").as_uri()) == []


def test_without_progress_the_languages_are_level_with_the_time(open_page: OpenPage) -> None:
    page = open_page()
    with serve_preview(create_preview(GALLERY, ROOT / "translations")) as base:
        page.goto(base + list_shots(compile_draft(GALLERY), "demo")[0].address)
        boxes = [page.locator(part).bounding_box() for part in (".bar .left", ".languages summary")]
        page.goto("about:blank")
    middles = [box["y"] + box["height"] / 2 for box in boxes if box]
    assert len(middles) == len(boxes) and abs(middles[0] - middles[1]) <= 1
