"""Parser of routing conditions: returns a syntax tree. The source is never executed as code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from survey_engine.language.characters import name_hidden
from survey_engine.language.synonyms import convert_condition, find_condition_synonym
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
from survey_engine.model.derived import Derived
from survey_engine.model.messages import suggest_name
from survey_engine.model.questionnaire import Condition, Place

MAX_LENGTH = 1000
MAX_PARTS = 300
MAX_NESTING = 30
_SPELLINGS = [tuple(spelling.split()) for spelling in sorted(OPERATORS, key=len, reverse=True)]
"""The tokens of each operator; of two operators with the same first token, the longer one precedes."""
KEYWORDS = frozenset({"and", "or", "not", "answered", "count"}.union(*(parts for parts in _SPELLINGS if parts[0].isalpha())))
"""Keywords; no variable may have such a name."""
_SIGNS = "|".join(re.escape(sign) for sign, *_ in _SPELLINGS if sign not in KEYWORDS)
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<date>[0-9]{{1,4}}-[0-9]{{1,2}}-[0-9]{{1,4}}(?![0-9]))
      | (?P<number>-?[0-9]+)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?)
      | (?P<text>'[^']*'|"[^"]*")
      | (?P<sign>{_SIGNS}|[()\[\],])
      | (?P<strange>\S)
    )""",
    re.VERBOSE,
)
_VALUES: dict[str, Callable[[str], str | int]] = {"number": int, "text": lambda quoted: quoted[1:-1], "date": str}
"""Kind of token → function that returns its value. A date becomes a text; if it is compared, the message needs the variable's kind."""
_ADVICE = {
    "=": "two values are compared with `==`, `<=` or `>=`",
    "!": "write `not`, or `!=` to compare",
    "&": "write `and`",
    ".": "numbers are whole, and only `experiment.` has a point behind it",
    "|": "write `or`",
    "'": "this quote is opened but never closed",
    '"': "this quote is opened but never closed",
    **dict.fromkeys("‘’“”„`´", "quotes are ' or \" here"),
}
"""Unsupported character → advice."""
_ANSWERED = re.compile(r"\banswered\((\w+)\)")
_NEEDLESS = frozenset({"if", "when", "where", "als", "wenn"})
"""Words that begin a condition in other tools."""
_CORRECTIONS = {"and": "and", "en": "and", "or": "or", "of": "or", "not": "not", "niet": "not", "in": "in", "is": "=="}
"""Misspelt keyword (in capitals, in Dutch, or in other words) → the keyword to use."""


def list_words(source: str) -> set[str]:
    """Return the words of a condition outside quotes: keywords, variables and named conditions."""
    return {token["word"] for token in _TOKEN.finditer(source) if token["word"]}


def mixes_connectives(source: str) -> bool:
    """Whether a valid condition combines `and` and `or` without brackets."""
    levels: list[set[str]] = [set()]
    for token in _TOKEN.finditer(source):
        if token["sign"] == "(":
            levels.append(set())
        elif token["sign"] == ")":
            levels.pop()
        elif token["word"] in ("and", "or"):
            levels[-1].add(token["word"])
            if len(levels[-1]) > 1:
                return True
    return False


class ConditionError(Exception):
    """An invalid condition; the message explains the error to the author.

    Attributes:
        lone: if the error is a variable without a comparison, its name.
    """

    def __init__(self, detail: str, lone: str = "") -> None:
        super().__init__(detail)
        self.lone = lone


def parse_condition(
    source: str,
    place: Place,
    named: Mapping[str, Condition] | None = None,
    derived: Mapping[str, Derived] | None = None,
) -> Condition:
    """Parse a condition. Names in `named` are replaced by their conditions, names in `derived` by their derived values.

    >>> intern = parse_condition("path == 'bol' and level >= 2", Place("a.yaml"))
    >>> sorted(intern.names), intern.test({"path": "bol", "level": 3}), intern.test({"path": "bol"})
    (['level', 'path'], True, False)

    Raises:
        ConditionError: if the condition is invalid.
    """
    if len(source) > MAX_LENGTH:
        raise ConditionError(f"it is longer than {MAX_LENGTH} characters; give a part of it a name under `conditions`")
    tree = _parse(source, named or {}, derived or {})
    parts, depth = measure_tree(tree)
    if parts > MAX_PARTS or depth > MAX_NESTING:
        raise ConditionError(f"with the conditions that it names it has {parts} parts, {depth} deep; write it shorter")
    return make_condition(source, tree, place)


