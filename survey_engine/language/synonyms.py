"""Words of other survey tools and the words used here. To add one, add it to a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping

TYPES = {
    **dict.fromkeys(
        ("dropdown", "radio", "radiogroup", "radio_buttons", "select", "select_one", "single_choice", "list"), "choice"
    ),
    **dict.fromkeys(("checkbox", "checkboxes", "select_multiple", "multi", "multiselect", "tagbox"), "multiple"),
    **dict.fromkeys(("matrix", "table", "array", "likert_matrix", "statements"), "grid"),
    **dict.fromkeys(("likert", "likert_scale"), "grid"),
    **dict.fromkeys(("rating", "stars", "nps", "grade"), "mark"),
    **dict.fromkeys(("slider", "integer", "int", "decimal", "numeric", "range"), "number"),
    **dict.fromkeys(("text", "textarea", "string", "essay", "long_text", "short_text", "free_text", "comment"), "open"),
    **dict.fromkeys(("boolean", "bool", "yesno", "yes-no", "switch"), "yes_no"),
    **dict.fromkeys(("note", "html", "content", "display", "info", "statement"), "information"),
    **dict.fromkeys(("email", "contact_details"), "panel"),
    **dict.fromkeys(("acknowledge", "agreement"), "consent"),
}
"""Question type in other tools → question type here."""
KEY_SYNONYMS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("label", "question", "title", "wording", "caption", "name"), ("text",)),
    **dict.fromkeys(("choices", "answers", "values", "responses", "columns", "categories"), ("options",)),
    **dict.fromkeys(("rows", "statements", "subquestions", "questions"), ("items",)),
    **dict.fromkeys(("min", "minimum", "low", "start", "from", "rateMin"), ("from", "at_least")),
    **dict.fromkeys(("max", "maximum", "high", "end", "to", "rateMax"), ("to", "at_most", "max_length")),
    **dict.fromkeys(("hint", "description", "help_text", "instruction", "instructions", "tooltip", "placeholder"), ("help",)),
    **dict.fromkeys(
        ("relevant", "relevance", "if", "condition", "visible_if", "visibleIf", "show_if", "depends_on", "filter", "where"),
        ("when",),
    ),
    **dict.fromkeys(("shuffle", "randomize", "randomise", "random", "choices_order"), ("random_order",)),
    **dict.fromkeys(("max_chars", "maxlength", "maxLength", "max_len", "limit"), ("max_length",)),
    **dict.fromkeys(("other", "specify", "has_other", "hasOther", "showOtherItem"), ("namely", "comment")),
    **dict.fromkeys(("exclusive_option", "none_of_the_above", "has_none"), ("exclusive",)),
    **dict.fromkeys(("reversed", "reverse_scored", "inverted"), ("reverse",)),
    **dict.fromkeys(("na", "not_applicable"), ("does_not_apply",)),
    **dict.fromkeys(("dk", "unknown"), ("dont_know",)),
    **dict.fromkeys(("min_choices", "min_answers"), ("at_least",)),
    **dict.fromkeys(("max_choices", "max_answers"), ("at_most",)),
}
"""Key in other tools → keys here; of these, the first that the definition can have is suggested."""
REQUIRED = frozenset(("required", "mandatory", "obligatory", "compulsory", "is_required", "isRequired", "force_response"))
"""Keys that make an answer compulsory in other tools."""

_ROUTING = "no answer leads to another page", "Write at what is asked of some only: `when: <code> == '…'`"
_VALIDATION = "no answer is tested with a formula", "Use `from` and `to` of a number, or `max_length` of a text"
_DEFAULT = "no answer is filled in before", "Remove it: respondents would leave it as it is"
_RANKING = "no options are put in order", "Ask for the most important one with `choice`, or for a mark for each with `grid`"
_FILE = "respondents send no files", "Ask for a text with `open`"
_LOOP = "no questions are repeated", "Write them out, or ask a `grid` with a statement for each"
_PLACE = "no place is asked on a map", "Ask a `choice` of places, or a text with `open`"
_SUM = "no points are divided", "Ask a `number` for each part; `derived` can compute their sum"
_CALCULATION = "no question is computed", "Write it under `derived` in questionnaire.yaml"
_MEDIA = "pictures, sound and films are neither shown nor sent", "Describe it in a text, or ask for a description with `open`"
_QUOTA = "nobody is refused because enough others answered", "Remove it: the lists of students decide who is invited"
_TIMER = "no answer has a time limit", "Remove it: `seconds` of a question is only the time that it is expected to take"
_VALUE_OF_OPTION = (
    "the value of an option is its code, and no answer is filled in before",
    "Write it as the code, such as `options: {3: Often}`, or remove it",
)
_DECIMALS = "numbers are whole", "Remove it, or ask in a smaller unit, such as cents"
_LAYOUT = "options and statements are laid out by the page, to fit a phone", "Remove it"
NOT_OFFERED_KEYS = {
    **dict.fromkeys(("goto", "go_to", "skip", "skip_to", "skipto", "skip_logic", "jump", "jump_to", "next", "branch"), _ROUTING),
    **dict.fromkeys(("validation", "validators", "regex", "pattern", "constraint"), _VALIDATION),
    **dict.fromkeys(("default", "default_value", "defaultvalue", "initial", "prefill"), _DEFAULT),
    **dict.fromkeys(("image", "images", "picture", "photo", "media", "audio", "video"), _MEDIA),
    **dict.fromkeys(("quota", "quotas"), _QUOTA),
    **dict.fromkeys(("timer", "time_limit", "timeout", "countdown"), _TIMER),
    **dict.fromkeys(("value", "score", "points"), _VALUE_OF_OPTION),
    **dict.fromkeys(("decimals", "decimal_places", "precision", "step"), _DECIMALS),
    **dict.fromkeys(("appearance", "layout", "orientation", "col_count", "colCount"), _LAYOUT),
}
"""Key in other tools → (feature that is not offered here, advice)."""
NOT_OFFERED_TYPES = {
    **dict.fromkeys(("ranking", "rank", "rank_order", "sort", "order"), _RANKING),
    **dict.fromkeys(("file", "upload", "file_upload", "signature", "signaturepad"), _FILE),
    **dict.fromkeys(("image", "picture", "photo", "audio", "video"), _MEDIA),
    **dict.fromkeys(("timer", "countdown"), _TIMER),
    **dict.fromkeys(("quota", "quotas"), _QUOTA),
    **dict.fromkeys(("loop", "repeat", "begin_repeat", "paneldynamic", "roster"), _LOOP),
    **dict.fromkeys(("map", "location", "geopoint", "heatmap"), _PLACE),
    **dict.fromkeys(("constant_sum", "allocation", "maxdiff"), _SUM),
    **dict.fromkeys(("calculate", "calculation", "expression", "formula", "equation"), _CALCULATION),
}
"""Question type in other tools → (feature that is not offered here, advice)."""

_NAME = r"\$?\{?([A-Za-z_]\w*)\}?"
_VALUE = r"('[^']*'|\"[^\"]*\"|-?\w+)"
_VALUES = rf"\[\s*({_VALUE}(?:\s*,\s*{_VALUE})*)\s*\]"
_NOTHING = r"(?:null|undefined|''|\"\")"
_NEVER_RIGHT: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\b([A-Za-z_]\w*)\.NAOK\b", r"\1"),
    (rf"{_NAME}\s*==?=?\s*{_NOTHING}", r"not answered(\1)"),
    (rf"{_NAME}\s*(?:!==?|<>)\s*{_NOTHING}", r"answered(\1)"),
)


def _name_each(connective: str, before: str = "") -> Callable[[re.Match[str]], str]:
    """Return a function that turns a variable and a list of values into a comparison with each value."""

    def replace(found: re.Match[str]) -> str:
        each = [f"{value[0]} in {found[1]}" for value in re.finditer(_VALUE, found[2])]
        return f"{before}({f' {connective} '.join(each)})"

    return replace


_ELSEWHERE: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    *_NEVER_RIGHT,
    (rf"{_NAME}\s+is\s+(?:not\s+(?:empty|null|blank)|answered)\b", r"answered(\1)"),
    (rf"{_NAME}\s+is\s+(?:empty|null|blank|not\s+answered)\b", r"not answered(\1)"),
    (rf"{_NAME}\s+(?:notempty|exists)\b", r"answered(\1)"),
    (rf"{_NAME}\s+empty\b", r"not answered(\1)"),
    (rf"!\s*(?:is_?)?empty\s*\(\s*{_NAME}\s*\)", r"answered(\1)"),
    (rf"\b(?:is_?)?not_?empty\s*\(\s*{_NAME}\s*\)", r"answered(\1)"),
    (rf"\b(?:is_?empty|is_?null|is_?blank|empty)\s*\(\s*{_NAME}\s*\)", r"not answered(\1)"),
    (r"\b(answered|count)\s*\(\s*(['\"])([A-Za-z_]\w*)\2\s*\)", r"\1(\3)"),
    (r"\b(answered|count)\s+(?!(?:and|or|not|in|is|of)\b)(['\"]?)([A-Za-z_]\w*)\2", r"\1(\3)"),
    (rf"\bcount-selected\s*\(\s*{_NAME}\s*\)", r"count(\1)"),
    (rf"\bnot\s*\(\s*selected\s*\(\s*{_NAME}\s*,\s*{_VALUE}\s*\)\s*\)", r"\2 not in \1"),
    (rf"\bnot\s+selected\s*\(\s*{_NAME}\s*,\s*{_VALUE}\s*\)", r"\2 not in \1"),
    (rf"\b(?:selected|contains|includes)\s*\(\s*{_NAME}\s*,\s*{_VALUE}\s*\)", r"\2 in \1"),
    (rf"{_NAME}\s+anyof\s+{_VALUES}", _name_each("or")),
    (rf"{_NAME}\s+(?:allof|contains)\s+{_VALUES}", _name_each("and")),
    (rf"{_NAME}\s+noneof\s+{_VALUES}", _name_each("or", "not ")),
    (rf"{_NAME}\s+(?:does\s+not|doesn't|not)\s*(?:contains?|includes?)\s+{_VALUE}", r"\2 not in \1"),
    (rf"{_NAME}\s+(?:contains?|includes?|has|anyof)\s+{_VALUE}", r"\2 in \1"),
    (rf"{_NAME}\s+(?:is\s+)?between\s+{_VALUE}\s+and\s+{_VALUE}", r"\1 >= \2 and \1 <= \3"),
    (rf"{_NAME}\s+(?:is\s+not\s+equal\s+to|not\s*equals?)\s+{_VALUE}", r"\1 != \2"),
    (rf"{_NAME}\s+(?:equals?|is\s+equal\s+to)\s+{_VALUE}", r"\1 == \2"),
    (rf"{_NAME}\s*<>\s*{_VALUE}", r"\1 != \2"),
    (r"\bin\s*\(([^()]*)\)", r"in [\1]"),
    (r"\$?\{(\w+)\}", r"\1"),
    (r"!==", "!="),
    (r"===", "=="),
    (r"≥|=>", ">="),
    (r"≤|=<", "<="),
    (r"≠", "!="),
    (r"\s*&&\s*", " and "),
    (r"\s*\|\|\s*", " or "),
    (r"!(?=\s*\w)", "not "),
)
"""(Pattern of a condition in other tools, replacement here). An earlier pattern precedes."""
_ALSO = (
    (r"(?<![=<>!])=(?![=<>])", "=="),
    (r"\b(?-i:AND|And)\b", "and"),
    (r"\b(?-i:OR|Or)\b", "or"),
    (r"\b(?-i:NOT|Not)\b", "not"),
)
"""As `_ELSEWHERE`: signs and words that the parser explains itself if nothing else is foreign."""
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def find_condition_synonym(source: str, *, valid: bool = False) -> tuple[str, str] | None:
    """Return (part of a condition in another tool's notation, what to write instead); None if there is none.

    >>> find_condition_synonym("level between 1 and 3")
    ('level between 1 and 3', 'level >= 1 and level <= 3')

    Args: valid: whether the source is a valid condition; if so, only words without a meaning here are searched.
    """
    for pattern, ours in _NEVER_RIGHT if valid else _ELSEWHERE:
        if found := re.search(pattern, source, re.IGNORECASE):
            return found[0], (found.expand(ours) if isinstance(ours, str) else ours(found)).strip()
    return None


def convert_condition(source: str) -> str:
    """Replace everything that another tool writes in another way; quoted values stay as they are.

    >>> convert_condition("${price} = 'high' && selected(${meals}, 'late lunch')")
    "price == 'high' and 'late lunch' in meals"
    """
    quoted: list[str] = []

    def hide(found: re.Match[str]) -> str:
        if re.fullmatch(r"(?!__)\w*", found[0][1:-1]):
            return found[0]
        quoted.append(found[0])
        return f"'__{len(quoted) - 1}'"

    text = _QUOTED.sub(hide, source)
    for pattern, ours in (*_ELSEWHERE, *_ALSO):
        text = re.sub(pattern, ours, text, flags=re.IGNORECASE)
    return re.sub(r"'__(\d+)'", lambda found: quoted[int(found[1])], text).strip()


def find_key_synonym(key: str, known: Container[str]) -> str:
    """Return which of a definition's keys corresponds to another tool's key; empty if none does."""
    return next((ours for ours in list_synonyms(key) if ours in known), "")


def list_synonyms(key: str) -> tuple[str, ...]:
    """Return the keys here for another tool's key, which may name a language as in `label::Deutsch (de)`."""
    return KEY_SYNONYMS.get(key.partition("::")[0], ())


def find_not_offered_key(key: str, value: object) -> tuple[str, str] | None:
    """Return (feature that is not offered here, advice) if a key asks for one; None if it does not."""
    counts_parts = isinstance(value, int) and not {"options", "items"}.isdisjoint(KEY_SYNONYMS.get(key, ()))
    return _LAYOUT if counts_parts else NOT_OFFERED_KEYS.get(key.lower())


def find_not_offered(question: Mapping[object, object]) -> tuple[str, str, str] | None:
    """Return (question type of another tool, feature that is not offered here, advice); None if the question has no such type."""
    words = [str(next(iter(question), "")), *str(question.get("type", "")).split()[:1]]
    return next(((word, *found) for word in words if (found := NOT_OFFERED_TYPES.get(word.lower()))), None)


def find_type_synonym(question: Mapping[object, object], code_pattern: str) -> tuple[str, str] | None:
    """Return (how a question names its type in another tool, the type here); None if no known tool does so."""
    first, value = next(iter(question.items()), ("", ""))
    named = question.get("type")
    if isinstance(named, str) and named.split()[:1] and (ours := TYPES.get(named.split()[0].lower())):
        return f"type: {named}", ours
    is_code = isinstance(value, str) and re.fullmatch(code_pattern, value) is not None
    ours = TYPES.get(str(first).lower()) if is_code or first != "text" else None
    return (str(first), ours) if ours else None
