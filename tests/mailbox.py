"""A real mail server for tests: aiosmtpd with STARTTLS, authentication, and replies that a test chooses."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.databases import find_port

USER, PASSWORD = "survey", "p@ss:w/rd"


@dataclass
class Mailbox:
    """The messages that the server received, and the replies that it gives."""

    url: str = ""
    received: list[EmailMessage] = field(default_factory=list)
    mail_reply: str = "250 OK"
    rcpt_reply: str = "250 OK"
    data_reply: str = "250 OK"
    quit_reply: str = "221 Bye"
    hangs_up: bool = False
    """Whether to accept the message and close the connection without a reply."""

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        envelope.mail_from, envelope.mail_options = address, options
        return self.mail_reply

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.rcpt_reply

    async def handle_QUIT(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        return self.quit_reply

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.data_reply.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.received.append(message_from_bytes(content, policy=default))  # type: ignore[arg-type]
        if self.hangs_up:
            server.transport.abort()
        return self.data_reply


@contextmanager
def open_mailbox(folder: Path, *, tls: bool = True) -> Iterator[Mailbox]:
    """Start a mail server on localhost; its certificate is `authority.pem` in `folder`."""
    mailbox, port = Mailbox(), find_port()
    more: dict[str, Any] = {}
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(make_certificate(folder))
        more = {"tls_context": context, "require_starttls": True, "authenticator": check_login, "auth_required": True}
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True, **more)
    controller.start()
    try:
        login = f"{USER}:p%40ss%3Aw%2Frd@" if tls else ""
        mailbox.url = f"smtp{'' if tls else '+insecure'}://{login}localhost:{port}"
        yield mailbox
    finally:
        controller.stop()


def check_login(server: SMTP, session: Any, envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
    return AuthResult(success=known, handled=False)  # not handled: aiosmtpd sends the reply


def make_certificate(folder: Path) -> Path:
    """Make a file with a self-signed certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "authority.pem").write_bytes(public)
    path = folder / "server.pem"
    path.write_bytes(private + public)
    return path
