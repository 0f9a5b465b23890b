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
        with pytest.raises(MailError, match="no STARTTLS") as refused:
            Mailer(mailbox.url.replace("smtp+insecure", "smtp"), SENDER).send(MAIL)
        assert not refused.value.permanent, "the setting is wrong, not the address"
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


@pytest.mark.parametrize(
    ("place", "reply"),
    [
        ("mail_reply", "530 5.7.0 Authentication required"),
        ("mail_reply", "550 5.7.1 sender refused"),
        ("mail_reply", "553 5.1.8 domain of sender not found"),
        ("mail_reply", "552 5.3.4 too big"),
        ("rcpt_reply", "550 relay denied"),
        ("rcpt_reply", "550 Relaying is not permitted"),
        ("rcpt_reply", "550 5.7.1 Unable to relay"),
        ("rcpt_reply", "554 5.7.1 <student@example.org>: Relay access denied"),
        ("rcpt_reply", "553 sorry, that domain isn't in my list of allowed rcpthosts"),
        ("rcpt_reply", "530 Must issue a STARTTLS command first"),
        ("rcpt_reply", "550 SMTP authentication is required"),
        ("rcpt_reply", "550 5.1.7 sender rejected"),
        ("rcpt_reply", "550 your host is on a block list"),
        ("data_reply", "554 5.7.1 message looks like spam"),
        ("data_reply", "554 transaction failed"),
    ],
)
def test_a_refusal_of_our_server_account_or_sender_is_tried_again(mailbox: Mailbox, place: str, reply: str) -> None:
    setattr(mailbox, place, reply)
    with pytest.raises(MailError, match=reply[:3]) as refused:
        Mailer(mailbox.url, SENDER).send(MAIL)
    assert not refused.value.permanent and mailbox.received == []


@pytest.mark.parametrize(
    "reply",
    [
        "550 5.1.1 User unknown in relay recipient table",
        "550 No such user here",
        "553 mailbox name not allowed",
        "552 5.2.2 mailbox full",
        "550 5.2.1 account disabled",
        "550-5.1.1 The account does not exist.\r\n550 5.1.1 See our help pages",
    ],
)
def test_a_refusal_of_one_recipient_is_final(mailbox: Mailbox, reply: str) -> None:
    mailbox.rcpt_reply = reply
    with pytest.raises(MailError, match="refuses the recipient") as refused:
        Mailer(mailbox.url, SENDER).send(MAIL)
    assert refused.value.permanent


def test_the_check_finds_a_server_that_refuses_the_sender(mailbox: Mailbox) -> None:
    mailbox.mail_reply = "530 5.7.0 Authentication required"
    with pytest.raises(MailError, match=r"refuses the sender \(530\)"):
        Mailer(mailbox.url, SENDER).check()


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