def _parse(source: str, named: Mapping[str, Condition], derived: Mapping[str, Derived]) -> Tree:
    try:
        tree = _Parser(source, named, derived).parse()
        foreign = find_condition_synonym(source, valid=True)
    except ConditionError:
        foreign = find_condition_synonym(source)
        if foreign is None:
            raise
    if foreign:
        theirs, ours = (source.strip(), whole) if (whole := _convert(source, named, derived)) else foreign
        raise ConditionError(f"instead of `{theirs}` write `{shield_quote(_format_answered(ours, derived))}`") from None
    return tree


def _convert(source: str, named: Mapping[str, Condition], derived: Mapping[str, Derived]) -> str:
    """Translate a condition of another tool; empty if something in it remains unknown."""
    ours = convert_condition(source)
    with_parts = _format_answered(ours, derived)
    try:
        _Parser(with_parts, named, derived).parse()
    except ConditionError:
        return ""
    return ours


def suggest_condition(source: str) -> str:
    """Return a condition of another tool in the notation here, for a line of YAML; empty if it has none, or is not foreign.

    >>> suggest_condition("selected(${meals}, 'lunch')"), suggest_condition("level == 1")
    ("('lunch' in meals)", '')
    """
    ours = convert_condition(source)
    try:
        _Parser(ours, {}, {}).parse()
    except ConditionError as error:
        if not error.lone:  # a name may be that of a named condition
            return ""
    return shield_quote(ours) if ours != source.strip() else ""


def shield_quote(source: str) -> str:
    """Put a condition that begins with a quote in brackets: YAML would read that quote as its own."""
    return f"({source})" if source[:1] in ("'", '"') else source


def _format_answered(source: str, derived: Mapping[str, Derived]) -> str:
    """Replace `answered(value)` by the parts of the derived value: conditions cannot apply `answered` to one.

    >>> _format_answered("not answered(spent)", {"spent": Derived("spent", "sum", ("rent", "food"))})
    'not (answered(rent) or answered(food))'
    """
    return _ANSWERED.sub(lambda found: f"({derived[found[1]].format_answered()})" if found[1] in derived else found[0], source)


