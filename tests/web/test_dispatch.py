"""Routing without the host name gives the same views as routing with it."""

from __future__ import annotations

import pytest
from flask import Flask, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from survey_engine.rendering.page_cache import make_address
from tests.web.conftest import House

PAGES = {
    "GET": "answer_pages.show_page",
    "HEAD": "answer_pages.show_page",
    "OPTIONS": "answer_pages.show_page",
    "POST": "answer_pages.save_page",
    "PUT": 405,
}
"""The view of a page by method, or the status of an unsupported method."""


def dispatch(app: Flask, method: str, path: str, kind: type[Flask] | None = None, root: str = "/") -> object:
    """Return the view and its arguments, or the status of an error, as found by this class of Flask."""
    request = app.request_class(EnvironBuilder(path, f"http://anywhere{root}", method=method).get_environ())
    routes = (kind or type(app)).create_url_adapter(app, request)
    assert routes
    try:
        rule, values = routes.match(return_rule=True)
    except HTTPException as refused:
        return refused.code
    return rule.endpoint, dict(values)


@pytest.mark.parametrize("method", PAGES)
def test_every_address_has_the_same_view_as_in_plain_flask(house: House, method: str) -> None:
    pages = [
        make_address(asked, slug) for asked in house.site.participation.registry.list_compiled() for slug in asked.placed_pages
    ]
    strange = ["/", "/nowhere", "/a/short/", f"/{pages[0]}", f"{pages[0]}/", pages[0].upper(), "/a/short/%", "/l/a"]
    found = {path: dispatch(house.app, method, path) for path in (*pages, *strange)}

    assert found == {path: dispatch(house.app, method, path, Flask) for path in found}
    assert {view[0] if isinstance(view, tuple) else view for view in map(found.__getitem__, pages)} == {PAGES[method]}


def test_addresses_are_written_with_the_prefix_and_without_the_host(house: House) -> None:
    for root, prefix in (("/", ""), ("/below/", "/below")):
        with house.app.test_request_context("/a/short", base_url=f"http://anywhere{root}"):
            assert url_for("entry.show_completion", code="short") == f"{prefix}/done/short"
