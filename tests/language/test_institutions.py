"""An institution: its names, theme, choices, blocks and local questions."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from survey_engine.language.institutions import LOGO_BYTES
from tests.writing import ANY_QUESTION, HEAD, Written, ask, write

ORDER = """\
  - {group: modules, modules: {council: 1, institution: 2, random: 1}}
  - {group: blocks, blocks: {limit: 6}}
  - {group: own, own_questions: true}
terms: {school: school}
"""
MODULE = "module: {code}\nwhen: level >= 2\npages: [{{page: {code}_page, questions: [{{mark: {code}_mark, text: M?}}]}}]"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def write_institution(folder: Path, settings: str, logo: bytes | None = None) -> Written:
    if logo is not None:
        for name in ("logo.svg", "logo.png"):
            path = folder / "q" / "x" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(logo)
    files = {f"{code}.yaml": MODULE.format(code=code) for code in ("food", "music", "sleep")}
    files |= {"questionnaire.yaml": HEAD + ORDER, "main.yaml": ask(ANY_QUESTION)}
    return write(folder, {**files, "north.yaml": f"institution: north\nname: North\n{settings}"})


@pytest.mark.parametrize(
    ("settings", "kind", "guess"),
    [
        ("languages: [«ehn]", "language", "en"),
        ("terms: {«shcool: {en: college}}", "term", "school"),
        ("modules: {council: [«foood]}", "module", "food"),
        ("timezone: «America/Kralendyk", "time zone", "America/Kralendijk"),
        ("timezone: «Berlin", "time zone", "Europe/Berlin"),
        ("timezone: «new york", "time zone", "America/New_York"),
        ("modules: {institution: [food, «foood]}", "module", "food"),
        ("blocks: [{theme: «foood}]", "theme", "food"),
    ],
)
def test_an_unknown_name_is_reported_at_its_place(tmp_path: Path, settings: str, kind: str, guess: str) -> None:
    problem = write_institution(tmp_path, settings).find("unknown-name")
    assert f"there is no {kind} '" in problem.wrong and f"did you mean '{guess}'?" in problem.wrong


def test_an_institution_has_choices_terms_and_embedding_sites(tmp_path: Path) -> None:
    settings = """\
