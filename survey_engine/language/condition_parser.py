"""The grammar of routing conditions: an author's words into a tree. Nothing in them is ever run as code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from survey_engine.model.conditions import (
    OPERATORS,
    And,
    Answered,
    Compare,
    Constant,
    Count,
    Name,
    Not,
    Operand,
    Or,
    Tree,
    make_condition,
    measure_tree,
)
from survey_engine.model.messages import suggest_name
from survey_engine.model.questionnaire import Condition, Place

MAX_LENGTH = 1000
MAX_PARTS = 300
MAX_DEPTH = 30
_SPELLINGS = [tuple(spelling.split()) for spelling in sorted(OPERATORS, key=len, reverse=True)]
"""The tokens of each operator, signs or words; of two that begin alike the longer one first."""
WORDS = frozenset({"and", "or", "not", "answered", "count"}.union(*(parts for parts in _SPELLINGS if parts[0].isalpha())))
"""Words of the language, which no variable may have for a name."""
_SIGNS = "|".join(re.escape(sign) for sign, *_ in _SPELLINGS if sign not in WORDS)
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<number>-?[0-9]+)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<text>'[^']*'|"[^"]*")
      | (?P<sign>{_SIGNS}|[()\[\],])
      | (?P<strange>\S)
    )""",
    re.VERBOSE,
)
_ADVICE = {
    "=": "two values are compared with `==`, `<=` or `>=`",
    "!": "write `not`, or `!=` to compare",
    "&": "write `and`",
    "|": "write `or`",
    "'": "a quote is opened and never closed",
    '"': "a quote is opened and never closed",
    **dict.fromkeys("‘’“”„`´", "quotes are ' or \" here"),
}
"""A sign that does not belong to the language → what to write instead."""
_MEANT = {"and": "and", "en": "and", "or": "or", "of": "or", "not": "not", "niet": "not", "in": "in", "is": "=="}
"""A word that authors write in capitals, in Dutch or as they speak → the word of the language."""


class ConditionError(Exception):
    """The author's condition cannot be read; the message says why, in the author's words."""


def parse_condition(source: str, place: Place, named: Mapping[str, Condition] | None = None) -> Condition:
    """Read an author's condition; names in `named` stand for other conditions.

    >>> intern = parse_condition("path == 'bol' and level >= 2", Place("a.yaml"))
    >>> sorted(intern.names), intern.test({"path": "bol", "level": 3}), intern.test({"path": "bol"})
    (['level', 'path'], True, False)

    Raises:
        ConditionError: with the reason in the author's words.
    """
    if len(source) > MAX_LENGTH:
        raise ConditionError(f"it is longer than {MAX_LENGTH} characters; give a part of it a name under `conditions`")
    tree = _Parser(source, named or {}).parse()
    parts, depth = measure_tree(tree)
    if parts > MAX_PARTS or depth > MAX_DEPTH:
        raise ConditionError(f"with the conditions that it names it has {parts} parts, {depth} deep; write it shorter")
    return make_condition(source, tree, place)


def list_condition_words(source: str) -> list[str]:
    """The words of a condition as it was written: names, and the words of the language; not what stands in quotes.

    >>> list_words("intern and path == 'bol'")
    ['intern', 'and', 'path']
    """
    return [match["word"] for match in _TOKEN.finditer(source) if match["word"]]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str

    def __str__(self) -> str:
        return f"`{self.text}`" if self.text else "the end"


_END = _Token("end", "")


