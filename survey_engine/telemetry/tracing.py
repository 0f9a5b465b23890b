"""Sends requests and saves as spans to an OpenTelemetry collector. Needs the extra `tracing`; imported only if tracing is on.

The name of a span is its route; its attributes are method, status and store. It has no address, answer, number or device.
"""

from __future__ import annotations

from collections.abc import Iterable
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
"""Methods that spans name. Others become _OTHER, as in OpenTelemetry's conventions: a client can send any text as the method."""


class Tracing:
    """Creates spans and sends them in the background. If the collector is unreachable, spans are lost and the process ends later."""

    def __init__(self, endpoint: str) -> None:
        """Start the exporter.

        Args: endpoint: the collector's address, without a path.
        """
        provider = TracerProvider(resource=Resource.create({"service.name": "survey_engine"}), shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
        Finalize(None, provider.shutdown, exitpriority=0)  # atexit does not run in workers of a server
        self.tracer = provider.get_tracer("survey_engine")

    def instrument(self, app: Flask) -> None:
        """Create a span for each request. Trace headers of clients are ignored."""
        inner = app.wsgi_app

        def traced(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in METHODS else "_OTHER"
            with self.tracer.start_as_current_span(
                method, kind=SpanKind.SERVER, attributes={"http.request.method": method}, record_exception=False
            ) as span:

                def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
                    span.set_attribute("http.response.status_code", int(status[:3]))
                    if status >= "500":
                        span.set_status(StatusCode.ERROR)
                    return start_response(status, headers, exc_info)

                return inner(environ, start)

        app.wsgi_app = traced  # type: ignore[method-assign]
        app.before_request(name_span)


def name_span() -> None:
    """Name the span of the request by its route, such as `POST /l/<token>`."""
    if request.url_rule:
        span = get_current_span()
        span.update_name(f"{request.method} {request.url_rule}")
        span.set_attribute("http.route", str(request.url_rule))
