"""Reads and writes catalogue files, so that a file differs only where a translation or a source changed.

Babel's writer breaks long comments at any word, even within the quoted older source of a stale text (`#|`), which other tools
then reject. Babel's reader treats that source as a comment, and its headers contain dates and names.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import denormalize, normalize, read_po

_WIDTH = 100


def format_catalogue(catalogue: Catalog, name: str, language: str, *, lines: bool = False) -> str:
    """Return the whole file. `lines` adds line numbers to places; only in templates, because they change often."""
    parts = [_format_header(catalogue, name, language)]
    parts += ["\n".join(_format_message(message, catalogue.num_plurals, lines)) for message in catalogue if message.id]
    for message in catalogue.obsolete.values():
        parts.append("\n".join([*_format_remarks(message), *_format_texts(message, catalogue.num_plurals, "#~ ")]))
    return "\n\n".join(parts) + "\n"


def _format_header(catalogue: Catalog, name: str, language: str) -> str:
    fields = {
        "Project-Id-Version": name,
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": catalogue.plural_forms if language else "",
    }
    written = [f'"{field}: {value}\\n"' for field, value in fields.items() if value]
    return "\n".join([catalogue.header_comment, 'msgid ""', 'msgstr ""', *written])


def _format_message(message: Message, plurals: int, lines: bool) -> Iterator[str]:
    yield from _format_remarks(message)
    yield from (f"#. {comment}" for comment in message.auto_comments)
    places = (f"{file}:{line}" if lines and line else file for file, line in message.locations)
    shown = [f"\u2068{place}\u2069" if " " in place else place for place in places]
    if shown:
        yield f"#: {' '.join(dict.fromkeys(shown))}"
    # Babel guesses that a per cent sign is a placeholder, which it never is in a questionnaire.
    flags = sorted(message.flags - {"python-format"} if message.context else message.flags)
    if flags:
        yield f"#, {', '.join(flags)}"
    if message.fuzzy:
        for keyword, source in zip(("msgid", "msgid_plural"), message.previous_id, strict=False):
            yield _format_field(keyword, source, "#| ")
    yield from _format_texts(message, plurals, "")


def _format_remarks(message: Message) -> Iterator[str]:
    return (f"# {comment}".rstrip() for comment in message.user_comments)


def _format_texts(message: Message, plurals: int, prefix: str) -> Iterator[str]:
    if message.context:
        yield _format_field("msgctxt", message.context, prefix)
    string = message.string or ""
    if isinstance(message.id, str):
        yield _format_field("msgid", message.id, prefix)
        yield _format_field("msgstr", string if isinstance(string, str) else string[0], prefix)
        return
    yield _format_field("msgid", message.id[0], prefix)
    yield _format_field("msgid_plural", message.id[1], prefix)
    forms = [string] if isinstance(string, str) else list(string)
    for index in range(plurals):
        yield _format_field(f"msgstr[{index}]", forms[index] if index < len(forms) else "", prefix)


def _format_field(keyword: str, text: str, prefix: str) -> str:
    written = f"{keyword} {normalize(text, width=_WIDTH - len(prefix))}"
    return "\n".join(prefix + line for line in written.split("\n"))


def read_catalogue_file(content: bytes, locale: str) -> Catalog:
    """Read a catalogue, including the older sources of stale texts, which Babel treats as comments.

    Raises:
        PoFileError, ValueError, LookupError: if the content is no catalogue.
    """
    catalogue = read_po(_number_previous(content), locale=locale, abort_invalid=True)
    for message in [*catalogue, *catalogue.obsolete.values()]:
        _take_previous(message)
    return catalogue


def _number_previous(content: bytes) -> Iterator[bytes]:
    """Yield lines that Babel can read: it drops repeated comments, and rejects the older source of an obsolete text (from Poedit)."""
    for number, line in enumerate(content.removeprefix(BOM_UTF8).splitlines(keepends=True)):
        if line.startswith(b"#|"):
            yield b"#|%d %s" % (number, line[2:].strip())
        elif not line.startswith(b"#~|"):
            yield line


def _take_previous(message: Message) -> None:
    """Move the older source from the comments to `previous_id`."""
    found = [remark for remark in message.user_comments if remark.startswith("|")]
    message.user_comments = [remark for remark in message.user_comments if not remark.startswith("|")]
    sources: list[str] = []
    for remark in found:
        line = remark.partition(" ")[2]
        keyword, _, rest = line.partition(" ")
        if keyword in ("msgid", "msgid_plural"):
            sources.append(rest)
        elif line.startswith('"') and sources:
            sources[-1] += "\n" + line
    message.previous_id = [denormalize(source) for source in sources]
