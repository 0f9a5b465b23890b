"""A course on one host opens the questionnaire on another one by LTI, over HTTPS, whatever the browser does with cookies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html import escape
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, TimeoutError, expect

from survey_engine.storage.database import read_now
from tests.browser.conftest import FLAGS, PHONE, find_browser
from tests.browser.robot import DOUBLE_TAP, say, tap
from tests.browser.server import Server, write_short_gallery
from tests.browser.test_frames import ONE_PROCESS, STRICT, FramedRespondent
from tests.browser.test_https_frames import ANY_CERTIFICATE, HOST, speak_tls
from tests.learning_environment import CLAIM, INSTRUCTOR, Environment, serve

LMS = "https://lms.example.org"
STORAGE = """<script>
const kept = {};
addEventListener("message", ({ data, source, origin }) => {
  if (data.subject === "lti.put_data") kept[origin + data.key] = data.value;
  if (data.subject === "lti.put_data" || data.subject === "lti.get_data")
    source.postMessage({ ...data, subject: data.subject + ".response", value: kept[origin + data.key] }, origin);
});
</script>"""


class Course:
    """The pages of a learning environment: a course with a card, and the page that posts the launch."""

    def __init__(self, server: Server) -> None:
        self.server, self.environment = server, Environment("", issuer=LMS)

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        asked = {name: found[0] for name, found in parse_qs(urlsplit(path).query).items()}
        if path.startswith("/keys"):
            return 200, json.dumps(self.environment.key_set()).encode()
        if not asked:
            return 404, b""
        html = self.post_launch(asked) if path.startswith("/auth") else self.describe_course(asked)
        return 200, f"<!doctype html><meta name=viewport content='width=device-width'><title>Course</title>{html}".encode()

    def describe_course(self, asked: dict[str, str]) -> str:
        login = {"iss": LMS, "client_id": "client-1", "login_hint": asked["who"], "target_link_uri": f"https://{HOST}/lti/launch"}
        if "stores" in asked:
            login["lti_storage_target"] = "_parent"
        card = escape(f"https://{HOST}/lti/login?{urlencode(login)}")
        return f"{STORAGE if 'stores' in asked else ''}<iframe src='{card}' width=350 height=700 allow='fullscreen'></iframe>"

    def post_launch(self, asked: dict[str, str]) -> str:
        more = {f"{CLAIM}roles": [INSTRUCTOR]} if asked["login_hint"] == "teacher" else {}
        now = read_now(self.server.identity).timestamp()
        claims = self.environment.claims(asked["nonce"], now, sub=asked["login_hint"], **more)
        claims[f"{CLAIM}custom"] = {"questionnaire": "gallery"}
        token = self.environment.sign(claims)
        return (
            f"<form method=post action='{escape(asked['redirect_uri'])}'><input type=hidden name=state value='{asked['state']}'>"
            f"<input type=hidden name=id_token value='{token}'><button id=continue>Continue</button></form>"
            "<script>document.forms[0].submit()</script>"
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    more = {"SURVEY_BASE_URL": f"https://{HOST}", "SURVEY_LMS_DEVELOPMENT": "http://127.0.0.1:8001"}
    running = Server(folder, write_short_gallery(folder / "q"), **more)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def rules(server: Server) -> Iterator[str]:
    """The flag by which Chromium finds both hosts."""
    course = Course(server)
    with ExitStack() as stack:
        address = stack.enter_context(serve(course.answer))
        course.environment.keys_url = f"{address}/keys"
        course.environment.register(server.identity, "demo")
        tool = stack.enter_context(speak_tls(server.folder, server.port))
        lms = stack.enter_context(speak_tls(server.folder, urlsplit(address).port or 0))
        yield f"--host-resolver-rules=MAP {HOST}:443 127.0.0.1:{tool},MAP lms.example.org:443 127.0.0.1:{lms}"


@contextmanager
def browse(chromium: Browser, folder: Path, rules: str, cookies: str, *, script: bool = True) -> Iterator[BrowserContext]:
    """A browser that allows cookies, keeps third parties' cookies apart, or blocks all."""
    profile = folder / "Default"
    profile.mkdir()
    if cookies == "blocked":
        blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
        (profile / "Preferences").write_text(json.dumps(blocked))
    strict = STRICT if cookies == "partitioned" else ONE_PROCESS
    context = chromium.browser_type.launch_persistent_context(
        folder,
        executable_path=find_browser(windows=True),
        args=[*FLAGS, *strict, ANY_CERTIFICATE, rules],
        viewport=PHONE,
        java_script_enabled=script,
        locale="en-GB",
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


def open_card(page: Page, who: str, *, stores: bool = False) -> Frame:
    page.goto(f"{LMS}/course?who={who}{'&stores=1' if stores else ''}")
    (frame,) = page.main_frame.child_frames
    return frame


def open_start(page: Page, who: str, *, stores: bool) -> FramedRespondent:
    """Open the card until its start page has been seen, so that a press counts."""
    frame = open_card(page, who, stores=stores)
    try:
        frame.wait_for_selector("main.start", timeout=30_000)
    except TimeoutError as error:
        raise AssertionError(f"{frame.url}: {frame.locator('body').inner_text()}") from error
    page.wait_for_timeout(DOUBLE_TAP)
    return FramedRespondent(frame)


def list_responses(server: Server) -> set[int]:
    with server.answers.read() as connection:
        return {*connection.exec_driver_sql("SELECT id FROM response WHERE pseudonym LIKE 'lms-%%'").scalars()}


@pytest.mark.parametrize(("cookies", "pages"), [("allowed", 2), ("partitioned", None), ("blocked", 2)])
def test_a_student_answers_in_the_frame_and_goes_on_after_a_reload(
    chromium: Browser, server: Server, rules: str, tmp_path: Path, cookies: str, pages: int | None
) -> None:
    """To the receipt where cookies are partitioned, as in most browsers; elsewhere for some pages."""
    with browse(chromium, tmp_path, rules, cookies) as context:
        before, stores = list_responses(server), cookies == "blocked"
        student = open_start(context.new_page(), f"student-{cookies}", stores=stores)
        student.press("main form .button.next")
        student.answer_page()
        student.go_on()
        given = student.given
        student = open_start(context.new_page(), f"student-{cookies}", stores=stores)
        expect(student.page.locator("h1")).to_have_text("Welcome back")
        student.press("main form .button.next")
        for _ in count() if pages is None else range(pages):
            student.answer_page()
            student.go_on()
            if student.page.locator(".receipt").count():
                break
        (response,) = list_responses(server) - before
        stored = server.find(response)
        assert stored.completed == (pages is None)
        assert say(stored) == {**given, **student.given}


def test_a_browser_that_keeps_no_secret_opens_the_card_in_a_new_tab(
    chromium: Browser, rules: str, server: Server, tmp_path: Path
) -> None:
    with browse(chromium, tmp_path, rules, "blocked") as context:
        page = context.new_page()
        frame = open_card(page, "student-tab")
        expect(frame.locator("main form .button")).to_have_text("Open in a new tab")
        page.wait_for_timeout(DOUBLE_TAP)  # until the page has been seen, so that a press counts
        tap(frame.locator("#go"))
        expect(frame.locator("h1")).to_have_text("Your browser blocks this inside the course")


def test_the_button_opens_the_card_in_a_new_tab(chromium: Browser, rules: str, server: Server, tmp_path: Path) -> None:
    with browse(chromium, tmp_path, rules, "partitioned", script=False) as context:
        frame = open_card(context.new_page(), "student-new-tab")
        with context.expect_page() as opened:
            tap(frame.locator("main form .button"))
        tab = opened.value
        tap(tab.locator("#continue"))
        tap(tab.locator("main.start form .button.next"))
        expect(tab.locator("[name=ticket]")).to_have_count(1)
        assert tab.url.startswith(f"https://{HOST}/a/gallery/")
        tab.reload()
        expect(tab.locator("[name=ticket]")).to_have_count(1)


def test_a_launch_needs_no_script_where_cookies_are_kept(chromium: Browser, rules: str, server: Server, tmp_path: Path) -> None:
    with browse(chromium, tmp_path, rules, "partitioned", script=False) as context:
        frame = open_card(context.new_page(), "student-plain")
        tap(frame.locator("#go"))
        tap(frame.locator("#continue"))
        tap(frame.locator("main.start form .button.next").first)
        expect(frame.locator("[name=ticket]")).to_have_count(1)


def test_a_teacher_sees_the_explanation_in_the_frame(chromium: Browser, rules: str, server: Server, tmp_path: Path) -> None:
    with browse(chromium, tmp_path, rules, "allowed") as context:
        frame = open_card(context.new_page(), "teacher")
        expect(frame.locator("main li").first).to_contain_text("Students need no password")