class _Parser:
    """Reads one condition by descent: or, and, not, comparison."""

    def __init__(self, source: str, named: Mapping[str, Condition]) -> None:
        found = _TOKEN.finditer(source.strip())
        self.tokens = [_Token(str(match.lastgroup), match[str(match.lastgroup)]) for match in found]
        self.position = 0
        self.depth = 0
        self.named = named

    @property
    def next(self) -> _Token:
        return self.tokens[self.position] if self.position < len(self.tokens) else _END

    def take(self) -> _Token:
        token = self.next
        self.position += 1
        if token.kind == "strange":
            advice = _ADVICE.get(token.text, "that sign has no meaning in a condition")
            raise ConditionError(f"{token}{self._whereabouts()}: {advice}")
        return token

    def accept(self, *texts: str) -> bool:
        """Take the next tokens if they are these."""
        ahead = self.tokens[self.position : self.position + len(texts)]
        fits = tuple(token.text for token in ahead) == texts
        self.position += len(texts) if fits else 0
        return fits

    def expect(self, text: str) -> None:
        if not self.accept(text):
            self.fail(f"`{text}`")

    def fail(self, wanted: str) -> NoReturn:
        token = self.take()
        self._translate(token.text)
        raise ConditionError(f"{token} stands where {wanted} should be{self._whereabouts()}")

    def _translate(self, *words: str) -> None:
        """Refuse the first of these that only needs to be written as the language writes it."""
        for word in words:
            if word not in WORDS and word.lower() in _MEANT:
                raise ConditionError(f"instead of `{word}` write `{_MEANT[word.lower()]}`")

    def _whereabouts(self) -> str:
        before = self.tokens[max(0, self.position - 3) : max(0, self.position - 1)]
        return f" after `{' '.join(token.text for token in before)}`" if before else ""

    def parse(self) -> Tree:
        tree = self.some()
        if self.next is not _END:
            self.fail("`and`, `or` or the end")
        return tree

    def some(self) -> Tree:
        parts = [self.every()]
        while self.accept("or"):
            parts.append(self.every())
        return Or(tuple(parts)) if len(parts) > 1 else parts[0]

    def every(self) -> Tree:
        parts = [self.part()]
        while self.accept("and"):
            parts.append(self.part())
        return And(tuple(parts)) if len(parts) > 1 else parts[0]

    def part(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ConditionError(f"it is nested deeper than {MAX_DEPTH}")
        tree: Tree
        if self.accept("not"):
            tree = Not(self.part())
        elif self.accept("("):
            tree = self.some()
            self.expect(")")
        elif self.accept("answered", "("):
            tree = Answered(self.variable())
            self.expect(")")
        else:
            tree = self.comparison()
        self.depth -= 1
        return tree

    def comparison(self) -> Tree:
        left = self.operand()
        operator = self.operator()
        if operator:
            tree = Compare(operator, left, self.operand())
            if self.operator():
                raise ConditionError("two comparisons in a row; join them with `and`")
            return tree
        if not isinstance(left, Name):
            self.fail("`==`, `in` or another comparison")
        if left.code not in self.named:
            if self.next.kind == "word" or self.next.text in ("", ")"):
                self._translate(left.code, self.next.text)
                guess = suggest_name(left.code, self.named)
                raise ConditionError(f"`{left.code}` alone is no condition{guess}; compare it, or write `answered({left.code})`")
            self.fail("`==`, `in` or another comparison")
        named: Tree = self.named[left.code].tree
        return named

    def operator(self) -> str | None:
        return next((" ".join(spelling) for spelling in _SPELLINGS if self.accept(*spelling)), None)

    def operand(self) -> Operand:
        if self.accept("count", "("):
            code = self.variable()
            self.expect(")")
            return Count(code)
        if self.accept("["):
            return Constant(self.values())
        if self.next.kind in ("number", "text"):
            return Constant(self.value())
        return Name(self.variable())

    def values(self) -> tuple[str | int, ...]:
        found: list[str | int] = []
        while not self.accept("]"):
            found.append(self.value())
            if not self.accept(","):
                self.expect("]")
                break
        return tuple(found)

    def value(self) -> str | int:
        token = self.next
        if token.kind not in ("number", "text"):
            self.fail("a number or a code in quotes")
        self.take()
        return int(token.text) if token.kind == "number" else token.text[1:-1]

    def variable(self) -> str:
        token = self.next
        if token.kind != "word" or token.text in WORDS:
            self.fail("a variable or a value")
        return self.take().text
