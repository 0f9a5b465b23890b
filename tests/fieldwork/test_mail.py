"""Mail goes over an encrypted connection, and each outcome of the SMTP session has its own error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_engine.fieldwork.mail import Mail, Mailer, MailError, MailSettingsError, UnknownDeliveryError
from tests.databases import find_port
from tests.mailbox import Mailbox, open_mailbox

SENDER = "De Enquête <enquete@survey.example.org>"
MAIL = Mail("student@example.org", "Je link – één minuut", "Hoi,\n\nhttps://survey.example.org/l/x\n", "nl")


@pytest.fixture
def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with open_mailbox(tmp_path) as opened:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        yield opened


def test_a_message_arrives_whole_over_starttls_after_a_login(mailbox: Mailbox) -> None:
    Mailer(mailbox.url, SENDER).send(MAIL)
    (message,) = mailbox.received
    assert (message["To"], message["From"], message["Subject"]) == (MAIL.to, SENDER, MAIL.subject)
    assert message.get_content().replace("\r\n", "\n") == MAIL.text
    assert message["Content-Language"] == "nl" and message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] and message["Message-ID"].endswith("@survey.example.org>")


def test_a_server_with_an_unknown_certificate_gets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with open_mailbox(tmp_path) as mailbox:
        with pytest.raises(MailError, match="no encrypted connection"):
            Mailer(mailbox.url, SENDER).send(MAIL)
        assert mailbox.received == []


def test_a_server_without_starttls_gets_no_message(tmp_path: Path) -> None:
    with open_mailbox(tmp_path, tls=False) as mailbox:
        with pytest.raises(MailError, match="no STARTTLS"):
            Mailer(mailbox.url.replace("smtp+insecure", "smtp"), SENDER).send(MAIL)
        Mailer(mailbox.url, SENDER).send(MAIL)
        assert len(mailbox.received) == 1


@pytest.mark.parametrize(("reply", "permanent"), [("451 later", False), ("550 no such user", True)])
def test_a_refusal_tells_whether_another_attempt_makes_sense(mailbox: Mailbox, reply: str, permanent: bool) -> None:
    for place in ("rcpt_reply", "data_reply"):
        mailbox.rcpt_reply = mailbox.data_reply = "250 OK"
        setattr(mailbox, place, reply)
        with pytest.raises(MailError, match=reply[:3]) as refused:
            Mailer(mailbox.url, SENDER).send(MAIL)
        assert refused.value.permanent == permanent
        assert MAIL.to not in str(refused.value)
    assert mailbox.received == []


@pytest.mark.parametrize("reply", ["421 shutting down", "500 what", "250 OK"])
def test_the_reply_to_the_end_of_the_conversation_changes_nothing(mailbox: Mailbox, reply: str) -> None:
    mailbox.quit_reply = reply
    mailer = Mailer(mailbox.url, SENDER)
    mailer.check()
    mailer.send(MAIL)
    assert len(mailbox.received) == 1


def test_a_connection_lost_after_the_message_is_an_unknown_delivery(mailbox: Mailbox) -> None:
    mailbox.hangs_up = True
    with pytest.raises(UnknownDeliveryError):
        Mailer(mailbox.url, SENDER).send(MAIL)


def test_a_server_that_is_down_or_refuses_the_login_can_be_tried_again(mailbox: Mailbox) -> None:
    down, refuses = f"smtp://localhost:{find_port()}", mailbox.url.replace("p%40ss", "other")
    for url, told in ((down, "no connection"), (refuses, "refuses user and password")):
        with pytest.raises(MailError, match=told) as refused:
            Mailer(url, SENDER).send(MAIL)
        assert not refused.value.permanent


@pytest.mark.parametrize("to", ["jörg@exämple.de", "student@exämple.de"])
def test_international_addresses_get_their_message(mailbox: Mailbox, to: str) -> None:
    Mailer(mailbox.url, SENDER).send(Mail(to, "s", "t", "de"))
    assert mailbox.received[0]["To"].addresses[0].domain == "xn--exmple-cua.de"


@pytest.mark.parametrize("to", ["a@example.org\r\nBcc: b@example.org", "a@example.org,b@example.org", "nobody", "@", ""])
def test_an_address_that_is_none_reaches_nobody(mailbox: Mailbox, to: str) -> None:
    with pytest.raises(MailError) as refused:
        Mailer(mailbox.url, SENDER).send(Mail(to, "s", "t", "nl"))
    assert refused.value.permanent
    assert mailbox.received == []


def test_a_subject_with_a_line_break_adds_no_header(mailbox: Mailbox) -> None:
    with pytest.raises(MailError):
        Mailer(mailbox.url, SENDER).send(Mail(MAIL.to, "s\r\nBcc: b@example.org", "t", "nl"))
    assert mailbox.received == []


@pytest.mark.parametrize(
    "url",
    [
        "http://host",
        "smtp://",
        "smtp://host:x",
        "host:25",
        "",
        "smtp://user:12/ab@host",
        "smtp://user:12?ab@host",
        "smtp+insecure://user:secret@mail.example.org",
    ],
)
def test_a_server_address_that_cannot_be_used_names_the_setting(url: str) -> None:
    with pytest.raises(MailSettingsError, match="SURVEY_SMTP_URL"):
        Mailer(url, SENDER)


@pytest.mark.parametrize("sender", ["", "nobody", "De Enquête", "a@b@c"])
def test_a_sender_that_is_no_address_names_the_setting(sender: str) -> None:
    with pytest.raises(MailSettingsError, match="SURVEY_MAIL_FROM"):
        Mailer("smtp://host", sender)