modules: {council: [food], institution: [music]}
terms: {school: {en: college}}
embed: ["https://lms.example.org:8443"]
open_link: {path: bol}
demo: [{path: bbl, level: 2, programme: Baking}]
"""
    written = write_institution(tmp_path, settings)
    north = written.questionnaire.institutions["north"]
    assert (north.name, north.council, north.chosen) == ("North", ("food",), ("music",))
    assert north.terms["school"].wording == {"en": "college"}
    assert north.embed == ("https://lms.example.org:8443",)
    assert (north.open_link, north.demo) == ({"path": "bol"}, ({"path": "bbl", "level": 2, "programme": "Baking"},))
    assert north.place_of("demo.0.level").line == 7 and north.place_of("anything") == north.place
    assert not written.compilation.errors


def test_a_block_is_a_theme_or_pages_and_has_the_conditions_of_both(tmp_path: Path) -> None:
    pages = "pages: [{page: own, questions: [{mark: own_mark, text: O?}]}]"
    written = write_institution(tmp_path, f"blocks: [{{theme: food, when: path == 'bol'}}, {{{pages}}}]")
    theme, own = written.questionnaire.institutions["north"].blocks
    assert theme.theme == "food" and theme.section.when and theme.section.when.names == {"path", "level"}
    assert own.theme is None and own.section.pages[0].code == "own"


@pytest.mark.parametrize(
    "block",
    ["when: path == 'bol'", "theme: food, pages: [{page: o, questions: [{mark: o_m, text: O?}]}]", "theme: food, pages: []"],
)
def test_a_block_is_exactly_one_of_the_two(tmp_path: Path, block: str) -> None:
    assert write_institution(tmp_path, f"blocks: [«{{{block}}}]").find("needs-one")


def test_local_questions_are_a_separate_section(tmp_path: Path) -> None:
    own = "own_questions: {title: Ours, pages: [{page: own, questions: [{mark: own_mark, text: O?}]}]}"
    section = write_institution(tmp_path, own).questionnaire.institutions["north"].own_questions
    assert section and section.code == "own_north" and section.title and section.title.wording == {"en": "Ours"}


def test_two_institutions_do_not_have_one_code(tmp_path: Path) -> None:
    files = {"questionnaire.yaml": HEAD, "1.yaml": ask(ANY_QUESTION), "2.yaml": "institution: north\nname: N"}
    assert write(tmp_path, {**files, "3.yaml": "institution: «north\nname: N"}).find("duplicate-code")


def test_a_colour_gets_a_lighter_colour_for_dark_mode(tmp_path: Path) -> None:
    theme = write_institution(tmp_path, 'theme: {colour: "#6b2fa0"}').questionnaire.institutions["north"].theme
    assert theme.colour == "#6b2fa0" and theme.dark_colour != theme.colour


def test_a_colour_must_be_a_colour_and_dark_enough(tmp_path: Path) -> None:
    assert write_institution(tmp_path, "theme: {colour: «blue}").find("bad-colour")
    problem = write_institution(tmp_path, 'theme: {colour: «"#ffcc00"}').find("low-contrast")
    assert "contrast of 1.5" in problem.wrong


def test_active_content_is_removed_from_a_logo(tmp_path: Path) -> None:
    svg = b"""<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" onload="alert(1)">
    <script>alert(1)</script><style>*{}</style><image href="https://example.org/x.png"/>
    <a href="javascript:x"><path d="M0 0h8" fill="red" onclick="x"/></a>
    <foreignObject><p>x</p></foreignObject><use href="#x"/></svg>"""
    logo = write_institution(tmp_path, "theme: {logo: logo.svg}", svg).questionnaire.institutions["north"].theme.logo
    assert logo.startswith("data:image/svg+xml,") and not set('"<>#&') & set(logo)
    shown = unquote(logo.partition(",")[2])
    assert '<path d="M0 0h8" fill="red"' in shown and 'viewBox="0 0 8 8"' in shown and "xmlns=" in shown
    for word in ("script", "alert", "onload", "onclick", "href", "style", "foreignObject", "<use", "image", "xml version"):
        assert word not in shown.replace("http://www.w3.org", "")


TYPED = b"""<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
  <!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/">
]><svg xmlns:i="&ns_ai;" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><title>a\xc2\xa0b</title><path d="M0 0h8"/></svg>"""


def test_a_logo_loses_its_document_type(tmp_path: Path) -> None:
    logo = write_institution(tmp_path, "theme: {logo: logo.svg}", TYPED).questionnaire.institutions["north"].theme.logo
    shown = unquote(logo.partition(",")[2])
    assert shown.startswith("<svg") and "ENTITY" not in shown and "]" not in shown
    assert [element.tag.rpartition("}")[2] for element in ElementTree.fromstring(shown)] == ["title", "path"]


def test_a_png_is_embedded_unchanged(tmp_path: Path) -> None:
    logo = write_institution(tmp_path, "theme: {logo: logo.png}", PNG).questionnaire.institutions["north"].theme.logo
    assert base64.b64decode(logo.partition(",")[2]) == PNG


@pytest.mark.parametrize(
    ("name", "content", "detail"),
    [
        ("logo.png", None, "no such file"),
        ("logo.svg", None, "no such file"),
        ("logo.png", b"GIF89a", "no PNG"),
        ("logo.svg", b"<p>hello</p>", "no drawing"),
        ("logo.svg", b"<svg viewBox='0 0 8 8'><path d='M0 0h8'/></svg>", "xmlns"),
        ("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0"/></svg><p>x</p>', "not well-formed"),
        ("logo.svg", TYPED.replace(b'd="M', b'fill="&ns_ai;" d="M'), "entities of its own"),
        ("logo.png", PNG + b"\0" * LOGO_BYTES, "bytes"),
        ("logo.svg", b"<svg>" + b" " * LOGO_BYTES + b"</svg>", "bytes"),
    ],
)
def test_an_unusable_logo_is_reported_with_the_reason(tmp_path: Path, name: str, content: bytes | None, detail: str) -> None:
    written = write_institution(tmp_path, f"theme: {{logo: «{name}}}", content)
    assert detail in written.find("bad-logo").wrong
    assert written.questionnaire.institutions["north"].theme.logo == ""


@pytest.mark.parametrize("name", ["«../logo.svg", "«/etc/passwd", "«logo.gif", "«logo", "«*.svg"])
def test_a_logo_is_in_the_folder_of_its_institutions_file(tmp_path: Path, name: str) -> None:
    settings = f'theme: {{logo: "{name}"}}'.replace('"«', '«"')
    assert write_institution(tmp_path, settings, b"<svg/>").find("wrong-value")


def test_an_institution_may_have_its_own_days_and_time_zone(tmp_path):
    written = write_institution(tmp_path, "opens: 2026-11-27\ntimezone: America/Kralendijk")
    north = written.questionnaire.institutions["north"]
    assert (str(north.opens), north.closes, north.timezone) == ("2026-11-27", None, "America/Kralendijk")


@pytest.mark.parametrize("written", ["27-11-2026", "2026-11-31", "27 november 2026", "1"])
def test_a_date_in_another_format_is_reported_with_the_format(tmp_path, written):
    problem = write_institution(tmp_path, f"closes: «{written}").find("wrong-value")
    assert "a date as year-month-day, such as 2026-11-27" in problem.remedy


@pytest.mark.parametrize(
    ("head", "north", "codes"),
    [
        ("opens: 2026-02-01\ncloses: «2026-01-31\n", "", ["closes-first"]),
        ("opens: 2026-02-01\n", "closes: «2026-01-31", ["closes-first"]),
        ("closes: 2026-01-31\n", "opens: «2026-02-01", ["closes-first"]),
        ("opens: 2026-02-01\ncloses: 2026-02-01\n", "closes: 2026-03-01", []),
    ],
)
def test_a_last_day_before_the_first_is_reported_at_its_place(tmp_path: Path, head: str, north: str, codes: list[str]) -> None:
    files = {"questionnaire.yaml": HEAD + head, "main.yaml": ask(ANY_QUESTION)}
    written = write(tmp_path, {**files, "north.yaml": f"institution: north\nname: North\n{north}\n"})
    assert [code for code in written.codes if code == "closes-first"] == codes
    if codes:
        assert "2026-01-31" in str(written.find("closes-first"))


@pytest.mark.parametrize(("day", "codes"), [("2027-05-08", ["far-period"]), ("2026-06-30", [])])
def test_days_far_from_those_of_the_questionnaire_are_reported(tmp_path: Path, day: str, codes: list[str]) -> None:
    files = {"questionnaire.yaml": f"{HEAD}closes: 2026-04-30\n", "main.yaml": ask(ANY_QUESTION)}
    written = write(tmp_path, {**files, "north.yaml": f"institution: north\nname: North\ncloses: «{day}\n"})
    assert [code for code in written.codes if code == "far-period"] == codes
    if codes:
        assert written.find("far-period").facts["days"] == 373


@pytest.mark.parametrize(
    ("settings", "enters"),
    [("", True), ("open_link: false", False), ("open_link: false\nlogin: name", True), ("login: name", True)],
)
def test_an_institution_with_an_open_link_or_a_login_has_a_start_page(tmp_path: Path, settings: str, enters: bool) -> None:
    north = write_institution(tmp_path, settings).questionnaire.institutions["north"]
    assert north.has_start_page == enters
    assert north.login == ("name" if "login" in settings else "")


def test_an_unknown_way_to_log_in_is_reported(tmp_path: Path) -> None:
    assert "birth date" in str(write_institution(tmp_path, "login: «number").find("wrong-value"))


@pytest.mark.parametrize("name", ["''", "' '"])
def test_a_name_is_not_empty(tmp_path: Path, name: str) -> None:
    files = {"questionnaire.yaml": HEAD, "main.yaml": ask(ANY_QUESTION), "north.yaml": f"institution: north\nname: «{name}"}
    assert write(tmp_path, files).find("wrong-value")


def test_a_language_twice_counts_once(tmp_path: Path) -> None:
    written = write_institution(tmp_path, "languages: [en, «en]")
    assert written.find("listed-twice")
    assert written.questionnaire.institutions["north"].languages == ("en",)


def test_an_institution_has_the_codes_of_rio_in_its_file(tmp_path: Path) -> None:
    questionnaire = write_institution(tmp_path, "rio_codes: [27DV, 31EW00, 110A133]\n").questionnaire
    assert questionnaire.institutions["north"].rio_codes == ("27DV", "31EW00", "110A133")


@pytest.mark.parametrize("written", ["27dv", "27D", "'3100'", "27DV0", "north"])
def test_a_code_of_another_shape_is_no_code_of_rio(tmp_path: Path, written: str) -> None:
    assert "such as 27DV" in write_institution(tmp_path, f"rio_codes: [«{written}]").find("wrong-value").remedy


@pytest.mark.parametrize(
    ("south", "code"),
    [
        ("institution: south\nname: South\nrio_codes: [31EW, «27DV]", "rio-code-twice"),
        ("institution: «27dv\nname: South\n", "rio-code-twice"),
        ("institution: south\nname: South\nrio_codes: [31EW, «31EW]", "listed-twice"),
    ],
)
def test_a_code_of_rio_belongs_to_one_institution(tmp_path: Path, south: str, code: str) -> None:
    north = "institution: north\nname: North\nrio_codes: [27DV]"
    files = {"questionnaire.yaml": HEAD, "main.yaml": ask(ANY_QUESTION), "a.yaml": north, "b.yaml": south}
    written = write(tmp_path, files)
    assert [each for each in written.codes if each in ("rio-code-twice", "listed-twice")] == [code]
    written.find(code)


@pytest.mark.parametrize("zone", ["Holland", "GMT+1", "Bonaire"])
def test_a_time_zone_that_is_no_city_gets_no_zone_of_another_place(tmp_path: Path, zone: str) -> None:
    assert write_institution(tmp_path, f"timezone: «{zone}").find("unknown-name").facts["meant"] == ""
