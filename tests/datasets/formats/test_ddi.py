"""DDI: valid against the bundled schema, and the same questions, codes and universes as the codebook."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import ddi_l
import pytest

NAMES = {
    "d": "ddi:datacollection:3_3",
    "l": "ddi:logicalproduct:3_3",
    "r": "ddi:reusable:3_3",
    "c": "ddi:conceptualcomponent:3_3",
}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture
def path(filled, tmp_path) -> Path:
    filled.export(tmp_path / "out", formats=["ddi"])
    return tmp_path / "out" / "responses.ddi.xml"


def find(root: ElementTree.Element, kind: str, id: str) -> ElementTree.Element:
    return next(found for found in root.iterfind(f".//{kind}", NAMES) if found.findtext("r:ID", None, NAMES) == id)


def list_labels(element: ElementTree.Element) -> dict[str | None, str | None]:
    return {content.get(LANG): content.text for content in element.iterfind("r:Label/r:Content", NAMES)}


def test_the_document_is_valid_against_its_schema(path):
    assert ddi_l.open_ddi(path).validate() == []


def test_codes_and_missing_codes_have_labels_in_all_languages(path):
    root = ElementTree.parse(path).getroot()
    labels = {}
    for code in find(root, "l:CodeList", "L-job").iterfind("l:Code", NAMES):
        category = find(root, "l:Category", code.findtext("r:CategoryReference/r:ID", "", NAMES))
        labels[code.findtext("r:Value", "", NAMES)] = list_labels(category), category.get("isMissing")
    assert labels["some"] == ({"en": "Some", "en-x-easy": "Some"}, None)
    assert labels["-1"] == ({"en": "Not asked", "en-x-easy": "Not asked"}, "true")


def test_a_variable_names_its_question_universe_and_bounds(path):
    root = ElementTree.parse(path).getroot()
    hours = find(root, "l:Variable", "V-hours")
    question = find(root, "d:QuestionItem", hours.findtext("r:QuestionReference/r:ID", "", NAMES))
    universe = find(root, "c:Universe", hours.findtext("r:UniverseReference/r:ID", "", NAMES))
    numbers = hours.find("l:VariableRepresentation/r:NumericRepresentation/r:NumberRange", NAMES)

    assert question.findtext(".//d:Text", "", NAMES) == "How many hours?"
    assert list_labels(universe)["nl"] and list_labels(universe)["en"]
    assert universe.findtext("r:Description/r:Content", "", NAMES) == "page hours_page: job == 'some'"
    assert numbers is not None and [numbers.findtext(f"r:{end}", "", NAMES) for end in ("Low", "High")] == ["1", "60"]
    assert "-3: Skipped" in hours.findtext("r:Description/r:Content", "", NAMES)


def test_the_same_responses_give_the_same_bytes(filled, tmp_path, path):
    filled.export(tmp_path / "again", formats=["ddi"])
    assert (tmp_path / "again" / "responses.ddi.xml").read_bytes() == path.read_bytes()


def test_does_not_apply_has_the_text_of_its_author_once(path):
    root = ElementTree.parse(path).getroot()
    found = []
    for code in find(root, "l:CodeList", "L-good").iterfind("l:Code", NAMES):
        category = find(root, "l:Category", code.findtext("r:CategoryReference/r:ID", "", NAMES))
        found.append((code.findtext("r:Value", "", NAMES), list_labels(category)["en"], category.get("isMissing")))
    assert [entry for entry in found if entry[0] == "-8"] == [("-8", "Not for me", "true")]


def test_a_number_has_its_unit_and_those_of_versions_that_differ(export_units, tmp_path):
    _, old, new = export_units("ddi")
    path = tmp_path / "units" / "responses.ddi.xml"
    hours = find(ElementTree.parse(path).getroot(), "l:Variable", "V-hours")
    descriptions = [content.text or "" for content in hours.iterfind("r:Description/r:Content", NAMES)]

    assert hours.findtext("l:VariableRepresentation/r:NumericRepresentation/r:MeasurementUnit", "", NAMES) == "days & <parts>"
    assert [text.partition(";")[0] for text in descriptions] == [
        *("Unit: days & <parts>", "Unit: dys"),
        *(f"Earlier unit: en, version {old}: hours", f"Earlier unit: easy, version {old}: hrs"),
        *(f"Range in version {new}: 1 to 7", f"Range in version {old}: 1 to 60"),
    ]
    assert ddi_l.open_ddi(path).validate() == []
