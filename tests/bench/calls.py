"""One request after another into the application itself, without a network: what a page costs in CPU."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from survey_engine.answering import Save
from survey_engine.links import Ticket
from survey_engine.routing import Respondent, route
from survey_engine.storage.answers import save_page, start_response
from survey_engine.web.site import Site


def post(app: Flask, path: str, body: str) -> tuple[str, bytes]:
    """Status line and body of one form that htmx posts; the reply is compressed, as a browser would have it."""
    content = body.encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "HTTP_HX_REQUEST": "true",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    status: list[str] = []
    reply: Iterable[bytes] = app.wsgi_app(environ, lambda line, headers, trouble=None: status.append(line))  # type: ignore[arg-type]
    return status[0], b"".join(reply)


def prepare(app: Flask, code: str, page: int, background: dict[str, Any] | None = None) -> tuple[str, str]:
    """A respondent who stands on the given page (from 0) with all before it done: the path to post to, and the form."""
    site: Site = app.extensions["survey_engine"]
    questionnaire = site.questionnaires[code]
    institution = next(iter(questionnaire.institutions))
    language = questionnaire.institutions[institution].languages[0]
    number = start_response(
        site.answers,
        questionnaire=code,
        version=questionnaire.version,
        institution=institution,
        language=language,
        background=background or {},
        pseudonym=None,
        abandoned_hours=24,
        assign=lambda counts: [],
    )
    steps = route(questionnaire, Respondent(institution, language, background or {}), {}).steps
    for step in steps[:page]:
        answers = {item.code: 4 for question in step.page.questions for item in question.items}
        save_page(site.answers, number, Save(step.page.code, answers, "bench", 0, 0, True, 600))
    here = steps[page].page
    ticket = site.signatures.write_ticket(Ticket(number, here.slug, 0, "bench"))
    fields = "&".join(f"{item.code}=4" for question in here.questions for item in question.items)
    return f"/answer/{code}/{here.slug}", f"ticket={ticket}&wish=next&prompted=1&{fields}"


def measure_cpu(call: Callable[[int], object], times: int = 300, warm: int = 30) -> float:
    """CPU seconds of this process for one call."""
    for number in range(warm):
        call(number)
    before = time.process_time()
    for number in range(warm, warm + times):
        call(number)
    return (time.process_time() - before) / times
