"""Texts and signatures of invitations in a file: the sender's name, and texts that the person's language lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from survey_engine.fieldwork.rosters.findings import RosterFindings
from survey_engine.fieldwork.rosters.roster_format import RosterDefinition

SENDER, _NAMELESS = "sender", "NSE"
"""Label of the column with the sender's name; the value of it for invitations without the name of an institution."""


class MailTextChecks:
    """Labels of columns end with a language: text_nl, name_nl, function_nl."""

    def __init__(self, definition: RosterDefinition, index: Mapping[str, int]) -> None:
        """Args: index: column → position among the values."""
        texts = {definition.columns[name].label or "": name for name in definition.iter_kind("mail_text") if name in index}
        self._sender = (texts[SENDER], index[texts[SENDER]]) if SENDER in texts else None
        self._language = next((index[name] for name in definition.iter_kind("language") if name in index), None)
        self._groups: dict[str, dict[str, int]] = {}
        for label, name in texts.items():
            kind, _, language = label.rpartition("_")
            if kind:
                self._groups.setdefault(kind, {})[language] = index[name]
        self._names = {index[name]: name for name in texts.values()}
        self._senders: Counter[str] = Counter()

    def add(self, number: int, values: Sequence[str], findings: RosterFindings) -> None:
        if self._sender:
            name, at = self._sender
            value = values[at]
            self._senders["own" if value and value != _NAMELESS else value] += 1
            if value != _NAMELESS and value.strip(" .").casefold() == _NAMELESS.casefold():
                text = f"'{value}' is read as the name of the sender. Write exactly {_NAMELESS} for invitations without a name."
                findings.add(number, "spelling", name, value, text)
        if self._language is None:
            return
        for places in self._groups.values():
            wanted = places.get(values[self._language])
            if wanted is not None and not values[wanted] and any(values[at] for at in places.values()):
                text = "there is a text in another language, but none in the language of the person."
                findings.add(number, "text_language", self._names[wanted], "", text)

    def finish(self, findings: RosterFindings) -> None:
        if self._sender and self._senders:
            rio, own, none = self._senders[""], self._senders["own"], self._senders[_NAMELESS]
            text = f"{rio} rows have the name of the institution in RIO, {own} a name of their own, {none} no name."
            findings.add(0, "sender", self._sender[0], "", text)
