"""Login by birth date and surname: finds a place on the list, tells nobody who is on it, and shows no earlier answers."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from hashlib import sha256
from random import Random
from time import monotonic

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from survey_engine.fieldwork.erasure import Stores, find_by_private_key
from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.login import hash_person
from survey_engine.fieldwork.mailed_links import make_mailed_token
from survey_engine.fieldwork.names import MAX_NAME_CHARACTERS, fold_first_name, fold_surname
from survey_engine.operations.simulation.browsing import Browser, Reply, WsgiLine
from survey_engine.storage.identity import Seat
from survey_engine.web.respondent.rate_limits import LIMITS, RateLimiter
from tests.statements import counted, trace
from tests.web.conftest import FINISHED, House, send, walk, write_short

LOGIN = "/q/short/named/login"
SPELLINGS = ("Mueller", "von Müller", "vonmueller")
WRONG = 300
"""Wrong logins of the short form of the test; 10,000 were tried."""
SECRET = "Only I wrote this"
LETTERS = st.text(st.characters(categories=("L", "N", "P", "Zs", "M", "Cf")), max_size=3)
Person = tuple[str, str, str]
ZOE, TOM, TIM = ("2008-02-01", "van der Jansen-Çelik", "Zoë"), ("2008-02-02", "Bos", "Tom"), ("2008-02-02", "Bos", "Tim")


NAMED = "institution: named\nname: Named School\nopen_link: false\nlogin: name\n"


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("named")
    write_short(folder / "q", "short")
    (folder / "q" / "short" / "named.yaml").write_text(NAMED)
    (folder / "q" / "short" / "both.yaml").write_text("institution: both\nname: Both\nlogin: name\n")
    house = House(folder)
    enrol(house, ZOE, TOM, TIM)
    yield house
    house.close()


class Times:
    """A clock that only the test moves, and the pauses of delayed requests in seconds."""

    def __init__(self) -> None:
        self.now, self.pauses = 1_000.0, list[float]()


@pytest.fixture(autouse=True)
def times(named: House) -> Times:
    """The application counts from nothing."""
    times = Times()
    named.site.limits = RateLimiter(lambda: times.now, times.pauses.append)
    return times


def enrol(house: House, *persons: Person) -> list[str]:
    """Add seats; return the paths of their personal links."""
    seats = []
    for born, surname, first_name in persons:
        details = {"birth_date": born, "surname": surname, "first_name": first_name}
        hashes = hash_person(house.settings.pseudonym_key, "short", "named", details)
        seats.append(
            Seat("short", "named", {"level": 2}, details={"person": details}, login_hash=hashes[0], first_name_hash=hashes[1])
        )
    return [f"/l/{token}" for token in give_links(house.site.identity, house.site.participation.contact_keys, seats)]


def enrol_new(house: House) -> Person:
    """Add a person of whom no other test knows."""
    surname = "".join(Random().choices("bcdfghjkmnpqrstvwxz", k=12))
    enrol(house, ("2007-05-06", surname, "Ada"))
    return "2007-05-06", surname, "Ada"


def log_in(device: Browser, born: str, surname: str, first_name: str = "", **hidden: str) -> Reply:
    typed = {"birth_date": born, "surname": surname, "first_name": first_name, **hidden}
    return device.post_plainly(LOGIN, list(typed.items()))


def press_start(device: Browser, page: Reply) -> Reply:
    seat = page.drawn.read_hidden("seat")
    assert seat, page.text
    return device.post_plainly(f"{LOGIN}/start", [("seat", seat)])


def is_asked_again(page: Reply) -> bool:
    return page.status == 200 and 'name="first_name"' in page.text and page.drawn.read_hidden("seat") is None


def strip_tokens(page: Reply, *typed: str) -> str:
    """The reply without its signed tokens and what was typed."""
    text = re.sub(r'name="(tries|turn|seat)" value="[^"]+"', "", page.text)
    for one in typed:
        text = text.replace(f'value="{one}"', "")
    return text


@pytest.mark.parametrize(
    ("born", "surname"), [("1-2-2008", "Jansen-Çelik"), ("2008-02-01", "celik jansen"), (" 1 feb 2008", "VAN DER JANSEN CELIK")]
)
def test_birth_date_and_surname_lead_to_the_personal_start(named, born, surname):
    device = named.device()
    page = log_in(device, born, surname)
    assert page.status == 200 and "Short one" in page.text and "Jansen" not in page.text
    assert named.page(press_start(device, page)) == "job"


def test_an_institution_without_an_open_link_opens_the_login(named):
    page = named.device().get("/q/short/named?lang=nl")
    assert page.path == f"{LOGIN}?lang=nl" and page.text.count('autocomplete="off"') == 3
    assert named.device().get("/q/short/named/qr.svg").status == 200
    assert named.device().post_plainly("/q/short/named", [("lang", "en")]).status == 404


def test_an_open_link_of_an_institution_with_a_login_leads_there(named):
    page = named.device().get("/q/short/both?lang=nl")
    assert '"/q/short/both/login?lang=nl"' in page.text and named.device().get("/q/short/both/login").status == 200
    assert "/login" not in named.device().get("/q/short/demo").text


def test_a_login_keeps_the_channel_of_the_address(named):
    born, surname, _ = enrol_new(named)
    device = named.device()
    page = device.get("/q/short/named?via=qr")
    assert page.path == f"{LOGIN}?via=qr" and page.drawn.read_hidden("via") == "qr"
    page = log_in(device, born, surname, via="qr")
    device.post_plainly(f"{LOGIN}/start", [(name, page.drawn.read_hidden(name)) for name in ("seat", "via")])
    assert named.rows("SELECT count(*) FROM response WHERE channel = 'qr'") == [(1,)]


def test_other_institutions_have_no_login(named):
    assert named.device().get("/q/short/demo/login").status == 404


@pytest.mark.parametrize(("failures", "title"), [(0, "We also need your first name"), (1, "We could not find you yet")])
def test_a_miss_and_a_double_get_the_same_reply(named, failures, title):
    tries = named.site.signatures.sign_login("tries", "short", "named", failures)
    miss, double = (log_in(named.device(), "2-2-2008", name, tries=tries) for name in ("Smit", "Bos"))
    assert is_asked_again(miss) and is_asked_again(double) and title in miss.text
    assert strip_tokens(miss, "Smit") == strip_tokens(double, "Bos")
    kept = ("content-length", "date")
    assert [x for x in miss.headers.items() if x[0] not in kept] == [x for x in double.headers.items() if x[0] not in kept]


def test_a_miss_and_a_double_execute_the_same_statements(named):
    sent, found = trace(named.site.identity), []
    for name in ("Smit", "Bos"):
        with counted(sent) as statements:
            log_in(named.device(), "2-2-2008", name)
        found.append([re.sub("'[0-9a-f]{32}'", "?", statement) for statement in statements])
    assert found[0] == found[1] and len(found[0]) == 1


def test_the_first_name_decides_between_two_persons(named):
    device = named.device()
    tries = log_in(device, "2-2-2008", "Bos").drawn.read_hidden("tries")
    page = log_in(device, "2-2-2008", "Bos", "TIM", tries=tries)
    assert named.page(press_start(device, page)) == "job"
    assert is_asked_again(log_in(device, "2-2-2008", "Bos", "Jan"))


def test_three_failures_in_a_row_lead_to_help(named):
    device, tries = named.device(), ""
    for _ in range(2):
        page = log_in(device, "2-2-2008", "Smit", tries=tries)
        assert is_asked_again(page)
        tries = page.drawn.read_hidden("tries")
    page = log_in(device, "2-2-2008", "Smit", tries=tries, lang="nl")
    assert page.path == f"{LOGIN}/help?lang=nl" and device.cookies == {}
    assert log_in(device, "1-2-2008", "Jansen-Celik", tries=tries).drawn.read_hidden("seat")


def test_a_forged_or_foreign_token_is_no_failure_and_no_seat(named):
    signed = named.site.signatures.sign_login("tries", "short", "other", 2)
    for tries in (signed, "2", signed.replace("other", "named")):
        assert is_asked_again(log_in(named.device(), "2-2-2008", "Smit", tries=tries))
    for seat in (
        named.site.signatures.sign_login("tries", "short", "named", 1),
        named.site.signatures.sign_login("seat", "short", "named", "x"),
        "1",
    ):
        assert named.device().post_plainly(f"{LOGIN}/start", [("seat", seat)]).path == LOGIN


@pytest.mark.parametrize(
    ("born", "surname", "wrong"),
    [("31-2-2008", "Bos", "birth_date"), ("99999-99-99", "Bos", "birth_date"), ("1-2-2008", " -", "surname")],
)
def test_a_field_that_cannot_be_read_is_named(named, born, surname, wrong):
    page = log_in(named.device(), born, surname)
    assert page.status == 422 and f'id="fault-{wrong}"' in page.text and 'aria-invalid="true"' in page.text


@pytest.mark.parametrize(
    "typed", ["\0", "a" * 10_000, "\ufdfa" * 10_000, "'; DROP TABLE seat --", "<script>", "{{7*7}}", "%s", "\ud7ff\u202e"]
)
def test_hostile_names_find_nobody(named, typed):
    page = log_in(named.device(), "1-2-2008", f"x{typed}", typed)
    assert page.status == 422 if len(typed) >= MAX_NAME_CHARACTERS else is_asked_again(page)
    assert "<script>" not in page.text and len(page.text) < 200_000
    assert log_in(named.device(), typed, "Bos").status == 422


def test_wrong_logins_find_nobody_and_look_alike(named, monkeypatch):
    monkeypatch.setitem(LIMITS, "login_miss", LIMITS["login"])
    chance, bodies, device = Random(7), set(), named.device()
    for number in range(WRONG):
        born = f"{date(2005, 1, 1) + timedelta(days=chance.randrange(1_500)):%d-%m-%Y}"
        surname = f"Name{chance.choice('abcdefgh')}{'abcdefghij'[number % 10]}"
        page = log_in(device, born, surname)
        assert is_asked_again(page)
        bodies.add(strip_tokens(page, born, surname))
    bodies.add(strip_tokens(log_in(device, "2-2-2008", "Bos"), "2-2-2008", "Bos"))
    assert len(bodies) == 1


def test_600_logins_at_once_behind_one_address_pass(named):
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: log_in(named.device(), "1-2-2008", "Jansen-Celik").status, range(600)))
    assert set(statuses) == {200}


def try_birthdays(house: House, surname: str, addresses: Iterable[str]) -> Counter[int]:
    """Return the statuses of wrong logins with one surname, each from another address."""
    devices = [house.device() for _ in addresses]
    for device, address in zip(devices, addresses, strict=True):
        device.line = WsgiLine(house.app.wsgi_app, REMOTE_ADDR=address)
    return Counter(log_in(device, f"{day}-3-2003", surname).status for day, device in enumerate(devices, 1))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["Jansen-Çelik", "celik jansen", "V.D. JANSENCELIK"]),
    st.text(" -.\u0301\u200b7", max_size=9),
    st.integers(0, 210),
    LETTERS,
)
@example("Jansen-Çelik", "", 199, "ж")
@example("Jansen-Çelik", " ", 198, "z")
@example("Jansen-Çelik", "", 200, "z")
def test_no_spelling_finds_a_surname_whose_tries_are_used_up(named, surname, before, length, after):
    """What the search treats alike counts as one name: signs, and letters that the search does not read."""
    named.site.limits = RateLimiter(lambda: 0.0, [].append)
    key = "short", "named", sha256(fold_surname("Jansen-Çelik").encode()).digest()[:8]
    for _ in range(LIMITS["login_name"].burst):
        assert not named.site.limits.take("login_name", key)
    page = log_in(named.device(), "1-2-2008", f"{before}{surname}".ljust(length) + after)
    assert page.status in (422, 429) or is_asked_again(page)


def test_tries_with_other_spellings_count_as_one_name(named):
    statuses = [
        try_birthdays(named, surname, [f"2001:db8:{at:x}::1" for at in range(5)]) for at, surname in enumerate(SPELLINGS, 1)
    ]
    assert sum(statuses, Counter()) == {200: LIMITS["login_name"].burst, 429: 15 - LIMITS["login_name"].burst}


def test_an_umlaut_written_out_is_found_with_the_first_name(named):
    enrol(named, ("2008-02-05", "Müller", "Jörg"))
    page = log_in(named.device(), "5-2-2008", "Mueller")
    assert is_asked_again(page)
    assert log_in(named.device(), "5-2-2008", "Mueller", "Jörg", tries=page.drawn.read_hidden("tries")).drawn.read_hidden("seat")


def test_a_surname_that_is_too_long_is_refused(named):
    assert log_in(named.device(), "1-2-2008", "Jansen-Çelik".ljust(MAX_NAME_CHARACTERS)).drawn.read_hidden("seat")
    page = log_in(named.device(), "1-2-2008", "Jansen-Çelik".ljust(MAX_NAME_CHARACTERS) + "x")
    assert page.status == 422 and 'id="fault-surname"' in page.text


def test_the_birthdays_of_one_surname_cannot_be_tried(named, times):
    """From one address or from many; a right login waits too, since it must not differ."""
    addresses = [f"2001:db8:{number:x}::1" for number in range(20)]
    assert try_birthdays(named, "Jansen-Çelik", addresses) == {200: LIMITS["login_name"].burst, 429: 10}
    assert log_in(named.device(), "1-2-2008", "celik jansen").status == 429
    assert log_in(named.device(), "2-2-2008", "Bos", "Tim").drawn.read_hidden("seat")
    times.now += 60
    assert log_in(named.device(), "1-2-2008", "Jansen-Celik").drawn.read_hidden("seat")


def test_after_many_misses_of_a_site_each_surname_has_one_try(named, times):
    for _ in range(LIMITS["login_miss"].burst):
        named.site.limits.take("login_miss", ("short", "named", "2001:db8:1::/48"))
    assert try_birthdays(named, "Smit", ["2001:db8:1::1", "2001:db8:1:2::1"]) == {200: 1, 429: 1}
    assert try_birthdays(named, "Smit", ["2001:db8:2::1"]) == {200: 1}


def test_a_flood_of_wrong_logins_leaves_right_ones_of_its_site(named):
    statuses = Counter(log_in(named.device(), "3-3-2003", "zzz").status for _ in range(50))
    assert statuses == {200: LIMITS["login_name"].burst, 429: 40}
    for _ in range(LIMITS["login"].burst):
        named.site.limits.take("login", ("short", "named", "127.0.0.1"))
    assert log_in(named.device(), "1-2-2008", "Jansen-Celik").status == 429
    form = named.device().get(LOGIN)
    assert log_in(named.device(), "1-2-2008", "Jansen-Celik", turn=form.drawn.read_hidden("turn")).drawn.read_hidden("seat")


def test_logins_of_an_institution_from_everywhere_are_delayed_not_refused(named, times):
    for _ in range(LIMITS["logins"].burst):
        named.site.limits.take("logins", ("short", "named"))
    assert log_in(named.device(), "1-2-2008", "Jansen-Celik").status == 200 and len(times.pauses) == 1


def test_nothing_typed_is_in_an_address_cookie_or_log(named, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    device, paths = named.device(), []
    line = device.line
    device.line = lambda method, path, headers, content: (
        paths.append(f"{path} {headers}"),
        line(method, path, headers, content),
    )[1]
    page = log_in(device, "1-2-2008", "Jansen-Celik")
    walk(device, press_start(device, page), *FINISHED)
    tries = ""
    for _ in range(3):
        tries = log_in(device, "3-3-2003", "Smit", "Waldo", tries=tries, lang="Waldo").drawn.read_hidden("tries") or ""
    noted = "\n".join([*paths, *map(str, device.cookies.values()), caplog.text, *capfd.readouterr()])
    assert not re.search("Jansen|Celik|2008|Smit|Waldo|3-3-2003", noted, re.IGNORECASE)


def test_answers_given_before_stay_hidden_and_are_kept(named):
    born, surname, _ = enrol_new(named)
    first = named.device()
    story = walk(first, press_start(first, log_in(first, born, surname)), {"has_job": "no"})
    assert send(first, story, {"story": SECRET}, wish="keep").status == 204
    second = named.device()
    page = log_in(second, born, surname)
    assert "You do not see what was filled in before" in page.text and SECRET not in page.text
    shown = press_start(second, page)
    seen = [shown.text, send(second, shown, {}, wish="back").text, second.get("/a/short").text]
    assert named.page(shown) == "story" and SECRET not in "".join(seen)
    stored = named.rows("SELECT answers FROM page WHERE page = 'story' AND response_id = ?", named.find_response(first))
    assert SECRET in stored[0][0]
    assert 'class="key"' not in send(second, second.get("/a/short"), {}, wish="stop").text


def test_the_private_key_shows_the_answers(named):
    born, surname, _ = enrol_new(named)
    first = named.device()
    story = walk(first, press_start(first, log_in(first, born, surname)), {"has_job": "no"})
    stopped = send(first, story, {"story": SECRET}, wish="stop")
    assert "/q/short/named" in stopped.text
    key = re.search(r'class="key">([^<]+)<', stopped.text).group(1)
    second = named.device()
    assert second.post_plainly(f"{LOGIN}/key", [("key", "WRONGKEY")]).status == 422
    assert SECRET in second.post_plainly(f"{LOGIN}/key", [("key", key)]).text


def test_the_page_after_a_login_tells_nothing_of_the_response(named):
    """Before the start, after it in another language, and after completion."""
    born, surname, _ = enrol_new(named)
    device, pages = named.device("nl"), []
    for answered in ([], FINISHED[:1], FINISHED[1:]):
        page = log_in(named.device(), born, surname)
        pages.append(strip_tokens(page))
        if answered:
            walk(
                device,
                device.post_plainly(f"{LOGIN}/start", [("seat", page.drawn.read_hidden("seat")), ("lang", "nl")]),
                *answered,
            )
    pages.append(strip_tokens(log_in(named.device(), born, surname)))
    assert len(set(pages)) == 1 and named.rows("SELECT 1 FROM response WHERE completed_at IS NOT NULL AND language = 'nl'")


@pytest.mark.parametrize(("end", "status"), [("22:30", 200), ("23:30", 403)])
def test_a_private_key_opens_at_the_login_until_the_grace_ends(tmp_path, end, status):
    write_short(tmp_path / "q", "short", "closes: 2040-06-30")
    (tmp_path / "q" / "short" / "named.yaml").write_text(NAMED)
    house = House(tmp_path)
    enrol(house, ZOE)
    device = house.device()
    key = read_key(send(device, press_start(device, log_in(device, "1-2-2008", "Jansen-Celik")), wish="stop"))
    house.site.participation.clock = datetime.fromisoformat(f"2040-06-30T{end}+00:00"), monotonic()
    assert house.device().post_plainly(f"{LOGIN}/key", [("key", key)]).status == status
    house.close()


def test_the_form_after_a_login_hides_the_number_of_the_seat(named):
    born, surname, _ = enrol_new(named)
    page = log_in(named.device(), born, surname)
    numbers = [str(number) for (number,) in named.rows("SELECT id FROM seat", store="identity")]
    assert numbers and not any(number in page.text for number in numbers)


def read_key(page: Reply) -> str:
    return re.search(r'class="key">([^<]+)<', page.text).group(1)


def find_by_key(house: House, key: str) -> object:
    stores = Stores(house.site.answers, house.site.identity, house.settings.pseudonym_key)
    return find_by_private_key(stores, "short", key)


@pytest.mark.parametrize("given", [[], [{"has_job": "no"}]], ids=["unanswered", "answered"])
def test_the_key_of_a_login_ends_with_the_next_login(named, given):
    """A classmate may have begun in this name, to read by the key what its owner fills in later."""
    born, surname, _ = enrol_new(named)
    classmate, owner = named.device(), named.device()
    key = read_key(
        send(classmate, walk(classmate, press_start(classmate, log_in(classmate, born, surname)), *given), wish="stop")
    )
    press_start(owner, log_in(owner, born, surname))
    assert find_by_key(named, key) is None
    assert named.device().post_plainly(f"{LOGIN}/key", [("key", key)]).status == 422


def test_a_device_of_an_earlier_login_is_shown_no_key(named):
    born, surname, _ = enrol_new(named)
    classmate, owner = named.device(), named.device()
    first = press_start(classmate, log_in(classmate, born, surname))
    page = press_start(owner, log_in(owner, born, surname))
    key = read_key(send(owner, page, wish="stop"))
    assert named.page(first) == named.page(again := classmate.get("/a/short"))
    assert 'class="key"' not in send(classmate, again, wish="stop").text and find_by_key(named, key)


def test_a_personal_link_ends_the_key_of_a_login_and_keeps_its_own(named):
    (link,) = enrol(named, ("2006-01-01", "Linkandname", "Ada"))
    classmate, owner, later = named.device(), named.device(), named.device()
    key = read_key(send(classmate, press_start(classmate, log_in(classmate, "1-1-2006", "Linkandname")), wish="stop"))
    own = read_key(send(owner, owner.post_plainly(link, [("lang", "en")]), wish="stop"))
    assert key != own and find_by_key(named, key) is None
    stopped = send(later, press_start(later, log_in(later, "1-1-2006", "Linkandname")), wish="stop")
    assert 'class="key"' not in stopped.text and find_by_key(named, own)


def test_a_login_after_completion_leaves_the_key(named):
    born, surname, _ = enrol_new(named)
    owner, classmate = named.device(), named.device()
    opened = log_in(classmate, born, surname)
    page = press_start(owner, log_in(owner, born, surname))
    key = read_key(send(owner, page, wish="stop"))
    device = named.device()
    walk(device, device.post_plainly(f"{LOGIN}/key", [("key", key)]), *FINISHED)
    press_start(classmate, opened)
    assert find_by_key(named, key)


def test_a_completed_response_shows_no_proof(named):
    born, surname, _ = enrol_new(named)
    first = named.device()
    page = log_in(first, born, surname)
    done = walk(first, press_start(first, page), *FINISHED)
    assert done.drawn.receipt
    second = named.device()
    assert done.drawn.receipt not in log_in(second, born, surname).text
    again = press_start(second, page)
    assert "You have already finished" in again.text and done.drawn.receipt not in again.text
    assert second.cookies == {}
    scripted = named.device(script=True).post(f"{LOGIN}/start", [("seat", page.drawn.read_hidden("seat"))])
    assert scripted.headers["hx-retarget"] == "body" and done.drawn.receipt not in scripted.text
    assert named.device(script=True).post(f"{LOGIN}/start", [("seat", "old")]).path == LOGIN


def test_a_login_and_a_personal_link_share_one_response(named):
    (link,) = enrol(named, ("2006-01-01", "Samesame", "Ada"))
    first, second = named.device(), named.device()
    press_start(first, log_in(first, "1-1-2006", "Samesame"))
    second.post_plainly(link, [("lang", "en")])
    assert named.find_response(first) == named.find_response(second)


def test_a_seat_withdrawn_after_the_login_cannot_start(named):
    born, surname, _ = enrol_new(named)
    device = named.device()
    page = log_in(device, born, surname)
    with named.site.identity.write() as connection:
        connection.exec_driver_sql("UPDATE seat SET withdrawn = 1")
    assert press_start(device, page).status == 410 and is_asked_again(log_in(device, born, surname))
    with named.site.identity.write() as connection:
        connection.exec_driver_sql("UPDATE seat SET withdrawn = 0")


def test_after_a_pause_a_device_that_logged_in_shows_no_answers(named, monkeypatch):
    """A classmate may have begun in this name, and come back to read what its owner filled in later."""
    born, surname, _ = enrol_new(named)
    device = named.device()
    story = walk(device, press_start(device, log_in(device, born, surname)), {"has_job": "no"})
    assert send(device, story, {"story": SECRET}, wish="keep").status == 204
    assert SECRET in device.get("/a/short").text
    visit = named.site.signatures.read_dated_cookie
    monkeypatch.setattr(type(named.site.signatures), "read_dated_cookie", lambda self, *of: (visit(*of)[0], 31 * 60))
    assert SECRET not in device.get("/a/short").text


@pytest.mark.parametrize("by_link", [True, False])
@pytest.mark.parametrize("begun", [True, False])
def test_another_device_that_logged_in_is_not_shown_what_its_owner_saves(named: House, by_link: bool, begun: bool) -> None:
    person = "2007-05-06", "".join(Random().choices("bcdfghjkmnpqrstvwxz", k=12)), "Ada"
    (link,) = enrol(named, person)
    owner, other = named.device(), named.device()
    start = (lambda: owner.post_plainly(link, [])) if by_link else (lambda: press_start(owner, log_in(owner, *person)))
    job = start() if begun else None
    old = press_start(other, log_in(other, *person))
    story = walk(owner, job or start(), {"has_job": "no"})
    assert send(owner, story, {"story": SECRET}, wish="keep").status == 204
    old_story = other.get("/a/short")
    assert named.page(old_story) == "story" and send(owner, story, {"story": f"{SECRET}, twice"}, number="3").status == 200
    seen = [
        send(other, old, {"has_job": "yes"}),
        send(other, old_story, {"story": "mine"}),
        send(other, old_story, {"story": "mine"}),
    ]
    seen += [other.get(f"/a/short/{named.slug(page)}") for page in ("job", "story")]
    assert all(SECRET not in page.text and 'value="no" checked' not in page.text for page in [old_story, *seen])
    assert SECRET in owner.get(f"/a/short/{named.slug('story')}").text


def test_a_device_that_logged_in_is_shown_what_it_saved(named: House) -> None:
    device = named.device()
    story = walk(device, press_start(device, log_in(device, *enrol_new(named))), {"has_job": "no"})
    assert send(device, story, {"story": SECRET}).status == 200
    assert SECRET in device.get(f"/a/short/{named.slug('story')}").text
    assert 'class="key"' in send(device, device.get("/a/short"), {}, wish="stop").text


def test_a_hidden_page_stays_hidden_while_its_form_saves(named: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The form of a hidden page is blank. With a ticket of a page that shows its answers, Next would erase them."""
    person = enrol_new(named)
    first, second = named.device(), named.device()
    story = walk(first, press_start(first, log_in(first, *person)), {"has_job": "no"})
    assert send(first, story, {"story": SECRET}, wish="keep").status == 204
    shown = press_start(second, log_in(second, *person))
    read = named.site.signatures.read_dated_ticket
    monkeypatch.setattr(type(named.site.signatures), "read_dated_ticket", lambda self, signed: (read(signed)[0], 29 * 60))
    saved = send(second, shown, {}, wish="keep")
    assert saved.status == 204 and saved.headers["ticket"]
    send(second, shown, {}, ticket=saved.headers["ticket"], number="3", prompted="1")
    stored = named.rows("SELECT answers FROM page WHERE page = 'story' AND response_id = ?", named.find_response(first))
    assert SECRET in stored[0][0]


