"""Mail by SMTP: one message to one person, over an encrypted connection.

The address of the server names how the connection is encrypted: `smtp://` requires STARTTLS, `smtps://` uses TLS from the start,
and `smtp+insecure://` uses none, for a relay on the same machine.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from survey_engine.language.question_types.panel import is_email_address

_PORTS = {"smtp": 587, "smtps": 465, "smtp+insecure": 25}
"""Scheme of a server's address → default port."""
LOCAL = ("localhost", "127.0.0.1", "::1")
"""Hosts to which an unencrypted connection is allowed."""
_SMTP_SECONDS = 10.0
"""Seconds for each step of the SMTP session."""
_ENHANCED = re.compile(rb"5\.(\d{1,3})\.(\d{1,3})\b")
"""An enhanced status code (RFC 3463): the groups are subject and detail."""
_MAILBOX_CODES = (550, 551, 552, 553)
"""Reply codes to RCPT about a mailbox (RFC 5321). Servers without enhanced status codes use them about relaying too."""
_OF_SENDER = re.compile(
    rb"relay|rcpthosts|authenti|credential|log.?in|tls|encrypt|sender|spam|block|black|polic|reputation|your (host|ip)", re.I
)
"""Words in replies that are about our account, host or sender."""


class MailSettingsError(Exception):
    """The address of the server or of the sender cannot be used; the message ends with the remedy."""


class MailError(Exception):
    """A message was not sent. The text contains no address.

    Attributes: permanent: whether the address is the cause, so that another attempt would fail as well.
    """

    def __init__(self, text: str, *, permanent: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent


class UnknownDeliveryError(Exception):
    """The connection ended after the message and before the server's reply: it may have been sent."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message."""

    to: str
    subject: str
    text: str
    language: str
    """Language tag (RFC 5646)."""


class Mailer:
    """Sends messages through one server."""

    def __init__(self, url: str, sender: str) -> None:
        """Check both settings.

        Args:
            url: such as smtp://user:password@mail.example.org:587.
            sender: such as `NSE <nse@example.org>`.

        Raises:
            MailSettingsError: when one of them cannot be used.
        """
        self._server = _read_server(url)
        name, address = parseaddr(sender)
        if not is_email_address(address):
            raise MailSettingsError(f"SURVEY_MAIL_FROM is '{sender}'. Set it to an address such as: NSE <nse@example.org>")
        self._sender = _make_address(address, name)

    def check(self) -> None:
        """Connect, encrypt, log in and name the sender, without sending anything.

        Raises:
            MailError: when the server cannot be used.
        """
        with self._connect() as client:
            _check(client.mail(self._sender.addr_spec), "sender")

    def send(self, mail: Mail) -> None:
        """Send one message; the server has accepted it when this returns.

        Raises:
            MailError: when it was not sent.
            UnknownDeliveryError: when it may have been sent.
        """
        message = self._write(mail)
        with self._connect() as client:
            recipient = message["To"].addresses[0].addr_spec
            options = [] if recipient.isascii() else ["SMTPUTF8"]
            if options and not client.has_extn("smtputf8"):
                raise MailError("the server accepts no address with letters beyond ASCII", permanent=True)
            _check(client.mail(self._sender.addr_spec, options), "sender")
            _check(client.rcpt(recipient), "recipient")
            try:
                _check(client.data(message.as_bytes(policy=SMTP.clone(utf8=bool(options)))), "message")
            except smtplib.SMTPDataError as error:
                raise _name_refusal(error.smtp_code, error.smtp_error, "message") from None
            except (smtplib.SMTPServerDisconnected, OSError):
                raise UnknownDeliveryError from None

    def _write(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message.set_content(mail.text)  # set_content removes Content- headers, so it is called first
        if not is_email_address(mail.to):
            raise MailError("this is no e-mail address", permanent=True)
        try:
            message["To"] = _make_address(mail.to)
            message["Subject"] = mail.subject
        except ValueError:
            raise MailError("the address has no valid domain, or the subject has a line break", permanent=True) from None
        message["From"] = self._sender
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.domain)
        message["Content-Language"] = mail.language
        message["Auto-Submitted"] = "auto-generated"
        return message

    @contextmanager
    def _connect(self) -> Iterator[smtplib.SMTP]:
        server, context = self._server, ssl.create_default_context()
        port = server.port or _PORTS[server.scheme]
        try:
            if server.scheme == "smtps":
                client: smtplib.SMTP = smtplib.SMTP_SSL(server.hostname or "", port, timeout=_SMTP_SECONDS, context=context)
            else:
                client = smtplib.SMTP(server.hostname or "", port, timeout=_SMTP_SECONDS)
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(f"no connection to {server.hostname}:{port} ({type(error).__name__})") from None
        try:
            self._prepare(client, context)
            try:
                yield client
            except (OSError, smtplib.SMTPException) as error:
                raise MailError(f"the connection broke ({type(error).__name__})") from None
        finally:
            with suppress(OSError, smtplib.SMTPException):  # the reply to QUIT changes nothing
                client.quit()
            client.close()

    def _prepare(self, client: smtplib.SMTP, context: ssl.SSLContext) -> None:
        """Encrypt the connection and log in, as the server's address says."""
        server = self._server
        try:
            if server.scheme == "smtp":
                client.starttls(context=context)
            if server.username:
                client.login(unquote(server.username), unquote(server.password or ""))
            client.ehlo_or_helo_if_needed()
        except smtplib.SMTPAuthenticationError as error:
            raise MailError(f"the server refuses user and password ({error.smtp_code})") from None
        except smtplib.SMTPNotSupportedError:
            raise MailError("the server has no STARTTLS or no log-in") from None
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(f"no encrypted connection to {server.hostname} ({type(error).__name__})") from None


def _make_address(address: str, name: str = "") -> Address:
    """Raises ValueError when the domain has no IDNA form (RFC 3490)."""
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain.encode("idna").decode())


def _read_server(url: str) -> SplitResult:
    parts = urlsplit(url)
    try:
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0 and parts[2:] == ("", "", "")
    except ValueError:
        usable = False
    if not usable or (parts.scheme == "smtp+insecure" and parts.hostname not in LOCAL):
        raise MailSettingsError(
            "SURVEY_SMTP_URL cannot be used. Set it to smtp://user:password@host:587 (STARTTLS), smtps://… (TLS), "
            "or smtp+insecure://localhost:25 for a relay on this machine; write / ? # @ of a password as %2F %3F %23 %40."
        )
    return parts


def _check(reply: tuple[int, bytes], what: str) -> None:
    if not 200 <= reply[0] < 300:
        raise _name_refusal(*reply, what)


def _name_refusal(code: int, reply: bytes | str, what: str) -> MailError:
    text = reply if isinstance(reply, bytes) else reply.encode()
    return MailError(f"the server refuses the {what} ({code})", permanent=what != "sender" and _is_of_recipient(code, text))


def _is_of_recipient(code: int, text: bytes) -> bool:
    """Whether a reply is final and about the recipient's mailbox, not about our account, our sender, relaying or the message."""
    if found := _ENHANCED.match(text):
        subject, detail = map(int, found.groups())
        return code >= 500 and (subject == 2 or (subject == 1 and detail not in (7, 8)))  # .7 and .8 name the sender
    return code in _MAILBOX_CODES and not _OF_SENDER.search(text)
