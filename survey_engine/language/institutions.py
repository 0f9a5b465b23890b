"""Builds an institution from its definition: theme, terms, choices and local questions."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote
from xml.parsers import expat
from zoneinfo import available_timezones

import nh3

from survey_engine.language.builder import QuestionnaireBuilder
from survey_engine.language.colours import lighten, measure_contrast, parse_colour
from survey_engine.language.definition_fields import RIO_PATTERN
from survey_engine.language.documents import (
    BlockDefinition,
    InstitutionDefinition,
    QuestionnaireDefinition,
    ThemeDefinition,
)
from survey_engine.language.wordings import EMPTY
from survey_engine.model.conditions import all_of
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Institution, LocalBlock, Place, Section, Theme
from survey_engine.model.timezones import find_timezone, is_timezone

_MINIMAL_CONTRAST = 4.5
"""Minimum contrast of text on its background (WCAG 2.2, success criterion 1.4.3, level AA)."""
LOGO_BYTES = 20_000
_MOST_YEARS_APART = 1
"""Fieldwork may be in the year of the edition, one year earlier or one year later."""
_MOST_DAYS_APART = 200
"""Fieldwork at an institution may begin or end this much earlier or later than the questionnaire's fieldwork."""
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SAFE = " /:=(),.;-"
"""Characters that need no percent-encoding in a data URI inside an attribute."""
_SVG = "http://www.w3.org/2000/svg"
_SVG_TAGS = {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "title", "desc", "text"}
_SVG_ATTRIBUTES = {
    *("xmlns", "viewBox", "viewbox", "width", "height", "transform", "opacity", "role", "aria-hidden"),
    *("d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "points"),
    *("fill", "fill-rule", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"),
    *("font-size", "font-family", "font-weight", "text-anchor"),
}


def build_institution(
    builder: QuestionnaireBuilder, definition: InstitutionDefinition, modules: Mapping[str, Section], folder: Path
) -> Institution:
    """Build an institution. Args: folder: the folder of its file, which contains its logo."""
    code, chosen = definition.institution, definition.modules
    _check_names(builder, definition, modules)
    _register_rio_codes(builder, definition)
    check_period(builder, definition)
    with builder.shown_in(definition.languages or builder.languages):
        return Institution(
            code=code,
            name=definition.name,
            place=definition.place(),
            rio_codes=tuple(definition.rio_codes),
            languages=tuple(x for x in dict.fromkeys(definition.languages or builder.languages) if x in builder.languages),
            theme=build_theme(builder, definition.theme, folder),
            terms={
                term: builder.build_text(f"{code}.term.{term}", source, definition.place("terms", term))
                for term, source in definition.terms.items()
            }
            or EMPTY,
            embed=tuple(definition.embed),
            open_link=dict(definition.open_link or {}) or EMPTY,
            has_open_link=definition.open_link is not None,
            login=definition.login,
            demo=tuple(dict(profile) for profile in definition.demo),
            council=tuple(name for name in chosen.council if name in modules) if chosen else (),
            chosen=tuple(name for name in chosen.institution if name in modules) if chosen else (),
            blocks=tuple(_build_blocks(builder, definition, modules)),
            own_questions=_build_own_questions(builder, definition),
            opens=definition.opens,
            closes=definition.closes,
            timezone=_check_timezone(builder, definition),
            places=dict(_iter_places(definition)) or EMPTY,
        )


def _check_names(builder: QuestionnaireBuilder, definition: InstitutionDefinition, modules: Mapping[str, Section]) -> None:
    builder.report_repeats(definition, "languages")
    for index, language in enumerate(definition.languages or ()):
        if language not in builder.languages:
            builder.report_unknown("language", language, builder.languages, definition.place("languages", index))
    for term in definition.terms:
        if term not in builder.definition.terms:
            builder.report_unknown("term", term, builder.definition.terms, definition.key_place("terms", term))
    for who in ("council", "institution"):
        for index, name in enumerate(getattr(definition.modules, who, ())):
            if name not in modules:
                meant = " in this edition: see its `years`" if name in builder.rested else ""
                builder.report_unknown("module", name, modules, definition.place("modules", who, index), meant)


def _register_rio_codes(builder: QuestionnaireBuilder, definition: InstitutionDefinition) -> None:
    """Report a code of RIO that is listed twice, at one or two institutions, or that equals another institution's code in capitals."""
    builder.report_repeats(definition, "rio_codes")
    places = {code: definition.place("rio_codes", index) for index, code in enumerate(definition.rio_codes)}
    own = definition.institution.upper()
    if re.fullmatch(RIO_PATTERN, own):
        places.setdefault(own, definition.place("institution"))
    for code, place in places.items():
        other = builder.codes.setdefault(("RIO code", code), place)
        if other != place:
            builder.report("rio-code-twice", place, code=code, other=other)


def check_period(builder: QuestionnaireBuilder, definition: InstitutionDefinition | QuestionnaireDefinition) -> None:
    """Report a last day before the first day, and days far from the edition.

    If an institution has no days, the questionnaire's days apply.
    """
    opens, closes = definition.opens or builder.definition.opens, definition.closes or builder.definition.closes
    if (definition.opens or definition.closes) and opens and closes and closes < opens:
        place = definition.place("closes" if definition.closes else "opens")
        builder.report("closes-first", place, opens=opens, closes=closes)
    edition = builder.definition.edition
    for key, day in (("opens", definition.opens), ("closes", definition.closes)):
        if day and edition and abs(day.year - edition) > _MOST_YEARS_APART:
            builder.report("year-differs", definition.place(key), what=f"`{key}`", year=day.year, edition=edition)
        usual = getattr(builder.definition, key)
        if day and usual and abs((day - usual).days) > _MOST_DAYS_APART:
            days = abs((day - usual).days)
            builder.report("far-period", definition.place(key), key=key, day=day, usual=usual, days=days)


def _check_timezone(builder: QuestionnaireBuilder, definition: InstitutionDefinition) -> str:
    """Return the name of the time zone; empty if it is unknown or absent, so that the installation's time zone applies."""
    name = definition.timezone or ""
    if name and not is_timezone(name):
        zone = find_timezone(name)
        meant = f" (did you mean '{zone}'?)" if zone else ""
        facts = {"kind": "time zone", "name": name, "meant": meant, "known": join_names(available_timezones())}
        builder.report("unknown-name", definition.place("timezone"), **facts)
        return ""
    return name


def _iter_places(definition: InstitutionDefinition) -> Iterator[tuple[str, Place]]:
    """Yield the places of settings by name, for the checks: `languages`, `open_link`, `council`, `council.0`, `demo.1.level`."""
    yield "languages", definition.place("languages")
    yield "open_link", definition.place("open_link")
    for who in ("council", "institution"):
        if definition.modules and who in definition.modules.model_fields_set:
            yield who, definition.place("modules", who)
        for index in range(len(getattr(definition.modules, who, ()))):
            yield f"{who}.{index}", definition.place("modules", who, index)
    profiles = {"open_link": definition.open_link or {}, **{f"demo.{i}": profile for i, profile in enumerate(definition.demo)}}
    for name, profile in profiles.items():
        path = [int(step) if step.isdigit() else step for step in name.split(".")]
        for code in profile:
            yield f"{name}.{code}", definition.place(*path, code)


def _build_blocks(
    builder: QuestionnaireBuilder, definition: InstitutionDefinition, modules: Mapping[str, Section]
) -> Iterator[LocalBlock]:
    for number, block in enumerate(definition.blocks, 1):
        code = f"block_{definition.institution.replace('-', '_')}_{number}"
        section = _build_block_section(builder, code, block, modules)
        if section:
            yield LocalBlock(section, block.theme, block.place())


def _build_block_section(
    builder: QuestionnaireBuilder, code: str, block: BlockDefinition, modules: Mapping[str, Section]
) -> Section | None:
    when = builder.build_condition(block.when, block.place("when"))
    if bool(block.theme) == bool(block.pages) or (block.theme and block.pages is not None):
        builder.report("needs-one", block.place(), code="block", keys="`theme: …`, `pages: […]`")
    if block.theme:
        if block.theme not in modules:
            meant = " in this edition: see its `years`" if block.theme in builder.rested else ""
            builder.report_unknown("theme", block.theme, modules, block.place("theme"), meant)
            return None
        theme = modules[block.theme]
        return replace(theme, when=all_of([when, theme.when]))
    return Section(code, None, builder.build_pages(block.pages or ()), block.place(), when)


def _build_own_questions(builder: QuestionnaireBuilder, definition: InstitutionDefinition) -> Section | None:
    own = definition.own_questions
    if own is None:
        return None
    code = f"own_{definition.institution.replace('-', '_')}"
    title = builder.build_optional_text(f"section.{code}", own.title, own.place("title"))
    return Section(code, title, builder.build_pages(own.pages), own.place())


def build_theme(builder: QuestionnaireBuilder, definition: ThemeDefinition | None, folder: Path) -> Theme:
    """Build the colours and logo of an institution. An unusable colour or logo is reported, and the default used."""
    if definition is None:
        return Theme()
    logo = read_logo(builder, definition, folder)
    if definition.colour is None:
        return Theme(logo=logo)
    colour = parse_colour(definition.colour)
    if colour is None:
        builder.report("bad-colour", definition.place("colour"), colour=definition.colour)
        return Theme(logo=logo)
    contrast = measure_contrast(colour, (255, 255, 255))
    if contrast < _MINIMAL_CONTRAST:
        builder.report("low-contrast", definition.place("colour"), colour=definition.colour, ratio=f"{contrast:.1f}")
    return Theme(definition.colour, lighten(colour, _MINIMAL_CONTRAST), logo)


def read_logo(builder: QuestionnaireBuilder, definition: ThemeDefinition, folder: Path) -> str:
    """Return the logo as a data URI; an SVG without scripts and other active parts. Empty if the logo is unusable."""
    if definition.logo is None:
        return ""
    path = folder / definition.logo
    content = path.read_bytes() if path.is_file() else b""
    error = "there is no such file" if not path.is_file() else ""
    if path.suffix == ".svg":
        clean, wrong = clean_drawing(content.decode("utf-8", "replace"))
        error = error or wrong
        uri = f"data:image/svg+xml,{quote(' '.join(clean.split()), safe=_SAFE)}"  # compresses to half the size of base64
    else:
        uri = f"data:image/png;base64,{base64.b64encode(content).decode()}"
        error = error or ("it is no PNG" if not content.startswith(_PNG_SIGNATURE) else "")
    if len(content) > LOGO_BYTES:
        error = f"it has {len(content)} bytes"
    if error:
        builder.report("bad-logo", definition.place("logo"), logo=definition.logo, detail=error)
        return ""
    return uri


def clean_drawing(text: str) -> tuple[str, str]:
    """Return (SVG without document type and active parts, reason why a browser cannot show it or an empty string)."""
    entities = re.findall(r"<!ENTITY ([\w.-]{1,100})", text)
    drawing = text[max(text.find("<svg"), 0) :]
    clean = nh3.clean(drawing, tags=_SVG_TAGS, attributes={"*": _SVG_ATTRIBUTES}, strip_comments=True).replace("&nbsp;", "&#160;")
    if "<svg" not in clean:
        return clean, "it contains no drawing"
    if any(f"&amp;{name};" in clean for name in entities):
        return clean, "it uses entities of its own. Save it as plain SVG"
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name)
    try:
        parser.Parse(clean, True)
    except expat.ExpatError as error:
        return clean, f"it is not well-formed: {error}"
    return clean, "" if names[0] == f"{_SVG} svg" else f'it does not begin with <svg xmlns="{_SVG}">'
