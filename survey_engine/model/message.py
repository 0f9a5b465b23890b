"""A message to authors: its severity, error and remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True, slots=True)
class Message:
    severity: Severity
    wrong: str
    remedy: str


def error(wrong: str, remedy: str) -> Message:
    return Message("error", wrong, remedy)


def warning(wrong: str, remedy: str) -> Message:
    return Message("warning", wrong, remedy)


def hint(wrong: str, remedy: str) -> Message:
    return Message("hint", wrong, remedy)
