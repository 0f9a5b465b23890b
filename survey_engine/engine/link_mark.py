"""The mark that the cookie and tickets of a device have of its way in. Only this module reads and writes its text."""

from __future__ import annotations

import re
from typing import NamedTuple

BY_LOGIN = "+"
"""Precedes the login or launch in the text; stored marks with it belong to a login or launch."""
_HIDDEN = "~"
_TEXT = re.compile(f"([0-9a-f]{{16}})?(?:[{BY_LOGIN}]([0-9a-f]{{8}}))?(?:{_HIDDEN}([0-9a-f]+))?")


class LinkMark(NamedTuple):
    """How a device opened a response, and the pages whose earlier answers it may not see.

    Its text is the link, then `+` and the login, then `~` and the hidden pages in hexadecimal digits; absent parts are left out.
    """

    link: str = ""
    """16 hexadecimal digits of a keyed hash of the personal link; empty for an open link and in cookies of older releases."""
    login: str = ""
    """8 hexadecimal digits: at random for each login by name, the same for all launches by one person; empty for a link."""
    hidden: int | None = None
    """Bit mask over the pages of the questionnaire's version; None if the device sees all stored answers."""

    @classmethod
    def parse(cls, text: str) -> LinkMark:
        """Read the text of a mark. Raises ValueError if it is none."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise ValueError(text)
        link, login, hidden = found.groups("")
        return cls(link, login, int(hidden, 16) if hidden else None)

    def __str__(self) -> str:
        login = f"{BY_LOGIN}{self.login}" if self.login else ""
        return self.link + login + ("" if self.hidden is None else f"{_HIDDEN}{self.hidden:x}")

    def without_hidden(self) -> LinkMark:
        """Return the mark without its hidden pages: the form that is stored beside private keys."""
        return self._replace(hidden=None)


NO_LINK_MARK = LinkMark()
"""The mark of an open link."""


def may_hide_answers(text: str) -> bool:
    """Whether a text with several marks, such as the header of cookies, may contain one with hidden pages."""
    return _HIDDEN in text
