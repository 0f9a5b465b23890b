"""The page of a class: its link, its states, and nothing about a person."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from survey_engine.fieldwork.group_totals import ALL_PERSONS, OPEN_LINK, Totals, name_group
from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.signing import ClassLink
from survey_engine.operations.simulation.browsing import Reply
from survey_engine.storage.group_totals import GroupTotal, add_group, remove_group, set_totals
from survey_engine.storage.identity import Seat
from survey_engine.web.respondent.rate_limits import LIMITS, RateLimiter
from tests.web.conftest import FINISHED, House, start, walk, write_short

CLASS, BY_LINK = ClassLink("short", "demo", "class", "3B <b>"), ClassLink("short", "demo", *OPEN_LINK)
CONSENT = """\
  - page: consent
    questions:
      - consent: agreement
        text: {en: Do you agree?, nl: Vind je dat goed?, easy: Do you agree?}
        parts: {named: {en: My school may know, nl: Mijn school mag het weten, easy: My school may know}}
"""
TODAY = datetime.now(UTC).date()


def open_house(folder, dates: str = "", **institutions: str) -> House:
    write_short(folder / "q", "short", dates)
    for name, lines in institutions.items():
        (folder / "q" / "short" / f"{name}.yaml").write_text(f"institution: {name}\nname: School {name}\n{lines}\n")
    return House(folder)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = open_house(
        tmp_path_factory.mktemp("class"),
        named="open_link: false\nlogin: name",
        both="open_link: {level: 3}\nlogin: name",
        personal="open_link: false",
    )
    yield built
    built.close()


def name_of(house: House, link: ClassLink) -> str:
    return name_group(house.settings.pseudonym_key, *link)


def open_class(house: House, link: ClassLink = CLASS, query: str = "", language: str = "en", *numbers: int | None) -> Reply:
    """Open the page of a class with these totals: persons, started, completed."""
    add_group(house.site.identity, name_of(house, link), link.questionnaire, link.institution)
    if numbers:
        set_totals(house.site.identity, [GroupTotal(name_of(house, link), *numbers, 1_790_000_000.0)])
    return house.device(language).get(f"/class/{house.site.signatures.sign_class_link(link)}{query}")


def test_the_page_has_the_code_the_address_and_what_to_say(house: House) -> None:
    page = open_class(house, BY_LINK)
    assert "log in with" not in page.text
    assert page.status == 200 and 'src="/q/short/demo/qr.svg"' in page.text
    assert f">{house.settings.base_url.partition('//')[2]}/q/short/demo<" in page.text.replace("<wbr>", "")
    assert "Neighbours may get different questions" in page.text and "those who scanned this code" in page.text
    assert page.headers["cache-control"] == "no-store" and page.headers["referrer-policy"] == "no-referrer"


def test_privacy_is_promised_except_for_a_consent_that_a_question_asks(tmp_path):
    login = {"named": "open_link: false\nlogin: name"}
    house = open_house(tmp_path, **login)
    assert "sees which answers are yours. Look" in open_class(house).text
    assert "nobody sees them beside your name" in house.device().get("/q/short/named/login").text
    house.close()

    main = tmp_path / "q" / "short" / "main.yaml"
    main.write_text(main.read_text() + CONSENT)
    house = House(tmp_path)
    for page in (open_class(house), house.device().get("/q/short/named/login")):
        assert page.status == 200 and "sees which answers are yours, unless you allow it in a question." in page.text
        assert "anonymous" not in page.text
    house.close()


def test_numbers_are_lower_bounds_and_small_ones_are_not_shown(house: House) -> None:
    shown = {
        (28, 5, 0): ("5 or more", "fewer than 5"),
        (28, 20, None): ("20 or more", "–"),
        (None, 25, 20): ("25 or more", "20 or more"),
    }
    for numbers, expected in shown.items():
        page = open_class(house, CLASS, "", "en", *numbers)
        assert tuple(re.findall("<dd>(.*?)</dd>", page.text)) == expected
        assert ("Persons on the list: 28." in page.text) == (numbers[0] is not None)
    assert "too small to show" in open_class(house, CLASS, "", "en", None, None, None).text


def test_the_numbers_come_from_the_worker_alone(tmp_path) -> None:
    house = open_house(tmp_path)
    seats = [Seat("short", "demo", {"level": 2}, details={"labels": {"class": "3B"}}) for _ in range(12)]
    links = [f"/l/{token}" for token in give_links(house.site.identity, house.site.participation.contact_keys, seats)]
    link = CLASS._replace(label="3B")
    assert "Nothing has been counted yet" in open_class(house, link).text
    for number, path in enumerate(links[:7]):
        device = house.device()
        page = start(device, path)
        if number < 5:
            walk(device, page, *FINISHED)
    assert "Nothing has been counted yet" in open_class(house, link).text
    Totals(house.site.answers, house.site.identity, house.site.participation.contact_keys, house.settings.pseudonym_key).refresh()
    assert re.findall("<dd>(.*?)</dd>", open_class(house, link).text) == ["5 or more", "5 or more"]
    house.close()


def test_a_login_is_announced_and_personal_links_have_no_code(house: House) -> None:
    named = open_class(house, ClassLink("short", "named", "", ""))
    assert "log in with birth date and surname" in named.text and "qr.svg" in named.text
    personal = open_class(house, ClassLink("short", "personal", "", ""))
    assert personal.status == 200 and "qr.svg" not in personal.text and "Open your own link" in personal.text


def test_persons_on_a_list_are_not_shown_the_open_link(house: House) -> None:
    everybody = ClassLink("short", "demo", *ALL_PERSONS)
    for link, persons in ((CLASS, 28), (everybody, 28), (everybody, None)):
        page = open_class(house, link, "", "en", persons, 5, 0)
        assert (
            "qr.svg" not in page.text
            and "/q/short/demo<" not in page.text.replace("<wbr>", "")
            and "Open your own link" in page.text
        )
    assert "3B &lt;b&gt;" in open_class(house).text
    assert "/q/short/demo/qr.svg" in open_class(house, everybody, "", "en", 0, 5, 0).text, "there is no list"


def test_a_list_beside_an_open_link_gets_the_code_of_the_login(house: House) -> None:
    page = open_class(house, CLASS._replace(institution="both"))
    assert "log in with birth date and surname" in page.text and "/q/short/both/login<" in page.text.replace("<wbr>", "")
    picture = house.device().get(re.search('src="([^"]*qr.svg)"', page.text)[1])
    assert picture.status == 200 and house.device().get("/q/short/both/login").status == 200
    assert picture.text != house.device().get("/q/short/both/qr.svg").text
    assert house.device().get("/q/short/demo/login/qr.svg").status == 404
    assert "/q/short/both/qr.svg" in open_class(house, BY_LINK._replace(institution="both")).text


@pytest.mark.parametrize(("language", "said"), [("nl", "Wie naast je zit"), ("en", "Neighbours may get")])
def test_the_page_is_in_the_language_that_is_chosen_or_read(house: House, language: str, said: str) -> None:
    assert said in open_class(house, CLASS, f"?lang={language}").text
    assert said in open_class(house, CLASS, "", language).text


def test_a_timer_counts_minutes_from_its_start(house: House) -> None:
    reply = open_class(house, CLASS, "?begun=now")
    assert "Time: 0 min" in reply.text
    begun = int((datetime.now(UTC) - timedelta(minutes=12, seconds=5)).timestamp())
    assert "Time: 12 min" in open_class(house, CLASS, f"?begun={begun}").text
    for other in ("", "soon", "-5", "9" * 11, "9" * 40, "0", "%D9%A3"):
        assert 'role="timer"' not in open_class(house, CLASS, f"?begun={other}").text


def test_the_page_stores_nothing_and_sets_no_cookie(house: House) -> None:
    open_class(house)
    before = house.rows("SELECT * FROM group_total", store="identity"), house.rows("SELECT count(*) FROM response")
    device = house.device()
    address = f"/class/{house.site.signatures.sign_class_link(CLASS)}"
    assert device.get(address).status == 200 and not device.cookies
    assert device.post_plainly(address, []).status == 405
    assert (house.rows("SELECT * FROM group_total", store="identity"), house.rows("SELECT count(*) FROM response")) == before


def test_changed_foreign_and_withdrawn_links_open_nothing(house: House) -> None:
    token = house.site.signatures.sign_class_link(CLASS)
    open_class(house)
    wrong = [token[:-2], token[2:], "x", "", token.partition(".")[0], house.invite().removeprefix("/l/")]
    assert {house.device().get(f"/class/{one}").status for one in wrong} == {404}
    assert open_class(house, ClassLink("short", "absent", "", "")).status == 404
    remove_group(house.site.identity, name_of(house, CLASS))
    assert house.device().get(f"/class/{token}").status == 410


def test_guessed_links_are_limited(house: House) -> None:
    house.site.limits = RateLimiter(lambda: 0.0)
    statuses = [house.device().get(f"/class/{number}").status for number in range(LIMITS["miss"].burst + 2)]
    assert statuses[-1] == 429 and statuses.count(404) == LIMITS["miss"].burst
    house.site.limits = RateLimiter()


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (f"closes: {TODAY - timedelta(days=2)}", "This questionnaire is closed"),
        (f"opens: {TODAY + timedelta(days=9)}", "This questionnaire is not open yet"),
    ],
)
def test_outside_the_fieldwork_the_page_says_so(tmp_path, dates: str, said: str) -> None:
    house = open_house(tmp_path, dates)
    page = open_class(house, CLASS, "", "en", 28, 12, 10)
    assert page.status == 403 and said in page.text and "<dd>" not in page.text
    house.close()


def test_a_questionnaire_out_of_service_is_closed(house: House) -> None:
    assert open_class(house, ClassLink("gone", "demo", "", "")).status == 403


def test_no_label_is_logged(house: House, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.DEBUG):
        open_class(house)
        house.device().get(f"/class/{house.site.signatures.sign_class_link(CLASS)}x")
    assert "3B" not in caplog.text + "".join(capsys.readouterr())
