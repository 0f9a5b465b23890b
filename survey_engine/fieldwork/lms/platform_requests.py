"""Requests to learning environments: by HTTPS, to public hosts, without redirects, limited in time and size."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from typing import Any
from urllib.parse import SplitResult, urlsplit

SECONDS = 5.0
MAX_REPLY_BYTES = 1 << 20
_LONGEST_ADDRESS = 2000
_EMBEDDING = [ip_network(one) for one in ("::ffff:0:0/96", "64:ff9b::/96")]
"""IPv6 ranges that embed IPv4 addresses: mapped addresses, and NAT64."""
_NOT_PUBLIC = [ip_network(one) for one in ("::/96", "64:ff9b:1::/48", "2002::/16", "fec0::/10")]
"""Ranges that may lead to private hosts, although `is_global` accepts them."""


class PlatformError(Exception):
    """A learning environment gave no usable reply. The message names the cause.

    Args: status: of an HTTP reply; 0 when there was none, or when its content is unusable.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status

    @property
    def is_refusal(self) -> bool:
        """Whether the environment refuses only this request: it may accept others with the same token."""
        return 400 <= self.status < 500 and self.status not in (401, 408, 429)


def check_address(address: object, *, plain: bool = False) -> str:
    """Return the address of a learning environment.

    Args: plain: accept HTTP too, for development.

    Raises:
        PlatformError: it is not a complete address with https.
    """
    try:
        parts = urlsplit(address) if isinstance(address, str) and address.isascii() and address.isprintable() else None
        is_valid = parts and parts.hostname and not parts.username and parts.port != 0 and len(parts.geturl()) <= _LONGEST_ADDRESS
    except ValueError:
        is_valid = False
    if not is_valid or not isinstance(address, str) or " " in address:
        raise PlatformError("The address is not complete")
    if not address.startswith(("https://", "http://") if plain else "https://"):
        raise PlatformError("The address does not begin with https://")
    return address


def request_json(
    address: str, *, plain: bool = False, body: bytes | None = None, headers: Mapping[str, str] = {}, seconds: float = SECONDS
) -> Any:
    """Return the JSON of a GET, or of a POST if there is a body; None for an empty reply.

    Args:
        address: of a learning environment.
        plain: accept HTTP and private hosts, for development.
        body: of a POST.
        headers: of the request.
        seconds: until the reply must be complete.

    Raises:
        PlatformError: the host is private, or sent no JSON in time.
    """
    parts = urlsplit(check_address(address, plain=plain))
    try:
        with _connect(parts, plain=plain, seconds=seconds) as line:
            content = _exchange(line, parts, body, headers, seconds)
        return json.loads(content) if content else None
    except TimeoutError:
        raise PlatformError("The host did not reply in time") from None
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise PlatformError(f"The host gave no usable reply ({type(error).__name__})") from None


def _connect(parts: SplitResult, *, plain: bool, seconds: float) -> socket.socket:
    """Connect to the IP address that was checked: a second look-up could return a private one."""
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    found = _look_up(host, port, seconds)
    if not plain and not all(is_public(one[4][0]) for one in found):
        raise PlatformError("The host is private")
    line = socket.create_connection((str(found[0][4][0]), port), timeout=seconds)
    if parts.scheme == "http":
        return line
    try:
        return ssl.create_default_context().wrap_socket(line, server_hostname=host)
    except BaseException:
        line.close()
        raise


def is_public(address: str) -> bool:
    """Whether an IP address is public. For IPv6 with an embedded IPv4 address, the IPv4 address decides, or the range is refused."""
    found = ip_address(address)
    if any(found in network for network in _EMBEDDING):
        found = IPv4Address(int(found) % 2**32)
    return found.is_global and not found.is_multicast and not any(found in network for network in _NOT_PUBLIC)


def _look_up(host: str, port: int, seconds: float) -> Sequence[Any]:
    """Return the addresses of a host. The look-up has no time limit of its own, so a thread waits for a silent name server."""
    found = SimpleQueue[Sequence[Any] | OSError]()

    def look() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            found.put(error)

    Thread(target=look, daemon=True).start()
    try:
        reply = found.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(reply, OSError):
        raise reply
    return reply


def _exchange(line: socket.socket, parts: SplitResult, body: bytes | None, headers: Mapping[str, str], seconds: float) -> bytes:
    connection = HTTPConnection(parts.hostname or "", parts.port)
    connection.sock = line
    late = Timer(seconds, _shut, (line,))  # the time limit of the socket never ends a reply that sends one byte per second
    late.start()
    try:
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("GET" if body is None else "POST", path, body, {"Accept": "application/json", **headers})
        reply = connection.getresponse()
        content = reply.read(MAX_REPLY_BYTES + 1)
    finally:
        late.cancel()
    if reply.status not in (200, 201, 204):
        raise PlatformError(f"The host replied with status {reply.status}", reply.status)
    if len(content) > MAX_REPLY_BYTES:
        raise PlatformError("The reply is too large")
    return content


def _shut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
