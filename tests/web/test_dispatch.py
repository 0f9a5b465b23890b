"""How a request finds its view: without the host as with it."""

from __future__ import annotations

import pytest
from flask import Flask, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from survey_engine.rendering.page_cache import write_address
from tests.web.conftest import House

PAGES = {"GET": "respond.show", "HEAD": "respond.show", "OPTIONS": "respond.show", "POST": "respond.submit", "PUT": 405}
"""Method → the view of a page, or the status that refuses."""


def dispatch(app: Flask, method: str, path: str, kind: type[Flask] | None = None, root: str = "/") -> object:
    """The view and what it is called with, or the status that refuses; as `kind` of Flask would find it."""
    request = app.request_class(EnvironBuilder(path, f"http://anywhere{root}", method=method).get_environ())
    routes = (kind or type(app)).create_url_adapter(app, request)
    assert routes
    try:
        rule, values = routes.match(return_rule=True)
    except HTTPException as refused:
        return refused.code
    return rule.endpoint, dict(values)


@pytest.mark.parametrize("method", PAGES)
def test_every_address_leads_to_where_flask_would_lead_it(house: House, method: str) -> None:
    pages = [write_address(asked, slug) for asked in house.site.participation.registry.list_all() for slug in asked.placed_pages]
    strange = ["/", "/nowhere", "/a/short/", f"/{pages[0]}", f"{pages[0]}/", pages[0].upper(), "/a/short/%", "/l/a"]
    found = {path: dispatch(house.app, method, path) for path in (*pages, *strange)}

    assert found == {path: dispatch(house.app, method, path, Flask) for path in found}
    assert {view[0] if isinstance(view, tuple) else view for view in map(found.__getitem__, pages)} == {PAGES[method]}


def test_addresses_are_written_with_the_prefix_and_without_the_host(house: House) -> None:
    for root, prefix in (("/", ""), ("/below/", "/below")):
        with house.app.test_request_context("/a/short", base_url=f"http://anywhere{root}"):
            assert url_for("enter.done", code="short") == f"{prefix}/done/short"
