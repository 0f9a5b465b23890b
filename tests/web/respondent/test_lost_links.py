"""Lost links: one reply for every address, few mails to one, and the old link works until the new one is used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.erasure import Stores, reissue
from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_any_link, find_by_link, give_links
from survey_engine.fieldwork.lost_links import KIND, MOST_LINKS, LostLinks, iter_unsent
from survey_engine.fieldwork.mail import Mailer
from survey_engine.fieldwork.mailed_links import MAX_MAILED_LINKS, find_mailed_number, make_mailed_token
from survey_engine.fieldwork.signing import hash_address, hash_token, make_token
from survey_engine.operations.maintenance import Installation
from survey_engine.operations.simulation.browsing import Reply, WsgiLine
from survey_engine.operations.worker import Worker
from survey_engine.rendering.interface_texts import InterfaceTextsByLocale
from survey_engine.storage.addresses import DAY_SECONDS, MOST_MAILS, PAUSE_SECONDS, SPREAD_SECONDS
from survey_engine.storage.erasures import erase_seat, mark_withdrawn
from survey_engine.storage.identity import Seat
from survey_engine.storage.jobs import REQUEST_SPREAD_SECONDS, count_jobs, postpone_job, take_job
from survey_engine.web.respondent.rate_limits import LIMITS, Limit, RateLimiter
from tests.mailbox import Mailbox, open_mailbox
from tests.statements import trace
from tests.web.conftest import FINISHED, House, send, start, walk, write_short

ADA, BOB = "Ada.Lovelace@example.org", "bob@example.org"
TODAY = datetime.now(UTC).date()
OLD_TEXT = "I wrote this with the old link"


class Town:
    """An installation with a mail server and a worker."""

    def __init__(self, folder: Path, mailbox: Mailbox, dates: str = "") -> None:
        write_short(folder / "q", "short", dates)
        write_short(folder / "q", "long")
        self.house = House(folder, SURVEY_SMTP_URL=mailbox.url, SURVEY_MAIL_FROM="NSE <nse@example.org>")
        self.mailbox, self.settings, self.site = mailbox, self.house.settings, self.house.site
        self.key, self.keys = self.settings.pseudonym_key, self.site.participation.contact_keys
        own = {"answers": self.site.answers, "identity": self.site.identity, "keys": self.keys, "pseudonym_key": self.key}
        self.lost = LostLinks(
            **own,
            texts=InterfaceTextsByLocale(self.settings.translations),
            mailer=Mailer(mailbox.url, "NSE <nse@example.org>"),
            base_url=self.settings.base_url,
            timezone="UTC",
            find_questionnaire=self.site.questionnaires.get,
        )
        never = {"erasures": self.settings.erasures, "find_closing": lambda code: None}
        self.worker = Worker(Installation(**own, **never, lost_links=self.lost))

    def enrol(self, *addresses: str, code: str = "short", language: str | None = "nl", **details: Any) -> str:
        """Add a person with these addresses; return the path of the link."""
        token = make_token()
        contact = {f"mail{number}": address for number, address in enumerate(addresses)}
        hashes = tuple(hash_address(self.key, address) for address in addresses)
        seat = Seat(
            code, "demo", {"level": 2}, language, details={"contact": contact, "link": token, **details}, address_hashes=hashes
        )
        give_links(self.site.identity, self.keys, [seat], [token])
        return f"/l/{token}"

    def ask(self, address: str, language: str = "en") -> Reply:
        return self.house.device(language).post_plainly("/lost", [("address", address)])

    def work(self) -> list[str]:
        """Run all jobs that are due; return their messages."""
        done = []
        while result := self.worker.run_next():
            done.append(result.done or type(result.error).__name__)
        return done

    def mail(self, address: str) -> list[str]:
        """Ask for a link, and return the paths in the mails that arrive."""
        before = len(self.mailbox.received)
        self.ask(address)
        self.work()
        texts = [mail.get_content() for mail in self.mailbox.received[before:]]
        return [path for text in texts for path in re.findall(r"(/l/\S+)", text)]

    def wait(self, seconds: float = PAUSE_SECONDS + SPREAD_SECONDS) -> None:
        with self.site.identity.write() as connection:
            connection.exec_driver_sql(f"UPDATE mailed_address SET claimed_at = claimed_at - {seconds}")

    def seat_of(self, link: str) -> Seat:
        stored = find_by_link(self.site.identity, link.removeprefix("/l/"))
        assert stored
        return decrypt_seat(self.keys, stored)


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with open_mailbox(tmp_path_factory.mktemp("mail"), tls=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def built_town(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Town]:
    built = Town(tmp_path_factory.mktemp("town"), mailbox)
    yield built
    built.house.close()


@pytest.fixture
def town(built_town: Town) -> Town:
    """The installation without persons and mails."""
    for store, tables in (
        (built_town.site.answers, ("page", "response", "withdrawn_response", "later_key")),
        (built_town.site.identity, ("seat", "mailed_address", "job")),
    ):
        with store.write() as connection:
            for table in tables:
                connection.exec_driver_sql(f"DELETE FROM {table}")
    built_town.mailbox.received.clear()
    built_town.site.limits = RateLimiter()
    built_town.enrol("somebody@example.org")
    return built_town


def test_a_link_arrives_in_the_language_of_the_person(town: Town) -> None:
    town.enrol(ADA)
    (path,) = town.mail(" ADA.lovelace@EXAMPLE.org ")
    (mail,) = town.mailbox.received
    assert (mail["To"], mail["Subject"], mail["Content-Language"]) == (ADA, "Je link naar de vragenlijst", "nl")
    assert "Korte lijst" in mail.get_content() and "Demo College" in mail.get_content()
    assert start(town.house.device(), path).status == 200


def test_every_address_gets_the_same_reply_by_the_same_statements(town: Town) -> None:
    town.enrol(ADA)
    replies, statements, seen = [], [], trace(town.site.identity)
    town.ask(BOB)  # opens the connections
    for address in (ADA, BOB, ADA, "zoë.x+y@sub.example.org"):
        seen.clear()
        reply = town.ask(address)
        replies.append((reply.status, reply.text, sorted(reply.headers)))
        statements.append([re.sub(r"'[^']*'|[0-9.]+", "?", one) for one in seen])
    assert replies == [replies[0]] * 4
    assert statements == [statements[0]] * 4 and any("INSERT INTO job" in one for one in statements[0])
    assert count_jobs(town.site.identity) == {(KIND, ""): 5}


def test_no_address_is_in_a_url_a_job_a_log_or_an_error(town: Town, capfd: pytest.CaptureFixture[str]) -> None:
    town.enrol(ADA)
    town.mailbox.rcpt_reply = "550 no such user"
    reply = town.ask(ADA)
    rows = town.house.rows("SELECT * FROM job", store="identity") + town.house.rows(
        "SELECT * FROM seat_address", store="identity"
    )
    done = town.work()
    town.mailbox.rcpt_reply = "250 OK"
    assert done == ["The mail was refused."]
    seen = repr(rows) + repr(done) + reply.text + "".join(capfd.readouterr()) + repr(reply.headers)
    assert "lovelace" not in seen.lower() and count_jobs(town.site.identity) == {("unsent-mail", "refused"): 1}


def test_an_address_gets_one_mail_in_a_pause_of_random_length(town: Town) -> None:
    town.enrol(ADA)
    for _ in range(3):
        town.ask(ADA)
    assert town.work() == ["A link was mailed.", *["This address got a mail shortly before."] * 2]
    town.wait(PAUSE_SECONDS - 5)
    assert town.mail(ADA) == []
    town.wait(SPREAD_SECONDS + 5)
    assert len(town.mail(ADA)) == 1


def test_an_address_gets_few_mails_until_nobody_asked_for_a_day(town: Town) -> None:
    town.enrol(ADA)
    mails = []
    for _ in range(MOST_MAILS + 2):
        reply = town.ask(ADA)
        assert reply.status == 200 and "Look in your mail" in reply.text
        mails += town.work()
        town.wait()
    assert mails.count("A link was mailed.") == MOST_MAILS
    town.wait(DAY_SECONDS)
    assert len(town.mail(ADA)) == 1


def mail_at_the_second_try(town: Town) -> None:
    """The server refuses the mail once."""
    town.mailbox.rcpt_reply = "451 later"
    town.ask(ADA)
    assert town.work() == ["MailError"]
    town.mailbox.rcpt_reply = "250 OK"
    with town.site.identity.write() as connection:
        connection.exec_driver_sql("UPDATE job SET due_at = 0")
    assert town.work() == ["A link was mailed."]


def test_a_mail_that_was_not_sent_counts_for_nothing(town: Town) -> None:
    town.enrol(ADA)
    town.mail(ADA)
    town.wait()
    mail_at_the_second_try(town)
    assert town.house.rows("SELECT mails FROM mailed_address", store="identity") == [(2,)]


def test_no_stored_time_of_a_mail_is_exact(town: Town) -> None:
    for number in range(8):
        town.enrol(f"p{number}@example.org")
        town.mail(f"p{number}@example.org")
    now = datetime.now(UTC).timestamp()
    later = [claimed - now for (claimed,) in town.house.rows("SELECT claimed_at FROM mailed_address", store="identity")]
    assert max(later) - min(later) > SPREAD_SECONDS / 10 and min(later) > -60 and max(later) < SPREAD_SECONDS


def test_no_time_of_a_request_is_stored(town: Town) -> None:
    town.enrol(ADA)
    times = []
    for _ in range(8):
        town.ask(ADA)
        times += town.house.rows("SELECT due_at FROM job", store="identity")
        assert (job := take_job(town.site.identity, [KIND], now=0, lease_seconds=60))
        times += town.house.rows("SELECT leased_until FROM job", store="identity")
        assert postpone_job(town.site.identity, job, 60, attempts=1)
        times += town.house.rows("SELECT due_at FROM job", store="identity")
        assert take_job(town.site.identity, [KIND], now=1e9, lease_seconds=60)
        with town.site.identity.write() as connection:
            connection.execute(text("DELETE FROM job"))
    asked, leased, tried = (sorted(time for (time,) in times[at::3]) for at in range(3))
    assert asked == [0] * 8
    for random in leased, tried:
        assert 60 <= random[0] < random[-1] - REQUEST_SPREAD_SECONDS / 20 < REQUEST_SPREAD_SECONDS


def test_links_in_use_come_before_withdrawn_and_closed_ones(town: Town) -> None:
    links = [town.enrol(ADA) for _ in range(MOST_LINKS + 5)]
    seats = sorted(town.seat_of(link).id for link in links)
    mark_withdrawn(town.site.identity, seats[:MOST_LINKS], withdrawn=True)
    assert len(town.mail(ADA)) == 5 and "meer links dan" not in town.mailbox.received[-1].get_content()


def test_a_mail_says_when_more_links_belong_to_the_address(town: Town) -> None:
    for _ in range(MOST_LINKS + 1):
        town.enrol(ADA)
    assert len(town.mail(ADA)) == MOST_LINKS and "meer links dan" in town.mailbox.received[-1].get_content()


def test_a_flood_from_a_site_or_everywhere_stops_nobody_else(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = list[float]()
    town.site.limits = RateLimiter(pause=pauses.append)
    monkeypatch.setitem(LIMITS, "lost", Limit(3, 0.001))
    monkeypatch.setitem(LIMITS, "all_lost", Limit(5, 0.001))

    def ask_from(address: str) -> int:
        device = town.house.device()
        device.line = WsgiLine(town.house.app.wsgi_app, REMOTE_ADDR=address)
        return device.post_plainly("/lost", [("address", ADA)]).status

    assert [ask_from(f"2001:db8:0:{number:x}::1") for number in range(5)] == [200] * 3 + [429] * 2, "one site"
    assert [ask_from(f"2001:db8:{number:x}::1") for number in range(1, 9)] == [200] * 8
    assert ask_from("198.51.100.7") == 200 and len(pauses) == 7


def test_the_old_link_works_until_the_new_one_is_used(town: Town) -> None:
    old = town.enrol(ADA)
    first = town.house.device()
    walk(first, start(first, old), {"has_job": "no"})
    (new,) = town.mail(ADA)
    assert town.house.device().get(new).status == 200, "a mail scanner opens it"
    assert town.house.device().get(old).status == 200
    second = town.house.device()
    page = start(second, new)
    assert town.house.page(page) == "story", "the same answers"
    for device, path in ((town.house.device(), old), (first, "/a/short")):
        assert device.get(path).status == 410
    assert start(town.house.device(), old).status == 410
    assert send(second, page, {"story": "on"}).status == 200


def test_a_link_that_was_never_opened_is_replaced_too(town: Town) -> None:
    old = town.enrol(ADA)
    (new,) = town.mail(ADA)
    start(town.house.device(), new)
    with town.site.answers.write() as connection:
        connection.exec_driver_sql("DELETE FROM response")
    device = town.house.device()
    assert device.get(old).status == 410 and device.post_plainly(old, []).status == 410
    assert town.house.rows("SELECT * FROM response") == [] and device.get(new).status == 200


def test_each_mailed_link_is_replaced_by_the_next_one(town: Town) -> None:
    old = town.enrol(ADA)
    used = [old]
    for _ in range(MAX_MAILED_LINKS):
        (path,) = town.mail(ADA)
        town.wait(2 * DAY_SECONDS)
        assert town.mail(ADA) == [path], "an unused one is mailed again"
        town.wait(2 * DAY_SECONDS)
        start(town.house.device(), path)
        used.append(path)
    statuses = [town.house.device().get(path).status for path in used]
    assert statuses == [410] * MAX_MAILED_LINKS + [200]
    assert town.mail(ADA) == [used[-1]], "the last one stays"


def test_no_respondents_request_writes_to_a_seat(town: Town) -> None:
    town.enrol(ADA)
    (new,) = town.mail(ADA)
    before = (
        town.house.rows("SELECT * FROM seat", store="identity"),
        town.house.rows("SELECT * FROM seat_address", store="identity"),
    )
    device = town.house.device()
    walk(device, start(device, new), *FINISHED)
    assert before == (
        town.house.rows("SELECT * FROM seat", store="identity"),
        town.house.rows("SELECT * FROM seat_address", store="identity"),
    )


@pytest.mark.parametrize("state", ["withdrawn", "erased", "unknown"])
def test_without_a_link_in_use_no_mail_is_sent(town: Town, state: str) -> None:
    seat = town.seat_of(town.enrol(ADA)).id
    if state == "withdrawn":
        mark_withdrawn(town.site.identity, [seat], withdrawn=True)
    if state == "erased":
        erase_seat(town.site.identity, seat)
        assert len(town.house.rows("SELECT * FROM seat_address", store="identity")) == 1
    town.ask(BOB if state == "unknown" else ADA)
    assert town.work() == ["This address has no link in use."] and town.mailbox.received == []


def test_a_mailed_link_dies_with_its_seat_and_its_withdrawal(town: Town) -> None:
    withdrawn, erased = town.enrol(ADA), town.enrol(BOB)
    (first,), (second,) = town.mail(ADA), town.mail(BOB)
    mark_withdrawn(town.site.identity, [town.seat_of(withdrawn).id], withdrawn=True)
    erase_seat(town.site.identity, town.seat_of(erased).id)
    assert [town.house.device().get(path).status for path in (first, second)] == [410, 404]


def test_a_link_that_the_institution_replaces_ends_all_mailed_ones(town: Town) -> None:
    old = town.enrol(ADA)
    (mailed,) = town.mail(ADA)
    device = town.house.device()
    start(device, mailed)
    seat, new = town.seat_of(old), make_token()
    stores = Stores(town.site.answers, town.site.identity, town.key)
    reissue(stores, town.settings.erasures, "short", [(seat.id, seat.link_hash, hash_token(new))])
    assert [town.house.device().get(path).status for path in (old, mailed, f"/l/{new}")] == [404, 404, 200]
    assert device.get("/a/short").status == 410


@pytest.mark.parametrize(
    ("dates", "mails", "status"),
    [(f"closes: {TODAY - timedelta(days=2)}", 0, 0), (f"opens: {TODAY + timedelta(days=9)}", 1, 403)],
    ids=["closed", "before opening"],
)
def test_a_link_is_mailed_before_the_opening_and_not_after_the_end(
    tmp_path: Path, mailbox: Mailbox, dates: str, mails: int, status: int
) -> None:
    mailbox.received.clear()
    town = Town(tmp_path, mailbox, dates)
    town.enrol(ADA)
    paths = town.mail(ADA)
    assert len(paths) == mails
    assert [town.house.device().get(path).status for path in paths] == [status] * mails
    town.house.close()


@pytest.mark.parametrize(
    ("pages", "said"), [(FINISHED[:1], "Welcome back"), (FINISHED, "private key")], ids=["under way", "completed"]
)
def test_a_link_opens_what_has_begun_or_shows_that_it_is_complete(town: Town, pages: Sequence[Any], said: str) -> None:
    old = town.enrol(ADA)
    device = town.house.device()
    walk(device, start(device, old), *pages)
    (new,) = town.mail(ADA)
    page = town.house.device().get(new)
    assert page.status == 200 and said in page.text


def test_a_shared_address_gets_one_mail_with_all_links(town: Town) -> None:
    town.enrol(ADA)
    town.enrol(ADA, BOB, code="long")
    assert len(town.mail(ADA)) == 2 and len(town.mailbox.received) == 1
    assert len(town.mail(BOB)) == 1, "the second address of a person"
    assert town.mailbox.received[-1]["To"] == BOB


def test_a_mail_that_was_not_sent_is_tried_again_and_an_unknown_one_is_not(town: Town) -> None:
    town.enrol(ADA)
    mail_at_the_second_try(town)
    town.wait()
    town.mailbox.hangs_up = True
    town.ask(ADA)
    done = town.work()
    town.mailbox.hangs_up = False
    assert done == ["It is unknown whether the mail was sent."]
    assert count_jobs(town.site.identity) == {("unsent-mail", "unknown"): 1}
    assert town.mail(ADA) == []


def test_a_worker_that_was_killed_before_the_mail_does_not_send_it_twice(town: Town) -> None:
    town.enrol(ADA)
    claimed = hash_address(town.key, ADA)
    town.lost.send(claimed)
    assert town.lost.send(claimed) == "This address got a mail shortly before.", "the same job, run again"
    assert len(town.mailbox.received) == 1


def test_a_mail_without_result_is_listed_until_a_later_one_is_sent(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.enrol(ADA)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Mailer, "send", stop)
        town.lost.send(hash_address(town.key, ADA))
    ((mail, address),) = iter_unsent(town.site.identity, town.keys, town.key)
    assert (mail.failure, address) == ("unknown", ADA)
    town.wait()
    assert len(town.mail(ADA)) == 1 and not list(iter_unsent(town.site.identity, town.keys, town.key))


def test_guessed_and_changed_mailed_links_open_nothing(town: Town) -> None:
    old = town.enrol(ADA)
    seat = town.seat_of(old)
    good = make_mailed_token(town.key, seat.id, seat.link_hash, 1)
    wrong = [
        make_mailed_token("other" * 8, seat.id, seat.link_hash, 1),
        make_mailed_token(town.key, seat.id, "x", 1),
        good[:-2],
        good + "A",
    ]
    wrong += [make_mailed_token(town.key, seat.id, seat.link_hash, turn) for turn in (0, MAX_MAILED_LINKS + 1)]
    wrong += ["A" * 34, "_" * 34, "é" * 34, good[:20] + "AAAA" + good[24:]]
    assert {town.house.device().get(f"/l/{token}").status for token in wrong} == {404}
    assert town.house.device().get(f"/l/{good}").status == 200
    found = find_by_any_link(town.site.identity, town.key, good)
    assert found and found.link_hash == seat.link_hash and find_mailed_number(town.site.answers, town.key, seat) == 0


@pytest.mark.parametrize("typed", ["", "x", "ada@", "a b@example.org", "a@" + "x" * 300 + ".nl", "mailto:ada@example.org"])
def test_what_is_no_address_is_asked_again(town: Town, typed: str) -> None:
    page = town.ask(typed)
    assert page.status == 422 and 'aria-invalid="true"' in page.text and count_jobs(town.site.identity) == {}


def test_a_flood_from_one_network_is_refused(town: Town) -> None:
    town.site.limits = RateLimiter(lambda: 0.0)
    statuses = [town.ask(f"p{number}@example.org").status for number in range(LIMITS["lost"].burst + 1)]
    assert statuses.count(200) == LIMITS["lost"].burst and statuses[-1] == 429


def test_the_page_exists_only_with_a_mail_server_and_addresses(town: Town, tmp_path: Path) -> None:
    assert 'href="/lost?lang=en"' in town.house.device().get("/l/unknown").text
    with town.site.identity.write() as connection:
        connection.exec_driver_sql("DELETE FROM seat")
    assert town.house.device().get("/lost").status == 404 and "/lost" not in town.house.device().get("/l/unknown").text
    write_short(tmp_path / "q", "short")
    house = House(tmp_path)
    assert [house.device().get(path).status for path in ("/lost", "/lost/asked")] == [404, 404]
    house.close()


@pytest.mark.parametrize(("language", "said"), [("nl", "Link kwijt?"), ("de", "Link verloren?"), ("en", "Lost your link?")])
def test_the_pages_are_in_the_language_of_the_browser(town: Town, language: str, said: str) -> None:
    assert said in town.house.device(language).get("/lost").text
