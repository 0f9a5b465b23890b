"""What authors and respondents write stays text: no template, no slot, no markup beyond emphasis and links."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from survey_engine.publication.compiler import inspect_questionnaire
from survey_engine.rendering.page_plan import SLOT_BETWEEN, SLOT_CLOSE, SLOT_OPEN, Wording
from survey_engine.settings import ROOT
from tests.attacks.calls import Reply, call, find_cookies, post
from tests.attacks.hostile import RAW, TEMPLATE_BOMBS, WORDS
from tests.attacks.judge import check_reply


def show_hostile(app: Flask) -> list[Reply]:
    begun = post(app, "/q/hostile/evil", {})
    cookie = {"Cookie": find_cookies(begun)}
    page = call(app, "GET", begun.header("Location"), cookie)
    asked = post(app, page.action, {"ticket": page.ticket, "wish": "next"})
    return [call(app, "GET", "/q/hostile/evil"), page, asked, call(app, "GET", "/a/hostile/nowhere"), call(app, "GET", "/")]


def test_an_authors_template_is_shown_as_it_was_written(app: Flask) -> None:
    pages = show_hostile(app)
    text = unescape("".join(page.text for page in pages))
    for bomb in TEMPLATE_BOMBS:
        assert bomb.replace("*", "") in text.replace("<em>", "").replace("</em>", "").replace("*", "")
    assert "1337" not in text  # 7*191
    assert "root:" not in text


def test_an_authors_markup_is_not_the_pages(app: Flask) -> None:
    for page in show_hostile(app):
        check_reply(page)
        assert "<img src=x" not in page.text
        assert 'href="javascript' not in page.text


@pytest.fixture
def question(app: Flask) -> tuple[str, str, dict[str, str]]:
    """The page of the gallery with a long open question: its path, the question, and a cookie that leads there."""
    site = app.extensions["survey_engine"]
    questionnaire = site.questionnaires["gallery"]
    begun = post(app, "/q/gallery/demo", {"lang": "en"}, HX_Request="true")
    cookie, page = find_cookies(begun), begun
    for _ in range(len(questionnaire.placed_pages)):
        slug = page.action.rpartition("/")[2]
        found = [q.code for q in questionnaire.placed_pages[slug][1].questions if q.max_length >= 300 and q.type == "open"]
        if found:
            return page.action, found[0], {"Cookie": cookie}
        form = {"ticket": page.ticket, "wish": "next", "prompted": "1", "number": "1"}
        page = post(app, page.action, form, HX_Request="true", Cookie=cookie)
    raise AssertionError("the gallery has no open question")


@pytest.mark.parametrize("word", WORDS)
def test_an_answer_comes_back_as_it_was_typed_and_runs_nowhere(
    app: Flask, question: tuple[str, str, dict[str, str]], word: str
) -> None:
    path, code, cookie = question
    for wish in ("keep", "next", "back"):
        drawn = call(app, "GET", path, cookie)
        typed = word.encode("utf-8", "replace").decode()
        reply = post(app, path, {"ticket": drawn.ticket, "wish": wish, f"q.{code}": typed})
        check_reply(reply)
        assert RAW not in reply.text
    shown = call(app, "GET", path, cookie).text
    assert SLOT_OPEN not in shown
    if len(typed) < 300:
        kept = "".join(sign for sign in typed if sign not in (SLOT_OPEN, SLOT_BETWEEN, SLOT_CLOSE, "\0"))
        assert kept.replace("\r\n", "\n").strip() in unescape(shown)


def test_no_template_of_ours_trusts_more_than_what_was_made_safe_before() -> None:
    """`|safe` stands only where `pages.Wording` or the site made the HTML; a new one is read by a person first."""
    allowed = {
        "page.heading",
        "question.html",
        "question.help",
        "question.notice",
        "question.unit",
        "item.html",
        "option.html",
        "question.namely.html",
        "contact",
        "introduction",
        "more",
        "promise",
        "thanks",
        "picture",
    }
    found = set()
    for path in (ROOT / "templates").rglob("*.html"):
        for part in path.read_text().split("|safe")[:-1]:
            found.add((path.relative_to(ROOT / "templates").as_posix(), part.rpartition("{{")[2].strip()))
    respondents = {name for file, name in found if not file.startswith("preview/")}
    assert respondents <= allowed, respondents - allowed


def test_autoescape_is_on_wherever_templates_are_read(app: Flask) -> None:
    assert app.jinja_env.from_string("{{ word }}").render(word="<b>") == "&lt;b&gt;"
    for path in Path(ROOT / "survey_engine").rglob("*.py"):
        for line in path.read_text().splitlines():
            assert "from_string" not in line, path
            assert "render_template_string" not in line, path
            if "Environment(" in line:
                assert "autoescape=True" in path.read_text() or "autoescape=select_autoescape()" in path.read_text(), path


def test_a_catalogue_cannot_put_a_slot_into_a_page(tmp_path: Path) -> None:
    folder = tmp_path / "q" / "small"
    folder.mkdir(parents=True)
    (folder / "questionnaire.yaml").write_text(
        "questionnaire: small\ntitle: T\nsource_language: en\nlanguages: {en: {name: E}, nl: {name: N}}\n"
        "order:\n  - {group: g, sections: [s]}\n"
    )
    (folder / "s.yaml").write_text("section: s\npages:\n  - page: p\n    questions:\n      - open: o\n        text: hello\n")
    path = tmp_path / "tr" / "nl" / "LC_MESSAGES" / "small.po"
    path.parent.mkdir(parents=True)
    trick = f"{SLOT_OPEN}begin{SLOT_BETWEEN}7{SLOT_CLOSE}"
    path.write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        f'msgctxt "o"\nmsgid "hello"\nmsgstr "hal{trick}lo"\n\nmsgctxt "title"\nmsgid "T"\nmsgstr "{trick}"\n'
    )
    inspected = inspect_questionnaire(folder, tmp_path / "tr")
    found = inspected.questionnaire
    assert found
    wording = Wording(found, found.languages["nl"], None)
    (question,) = found.all_sections[0].pages[0].questions
    assert [(problem.code, problem.place.line) for problem in inspected.problems] == [("bad-catalogue", 7)]
    assert (wording.html(question.text), wording.line(found.title)) == ("hello", "T")
