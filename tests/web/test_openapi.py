"""The OpenAPI document of the routes is valid, complete and agrees with the rendered forms."""

from __future__ import annotations

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.web.conftest import House
from tests.web.openapi import describe_site


@pytest.fixture
def document(house: House) -> dict:
    return describe_site(house.app)


def test_the_document_is_valid_openapi(document):
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_the_validator_finds_a_place_that_no_parameter_describes(document):
    document["paths"]["/l/{token}"]["parameters"] = []
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] != []


def test_the_document_lists_every_route_and_method_and_no_other(house, document):
    automatic = {"HEAD", "OPTIONS"}
    routes = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method) for rule in house.app.url_map.iter_rules() for method in rule.methods
    }
    described = {
        (path, method.upper()) for path, place in document["paths"].items() for method in place if method != "parameters"
    }

    assert described == {(path, method) for path, method in routes if method not in automatic}


def test_the_document_describes_the_rendered_form(house, document):
    device = house.device()
    device.get("/q/short/demo")
    first = device.post_plainly("/q/short/demo", [("lang", "en")])
    form = document["paths"]["/a/{code}/{slug}"]["post"]["requestBody"]["content"]
    described = form["application/x-www-form-urlencoded"]["schema"]["properties"]
    own = {field.name for field in first.drawn.fields} - {"q.has_job"}

    assert own and own <= set(described)
