"""Catalogues: read, update from the sources, write, compile.

Babel merges, with two exceptions. A text whose source changed keeps its translation, marked as stale: its code identifies it,
whereas Babel identifies texts by their wording. A text that was removed and added again gets its former translation.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError

from survey_engine.authoring.translating.domains import Domain, SourceMessage, Variant
from survey_engine.authoring.translating.pofile import format_catalogue, read_catalogue_file
from survey_engine.language.interface_catalogues import list_forms, name_source
from survey_engine.language.variants import catalogue_path, find_catalogue, is_blank, parse_catalogue
from survey_engine.model.messages import Problem

State: TypeAlias = Literal["done", "stale", "missing"]
_DRAFT = re.compile(r"^[# \t]*draft\b", re.IGNORECASE | re.MULTILINE)
"""The mark of draft translations, which a native speaker must review: a comment of a message, or a line in a catalogue's header."""


OFFERED = "offered: the translation of an equal text; confirm or change it"
"""Comment of a translation that was copied from a text with an equal source."""


class BrokenCatalogueError(Exception):
    """A catalogue file cannot be read. The message ends with the remedy."""

    def __init__(self, path: Path, detail: object) -> None:
        super().__init__(f"{path} cannot be read: {detail}. Open it with Poedit, or check it with `msgfmt --check`.")


def find_catalogue_path(translations: Path, domain: Domain, variant: Variant) -> Path:
    return catalogue_path(translations, variant.locale, domain.code)


def find_source(translations: Path, domain: Domain, variant: Variant) -> Path:
    """Return the path of the catalogue to read. An update may write to another folder."""
    return find_catalogue((translations, *domain.catalogue_folders), variant.locale, domain.code)


def open_catalogue(translations: Path, domain: Domain, variant: Variant) -> Catalog:
    """Read a variant's catalogue and update it from the sources, without writing the file.

    Raises:
        BrokenCatalogueError: if the file cannot be read.
    """
    catalogue = load_catalogue(find_source(translations, domain, variant), domain, variant)
    update_catalogue(catalogue, domain, variant)
    return catalogue


def load_catalogue(path: Path, domain: Domain, variant: Variant) -> Catalog:
    """Read a catalogue from its file; a new catalogue if there is no file."""
    if not path.is_file():
        return Catalog(locale=variant.locale, header_comment=f"# {variant.name}: texts of {domain.code}.", fuzzy=False)
    content = path.read_bytes()
    parsed = parse_catalogue(content, path.as_posix())
    if isinstance(parsed, Problem):
        raise BrokenCatalogueError(path, f"line {parsed.place.line}: {parsed.facts['detail']}")
    try:
        return read_catalogue_file(content, variant.locale)
    except (PoFileError, ValueError, LookupError) as error:
        raise BrokenCatalogueError(path, error) from None


def make_template(domain: Domain, messages: Iterable[SourceMessage]) -> Catalog:
    """Make a catalogue without translations, each message with its context for translators."""
    template = Catalog(header_comment=f"# Texts of {domain.code} to be translated, in reading order.", fuzzy=False)
    for message in messages:
        context = message.context
        page, kind = f"page: {context.page}" if context.page else "", f"type: {context.kind}"
        template.add(
            message.key,
            locations=[(place.file, place.line) for place in message.places],
            auto_comments=[comment for comment in (page, kind) if comment and domain.has_codes] + [*message.remarks],
            context=message.code if domain.has_codes else None,
        )
    return template


def update_catalogue(catalogue: Catalog, domain: Domain, variant: Variant) -> None:
    """Merge the sources into a catalogue: new texts, changed ones (stale), and removed ones (obsolete).

    A variant gets the texts that it shows, and keeps its translations of other texts.
    """
    _restore_obsolete(catalogue, domain)
    if domain.has_codes:
        _update_sources(catalogue, domain)
    messages = (message for message in domain.messages if message.in_catalogues)
    wanted = [each for each in messages if variant.code in each.languages or find_message(catalogue, domain, each)]
    previous = {name_message(message): message.previous_id for message in catalogue}
    # Texts with codes get no fuzzy matches: similar texts with different codes are different texts.
    catalogue.update(make_template(domain, wanted), no_fuzzy_matching=domain.has_codes, update_creation_date=False)
    for message in catalogue:
        message.previous_id = message.previous_id or previous.get(name_message(message), [])
    if domain.has_codes:
        _offer_equal(catalogue, wanted)
    for key in [key for key, message in catalogue.obsolete.items() if not any(list_forms(message))]:
        del catalogue.obsolete[key]