def test_a_form_that_stores_nothing_lengthens_no_pause(named: House, monkeypatch: pytest.MonkeyPatch) -> None:
    person = enrol_new(named)
    device, other = named.device(), named.device()
    old = press_start(device, log_in(device, *person))
    assert walk(other, press_start(other, log_in(other, *person)), {"has_job": "no"}).status == 200
    read = named.site.signatures.read_dated_cookie
    monkeypatch.setattr(type(named.site.signatures), "read_dated_cookie", lambda self, *of: (read(*of)[0], 29 * 60))
    saved = send(device, old, {"has_job": "yes"}, wish="keep")
    assert saved.status == 409 and not {"set-cookie", "ticket"} & saved.headers.keys()


def test_a_login_goes_on_with_the_link_that_replaced_a_lost_one(named: House) -> None:
    born, surname, first_name = person = enrol_new(named)
    names = fold_surname(surname), fold_first_name(first_name)
    seat = next(iter(named.site.login.find("short", "named", date.fromisoformat(born), *names)))
    mailed = f"/l/{make_mailed_token(named.settings.pseudonym_key, seat.id, seat.link_hash, 1)}"
    start = named.device()
    start.get(mailed)
    assert start.post_plainly(mailed, []).status == 200
    device = named.device()
    assert press_start(device, log_in(device, *person)).status == 200
    assert device.get("/a/short").status == 200
