"""The markup of texts: *emphasis*, **strong** and [links](https://…)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import escape
from itertools import takewhile
from urllib.parse import quote, unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

SCHEMES = frozenset({"https", "mailto", "tel"})
"""Allowed schemes of links."""
_ADDRESSES = {
    "https": re.compile(r"https://[\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE),
    "mailto": re.compile(r"mailto:[^@\s/]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+(?:\?\S*)?", re.IGNORECASE),
}
"""Scheme → complete addresses."""
_SHOWN_HOST = re.compile(r"\A(?:https?://)?((?:[\w-]+\.)+[a-z]{2,24})(?:[/?#]\S*)?", re.IGNORECASE)
_SHOWN_MAIL = re.compile(r"\A[^@\s]+@(?:[\w-]+\.)+[a-z]{2,24}", re.IGNORECASE)
_FILE = re.compile(r"\A[^/]+\.(?:pdf|docx?|xlsx?|pptx?|od[tsp]|html?|png|jpe?g|zip|csv|js)", re.IGNORECASE)
"""A file name such as form.pdf, which looks like a host name."""
_MARKDOWN = MarkdownIt("zero").enable(["emphasis", "link"])
_MARKED = re.compile(r"\*|\]\(")
_PLAIN = re.compile(r"[^*\[\]\r\0]*")
"""A text without markup. Markdown would return it unchanged, but takes 20 times as long."""
_LITERAL = re.compile(r"(?<=\w)\*(?=\w)|_")
"""Literal characters: a star inside a word, such as Student*innen, and any underscore."""
_STAND_INS = {"*": "\ue000", "_": "\ue001"}
"""Characters that replace literal stars and underscores while Markdown parses emphasis."""
_UNFINISHED_LINK = re.compile(
    r"\]\(|\]\s\((?:https?:|www\.|mailto:|tel:)|\[[^\](]{0,80}\((?:https?:|mailto:|tel:)|\)\s?\[(?:https?:|www\.|mailto:|tel:)"
)
_LINE_OF_LIST = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,2}[.)])[ \t]+\S", re.MULTILINE)
_OPENING = re.compile(r"(?<![^\s(“\"'])\*{1,2}(?=[\w{])")
_FOOTNOTE = re.compile(r"(?<=[\w.,;:!?)])\*(?!\w)")
"""A star after a word, which refers to a note."""
_UNSUPPORTED = {
    "an address between < and >": (
        re.compile(r"<(?:https?:|mailto:|www\.)[^<>\s]*>"),
        "Write [words](https://…), which the page shows as a link",
    ),
    "the title of a link": (
        re.compile(r"\]\(\S{1,200}[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*')\)"),
        "Leave it out: pages do not show it",
    ),
    "HTML": (
        re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^<>]*)?/?>|<!--"),
        "Write *emphasis* or [links](https://…) instead; an empty line begins a paragraph",
    ),
    "an HTML entity": (
        re.compile(
            r"&(?:[a-zA-Z]{2,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});|&(?:nbsp|amp|quot|euro|hellip|[lr][sd]quo|[nm]dash|[aeiou](?:uml|acute|grave|circ))\b"
        ),
        "Type the character itself",
    ),
    "an image": (re.compile(r"!\[[^\]]*\]\([^)]*\)?"), "Leave it out: a text may only contain words and links"),
    "an underlined word": (
        re.compile(r"(?<![\w{_/])(__?)(?=[^\s_])[^_\n]{0,200}(?<=[^\s_])\1(?![\w}])"),
        "Write *emphasis* instead",
    ),
    "struck text": (re.compile(r"~~\S[^~\n]*~~"), "Leave it out: a text shows only what is valid"),
    "code": (re.compile(r"`[^`\n]+`"), "Write quotation marks “ ” instead"),
    "a quotation": (
        re.compile(
            r"^[ \t]*>(?![ \t]*(?:=|[€$£]?[ \t]*\d|(?:half|halve|halb|één|een|an?|one|eine?)\b))[ \t]*\S.*",
            re.MULTILINE | re.IGNORECASE,
        ),
        "Write quotation marks “ ” instead",
    ),
    "a table": (
        re.compile(r"^[ \t]*\|.*\|[ \t]*$|^[ \t|]*:?-{3,}:?[ \t]*\|[-: \t|]*$", re.MULTILINE),
        "Write sentences, or ask with a grid",
    ),
    "a link without a text": (re.compile(r"(?<!!)\[\s*\]\([^)]*\)?"), "Write the text of the link between [ and ]"),
    "a heading": (re.compile(r"^#{1,6}[ \t]+\S.*", re.MULTILINE), "Give the page a title, or use *emphasis*"),
}
"""Unsupported markup → its pattern and advice."""


def render_inline(wording: str) -> str:
    """Render one line of text as HTML that is not yet sanitised.

    >>> render_inline("*Alle* Student*innen und Lehrer*innen")
    '<em>Alle</em> Student*innen und Lehrer*innen'
    """
    if _PLAIN.fullmatch(wording):
        return escape(wording).replace("&#x27;", "'")
    return _restore(str(_MARKDOWN.renderInline(_protect(wording))))


def strip_markup(wording: str) -> str:
    """Return the text without markup.

    >>> strip_markup("*Alle* Student*innen: [mehr](https://example.org)")
    'Alle Student*innen: mehr'
    """
    if _PLAIN.fullmatch(wording):
        return wording
    return _restore("".join("\n" if token.type == "softbreak" else token.content for token in _parse(wording)))


def count_markup(wording: str) -> Counter[str]:
    """Count the emphases and links of a text.

    >>> sorted(count_markup("*Soon* there is [more](https://example.org/a)"))
    ['emphasis', 'link to https://example.org/a']
    """
    found: Counter[str] = Counter()
    if _MARKED.search(wording):
        for token in _parse(wording):
            if token.type in ("em_open", "strong_open"):
                found["emphasis"] += 1
            elif token.type == "link_open":
                found[f"link to {_restore(str(token.attrs['href']))}"] += 1
    return found


def iter_bad_links(wording: str) -> Iterator[str]:
    """Yield invalid links: with a scheme that is not allowed, an incomplete address, or without a closing bracket."""
    if "[" not in wording:
        return
    yield from (address for address in iter_links(wording) if not _is_address(address))
    unfinished = _UNFINISHED_LINK.search(strip_markup(wording))
    if unfinished:
        yield unfinished.string[unfinished.start() :][:40]


def iter_links(wording: str) -> Iterator[str]:
    """Yield the addresses of links, with their placeholders."""
    if "](" in wording:
        hrefs = (_restore(str(token.attrs["href"])) for token in _parse(wording) if token.type == "link_open")
        yield from (href.replace("%7B", "{").replace("%7D", "}") for href in hrefs)


def iter_misleading_links(wording: str) -> Iterator[tuple[str, str]]:
    """Yield (text, address) of links whose text is a different address.

    >>> list(iter_misleading_links("[113.nl](https://www.113.nl/chat) or [113.nl](https://www.114.nl)"))
    [('113.nl', 'https://www.114.nl')]
    """
    tokens = _parse(wording) if "](" in wording else []
    for start, token in enumerate(tokens):
        if token.type == "link_open":
            inside = takewhile(lambda each: each.type != "link_close", tokens[start + 1 :])
            shown = _restore("".join(each.content for each in inside)).strip()
            address = _restore(str(token.attrs["href"]))
            if "{" not in shown and "%7B" not in address and _misleads(shown, address):
                yield shown, address


def _misleads(shown: str, address: str) -> bool:
    """Whether a link's text is another address. The link may lead to a page or a subdomain of the address in its text."""
    where = urlsplit(address)
    mail = where.path.lower() if where.scheme.lower() == "mailto" else ""
    if _SHOWN_MAIL.fullmatch(shown) and mail:
        return unquote(mail) != shown.lower()
    found = _SHOWN_HOST.fullmatch(shown)
    host = shown.rpartition("@")[2] if _SHOWN_MAIL.fullmatch(shown) else found[1] if found and not _FILE.fullmatch(shown) else ""
    target = mail.rpartition("@")[2] or where.hostname or ""
    return bool(host and target) and not f".{target}".endswith(f".{host.lower().removeprefix('www.')}")


