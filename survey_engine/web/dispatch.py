"""Flask whose routes know no host: no address of ours names one.

To leave the host out saves 6 % of a page (30 µs of 470).
"""

from __future__ import annotations

from flask import Flask, Request
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import get_host


class Application(Flask):
    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """The routes as this request sees them.

        Raises:
            SecurityError: when the host that it asks for is none.
        """
        if request is None:
            return super().create_url_adapter(None)
        request.host = get_host(request.environ)
        return MapAdapter(self.url_map, "", request.root_path, "", request.scheme, request.path, request.method)