def list_condition_words(source: str) -> list[str]:
    """Return the names and keywords of a condition, without quoted values.

    >>> list_condition_words("intern and path == 'bol'")
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
    """Recursive-descent parser of one condition: or, and, not, comparison."""

    def __init__(self, source: str, named: Mapping[str, Condition], derived: Mapping[str, Derived]) -> None:
        found = _TOKEN.finditer(source.strip())
        self.tokens = [_Token(str(match.lastgroup), match[str(match.lastgroup)]) for match in found]
        self.position = 0
        self.depth = 0
        self.named, self.derived = named, derived

    @property
    def next(self) -> _Token:
        return self.tokens[self.position] if self.position < len(self.tokens) else _END

    def take(self) -> _Token:
        token = self.next
        self.position += 1
        if token.kind == "strange":
            hidden = name_hidden(token.text)
            unknown = f"it is a {hidden}; delete it" if hidden else "that character has no meaning in a condition"
            advice = _ADVICE.get(token.text, unknown)
            raise ConditionError(f"{token}{self._describe_position()}: {advice}")
        return token

    def accept(self, *texts: str) -> bool:
        """Consume these tokens if they are next."""
        ahead = self.tokens[self.position : self.position + len(texts)]
        fits = tuple(token.text for token in ahead) == texts
        self.position += len(texts) if fits else 0
        return fits

    def expect(self, text: str) -> None:
        if not self.accept(text):
            self.fail(f"`{text}`")

    def fail(self, expected: str) -> NoReturn:
        token = self.take()
        self._suggest_keyword(token.text)
        raise ConditionError(f"found {token} instead of {expected}{self._describe_position()}")

    def _suggest_keyword(self, *words: str) -> None:
        """Raise an error that suggests the keyword if a word is a known misspelling of it."""
        for word in words:
            if word not in KEYWORDS and word.lower() in _CORRECTIONS:
                raise ConditionError(f"instead of `{word}` write `{_CORRECTIONS[word.lower()]}`")

    def _describe_position(self) -> str:
        before = self.tokens[max(0, self.position - 3) : max(0, self.position - 1)]
        return f" after `{' '.join(token.text for token in before)}`" if before else ""

    def parse(self) -> Tree:
        tree = self.parse_or()
        if self.next is not _END:
            self.fail("`and`, `or` or the end")
        return tree

    def parse_or(self) -> Tree:
        parts = [self.parse_and()]
        while self.accept("or"):
            parts.append(self.parse_and())
        return Or(tuple(parts)) if len(parts) > 1 else parts[0]

    def parse_and(self) -> Tree:
        parts = [self.parse_not()]
        while self.accept("and"):
            parts.append(self.parse_not())
        return And(tuple(parts)) if len(parts) > 1 else parts[0]

    def parse_not(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise ConditionError(f"it is nested deeper than {MAX_NESTING}")
        tree: Tree
        if self.accept("not"):
            tree = Not(self.parse_not())
        elif self.accept("("):
            tree = self.parse_or()
            self.expect(")")
        elif self.accept("answered", "("):
            tree = Answered(self.parse_asked("answered"))
            self.expect(")")
        else:
            tree = self.parse_comparison()
        self.depth -= 1
        return tree

    def parse_comparison(self) -> Tree:
        left = self.parse_operand()
        operator = self.parse_operator()
        if operator:
            right = self.parse_operand()
            for side in (left, right):
                if isinstance(side, Name) and side.code in self.named:
                    raise ConditionError(f"`{side.code}` is a named condition; write `{side.code}` or `not {side.code}`")
            tree = Compare(operator, left, right)
            if self.parse_operator():
                raise ConditionError("two comparisons in a row; join them with `and`")
            return tree
        if isinstance(left, Constant) and isinstance(left.value, str) and self.next.text in ("", ")", "and", "or"):
            raise ConditionError(
                f"`'{left.value}'` alone is no condition; write the whole comparison, as in `level == '{left.value}'`"
            )
        if not isinstance(left, Name):
            self.fail("`==`, `in` or another comparison")
        if left.code not in self.named:
            if self.next.kind == "word" or self.next.text in ("", ")"):
                self._suggest_keyword(left.code, self.next.text)
                raise ConditionError(self._explain_lone(left.code), left.code)
            self.fail("`==`, `in` or another comparison")
        named: Tree = self.named[left.code].tree
        return named

    def _explain_lone(self, code: str) -> str:
        if code.lower() in _NEEDLESS and self.next.kind == "word":
            return f"`{code}` has no meaning here; begin with `{self.next.text}`"
        return f"`{code}` alone is no condition{suggest_name(code, self.named)}; compare it with a value"

    def parse_operator(self) -> str | None:
        return next((" ".join(spelling) for spelling in _SPELLINGS if self.accept(*spelling)), None)

    def parse_operand(self) -> Operand:
        if self.accept("count", "("):
            code = self.parse_asked("count")
            self.expect(")")
            return Count(code)
        if self.accept("["):
            return Constant(self.parse_values())
        if self.next.kind in _VALUES:
            return Constant(self.parse_value())
        code = self.parse_variable()
        return self.derived.get(code) or Name(code)

    def parse_asked(self, function: str) -> str:
        """Parse a variable that is not derived, as the operand of a function."""
        code = self.parse_variable()
        if code in self.derived and function == "answered":
            meant = _format_answered(f"answered({code})", self.derived)
            raise ConditionError(f"`{code}` is a derived value; instead of `answered({code})` write `{meant}`")
        if code in self.derived:
            raise ConditionError(f"`{code}` is a derived value; compare it with a number, such as `{code} >= 1`")
        if code in self.named:
            raise ConditionError(f"`{code}` is a named condition; write `{code}` or `not {code}`")
        return code

    def parse_values(self) -> tuple[str | int, ...]:
        found: list[str | int] = []
        while not self.accept("]"):
            found.append(self.parse_value())
            if not self.accept(","):
                self.expect("]")
                break
        return tuple(found)

    def parse_value(self) -> str | int:
        token = self.next
        if token.kind not in _VALUES:
            self.fail("a number or a code in quotes")
        return _VALUES[token.kind](self.take().text)

    def parse_variable(self) -> str:
        token = self.next
        if token.kind != "word" or token.text in KEYWORDS:
            self.fail("a variable or a value")
        return self.take().text