def _is_address(address: str) -> bool:
    """Whether a page may link to an address. A host with a placeholder is accepted: its value is not known here."""
    scheme = address.partition(":")[0].lower()
    pattern = _ADDRESSES.get(scheme)
    host = address.partition("//")[2].partition("/")[0]
    return scheme in SCHEMES and (pattern is None or "{" in host or bool(pattern.fullmatch(address)))


def iter_unsupported_markup(wording: str) -> Iterator[tuple[str, str, str]]:
    """Yield (name, beginning, advice) of unsupported markup, which a page would show literally."""
    for what, (pattern, advice) in _UNSUPPORTED.items():
        found = pattern.search(wording)
        if found:
            yield what, found[0][:40], advice
    if (left := _find_unclosed(wording)) is not None:
        yield (
            "an emphasis that is not closed",
            left,
            "Write a star on each side of the words, without a space inside: *these words*",
        )
    lines = _LINE_OF_LIST.findall(wording)
    if len(lines) > 1:
        yield "a list", lines[0].strip(), "Put an empty line between its parts, or ask with options"


def _find_unclosed(wording: str) -> str | None:
    """Return the beginning of an emphasis that is not closed. A star that refers to a note, or begins the note, does not count."""
    if "*" not in wording:
        return None
    left = strip_markup(wording)
    found = _OPENING.search(left)
    is_note = found and (_FOOTNOTE.search(left) or (left.startswith("*", found.start()) and not left[: found.start()].strip()))
    return left[found.start() :][:40] if found and not is_note else None


def _parse(wording: str) -> list[Token]:
    return _MARKDOWN.parseInline(_protect(wording))[0].children or []


def _protect(wording: str) -> str:
    return _LITERAL.sub(lambda found: _STAND_INS[found[0]], wording)


def _restore(rendered: str) -> str:
    """Restore literal stars and underscores. In links, the characters that replace them are percent-encoded."""
    for sign, stand_in in _STAND_INS.items():
        rendered = rendered.replace(stand_in, sign).replace(quote(stand_in), sign)
    return rendered
