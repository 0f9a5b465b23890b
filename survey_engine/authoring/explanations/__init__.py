"""Explanations of messages to authors, with an example of each mistake and of its remedy.

The texts are in the YAML files of this folder. A test requires an entry for every message, and runs every example.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from textwrap import fill, indent
from typing import Any

import yaml

from survey_engine.model.message import Message
from survey_engine.model.messages import MESSAGES

_HEADINGS = {
    "files": "Files and YAML",
    "conditions": "Names and conditions",
    "texts": "Languages and wording",
    "instrument": "Trends, data and the rules of the instrument",
}
"""File → heading on the page of all messages, in order."""
_WIDTH = 100
_PAGE_HEAD = """\
# What the messages mean

Written by `survey-engine explain --all -o questionnaires/PROBLEMS.md`; do not edit it by hand.

Every message of `survey-engine check` ends with its code in brackets. An **error** prevents publication, a **warning** is almost
certainly a mistake, and a **hint** is a suggestion. In the examples, a list of questions is the content of a page; lines from
`msgctxt` on are from a catalogue, and lines from `# interface` on are from the catalogue of the interface. Words in braces, such as
`{name}`, are replaced in the message of `check`.
"""


class UnexplainedMessageError(Exception):
    """At least one message has no explanation. The exception's text ends with the remedy."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(f"Without an explanation: {', '.join(codes)}. Add it to a file in survey_engine/authoring/explanations.")


@dataclass(frozen=True, slots=True)
class Explanation:
    code: str
    means: str
    mistake: tuple[str, ...]
    """Excerpts of YAML or of a catalogue that cause the message; empty if no text can show the mistake."""
    remedy: tuple[str, ...]


@cache
def read_explanations() -> dict[str, dict[str, Explanation]]:
    """Return family (file name) → message code → explanation."""
    folder = Path(__file__).parent
    return {family: _read_family(folder / f"{family}.yaml") for family in _HEADINGS}


def _read_family(path: Path) -> dict[str, Explanation]:
    entries: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return {
        code: Explanation(code, entry["means"], _list_pieces(entry["mistake"]), _list_pieces(entry["remedy"]))
        for code, entry in entries.items()
    }


def _list_pieces(written: str | list[str] | None) -> tuple[str, ...]:
    pieces = [written] if isinstance(written, str) else written or []
    return tuple(piece.rstrip("\n") for piece in pieces)


def find_explanation(code: str) -> Explanation | None:
    return next((family[code] for family in read_explanations().values() if code in family), None)


def format_explanation(explanation: Explanation) -> str:
    """Format one explanation as text for a terminal."""
    message = MESSAGES[explanation.code]
    parts = [f"{explanation.code}: {message.severity}", _describe(message), fill(explanation.means, _WIDTH)]
    for heading, pieces in (("For example", explanation.mistake), ("Better", explanation.remedy)):
        if pieces:
            parts += [f"{heading}:", *(indent(piece, "    ") for piece in pieces)]
    return "\n\n".join(parts)


def _describe(message: Message) -> str:
    wrong = _name_facts(message.wrong)
    return f"{wrong[0].upper()}{wrong[1:]}. {_name_facts(message.remedy)}"


def _name_facts(template: str) -> str:
    """Return a message template without its suggestion of the intended name.

    >>> _name_facts("there is no {kind} '{name}'{meant}")
    "there is no {kind} '{name}'"
    """
    parts = Formatter().parse(template)
    return "".join(text + (f"{{{name}}}" if name and name != "meant" else "") for text, name, _, _ in parts)


def format_problems_page() -> str:
    """Format all explanations as one page of Markdown.

    Raises:
        UnexplainedMessageError: if a message has no explanation.
    """
    families = read_explanations()
    if missing := MESSAGES.keys() - {code for explanations in families.values() for code in explanations}:
        raise UnexplainedMessageError(sorted(missing))
    parts = [_PAGE_HEAD]
    for family, explanations in families.items():
        parts.append(f"## {_HEADINGS[family]}\n")
        parts += [_format_entry(explanation) for explanation in explanations.values()]
    return "\n".join(parts)


def _format_entry(explanation: Explanation) -> str:
    message = MESSAGES[explanation.code]
    lines = [f"### {explanation.code}", "", f"*{message.severity}* – {_describe(message)}", "", explanation.means, ""]
    for heading, pieces in (("Mistake", explanation.mistake), ("Remedy", explanation.remedy)):
        if pieces:
            shown = "\n\n".join(pieces)
            language = "po" if all(piece.startswith(("msg", "# interface")) for piece in pieces) else "yaml"
            lines += [f"{heading}:", "", f"```{language}", shown, "```", ""]
    return "\n".join(lines)