def _offer_equal(catalogue: Catalog, wanted: Iterable[SourceMessage]) -> None:
    """Copy translations of equal sources, including sources under an earlier code, to texts without one, to be confirmed."""
    known = {message.id: message.string for message in catalogue.obsolete.values() if message.string}
    known |= {message.id: message.string for message in catalogue if message.string and not message.fuzzy}
    for each in wanted:
        message = catalogue.get(each.key, each.code)
        if message and not message.string and (offered := known.get(message.id)):
            message.string = offered
            message.flags.add("fuzzy")
            message.user_comments = [*message.user_comments, OFFERED]


def confirm_unchanged(catalogue: Catalog, domain: Domain, codes: Iterable[str]) -> list[str]:
    """Mark the translations of these codes as current; return the codes of those that were stale."""
    confirmed = []
    for code in codes:
        message = find_message(catalogue, domain, domain.by_code[code]) if code in domain.by_code else None
        if message and find_state(message) == "stale":
            mark_current(message)
            confirmed.append(code)
    return confirmed


def mark_current(message: Message) -> None:
    message.flags.discard("fuzzy")
    message.previous_id = []
    message.user_comments = [remark for remark in message.user_comments if remark != OFFERED]


def name_message(message: Message) -> str:
    """Return the identifier of a message: its text code; in the interface, its source."""
    return message.context or name_source(message)


def _restore_obsolete(catalogue: Catalog, domain: Domain) -> None:
    """Restore obsolete messages that are in the sources again."""
    gone = {domain.name(message) for message in domain.messages if message.in_catalogues} - {
        name_message(message) for message in catalogue
    }
    for key, message in list(catalogue.obsolete.items()):
        if name_message(message) in gone:
            del catalogue.obsolete[key]
            catalogue[message.id] = message


def _update_sources(catalogue: Catalog, domain: Domain) -> None:
    """Update the source of every translation by its code. A translation is stale while the source differs from what it translates."""
    for message in list(catalogue):
        wanted, source = domain.by_code.get(message.context or ""), message.id
        if wanted is None or not isinstance(source, str):
            continue
        if source != wanted.source:
            catalogue.delete(source, message.context)
            if source.strip() != wanted.source and message.string:
                message.previous_id = message.previous_id or [source]
                message.flags.add("fuzzy")
            message.id = wanted.source
            catalogue[message.id] = message
        if [each.strip() for each in message.previous_id] == [wanted.source]:  # the source was changed back
            message.previous_id = []
            if OFFERED not in message.user_comments:
                message.flags.discard("fuzzy")


def find_message(catalogue: Catalog, domain: Domain, message: SourceMessage) -> Message | None:
    return catalogue.get(message.key, message.code if domain.has_codes else None)


def find_state(message: Message | None) -> State:
    if message is None or any(map(is_blank, list_forms(message))):
        return "missing"
    return "stale" if message.fuzzy else "done"


def list_drafts(catalogue: Catalog) -> set[str]:
    """Return the identifiers of draft translations. A mark in the header makes all translations drafts."""
    messages = [message for message in catalogue if message.id]
    if _DRAFT.search(catalogue.header_comment):
        return {name_message(message) for message in messages}
    return {name_message(m) for m in messages if any(_DRAFT.match(remark) for remark in m.user_comments)}


def mark_reviewed(catalogue: Catalog, reviewed: set[str]) -> None:
    """Remove the draft mark from reviewed translations. A mark in the header is moved to each remaining draft."""
    drafts = list_drafts(catalogue) - reviewed
    lines = catalogue.header_comment.splitlines()
    catalogue.header_comment = "\n".join(line for line in lines if not _DRAFT.match(line))
    for message in catalogue:
        remarks = [remark for remark in message.user_comments if not _DRAFT.match(remark)]
        message.user_comments = [*remarks, "draft"] if name_message(message) in drafts else remarks


def write_catalogue(path: Path, catalogue: Catalog, domain: Domain, variant: Variant) -> bool:
    """Write a catalogue atomically; return whether the file changed."""
    if is_current(path, catalogue, domain, variant):
        return False
    content = format_catalogue(catalogue, domain.code, variant.locale).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_bytes(content)
    temporary.replace(path)
    return True


def is_current(path: Path, catalogue: Catalog, domain: Domain, variant: Variant) -> bool:
    """Return whether the file equals the catalogue as it would be written."""
    return path.is_file() and path.read_bytes() == format_catalogue(catalogue, domain.code, variant.locale).encode()


def compile_catalogue(catalogue: Catalog, path: Path) -> None:
    """Write the .mo file for other programs, without stale translations."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    path.write_bytes(compiled.getvalue())
