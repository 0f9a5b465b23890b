"""Requests and saves as spans for an OpenTelemetry collector. Needs the extra `tracing`; imported only where it is switched on.

A span is named by its route and tells method, status and which store: no address, no answer, nobody's number or device.
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
"""Any other is named _OTHER, as OpenTelemetry's conventions for HTTP want: who sends one may write into it what he likes."""


class Tracing:
    """Makes spans and sends them in the background; a collector that does not answer costs spans, and some seconds at the end."""

    def __init__(self, endpoint: str) -> None:
        """Args: endpoint: the collector's address, without the path."""
        provider = TracerProvider(resource=Resource.create({"service.name": "survey_engine"}), shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
        Finalize(None, provider.shutdown, exitpriority=0)  # a server's workers end without what atexit would call
        self.tracer = provider.get_tracer("survey_engine")

    def follow(self, app: Flask) -> None:
        """Make a span of each request; what a visitor's own headers say of traces is not believed."""
        inner = app.wsgi_app

        def traced(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in METHODS else "_OTHER"
            with self.tracer.start_as_current_span(
                method, kind=SpanKind.SERVER, attributes={"http.request.method": method}, record_exception=False
            ) as span:

                def start(status: str, headers: list[tuple[str, str]], trouble: Any = None, /) -> Any:
                    span.set_attribute("http.response.status_code", int(status[:3]))
                    if status >= "500":
                        span.set_status(StatusCode.ERROR)
                    return start_response(status, headers, trouble)

                return inner(environ, start)

        app.wsgi_app = traced  # type: ignore[method-assign]
        app.before_request(name_span)


def name_span() -> None:
    """Name the request's span by its route, such as `POST /l/<token>`."""
    if request.url_rule:
        span = get_current_span()
        span.update_name(f"{request.method} {request.url_rule}")
        span.set_attribute("http.route", str(request.url_rule))
