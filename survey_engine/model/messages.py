"""Messages for authors: code → severity, error and remedy.

To add a message, add it to `MESSAGES`; a house test requires that it is used and tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from survey_engine.model.questionnaire import Place

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True, slots=True)
class Message:
    severity: Severity
    wrong: str
    remedy: str


def _error(wrong: str, remedy: str) -> Message:
    return Message("error", wrong, remedy)


def _warning(wrong: str, remedy: str) -> Message:
    return Message("warning", wrong, remedy)


def _hint(wrong: str, remedy: str) -> Message:
    return Message("hint", wrong, remedy)


MESSAGES: dict[str, Message] = {
    # the text of a file
    "no-questionnaire": _error(
        "there is no file with the key 'questionnaire' here",
        "Begin one file with `questionnaire: <id>`.",
    ),
    "folder-name": _error("the folder is called '{folder}', the questionnaire '{code}'", "Give both the same name."),
    "head-name": _error("the head of the questionnaire is in the file '{name}'", "Rename the file to {head}."),
    "second-questionnaire": _error("another file has the key 'questionnaire' too: {other}", "Keep one of them in this folder."),
    "not-utf8": _error("this file is not UTF-8 text", "Save it as UTF-8."),
    "unread-file": _error(
        "this file {detail}, so it is not read", "Put an ordinary file of at most 5 MB in its place, or remove it."
    ),
    "too-large": _error("this file is larger than {limit}", "Split it over several files."),
    "too-deep": _error("lists and mappings are nested deeper than {limit}", "Flatten them: no definition needs that."),
    "yaml": _error(
        "this is not valid YAML: {detail}",
        "{advice}",
    ),
    "not-a-mapping": _error(
        "this file is not a mapping of keys to values",
        "Begin it with `questionnaire:`, `section:`, `module:`, `bank:` or `institution:`.",
    ),
    "second-document": _error(
        "a second YAML document begins here", "Remove the line `---`, or move that document to another file."
    ),
    "alias": _error(
        "a word that begins with & or * is an anchor or alias in YAML, which is not allowed here",
        "Put such a text in quotes; to use a part twice, give it a name (a scale, a term, a condition).",
    ),
    "tag": _error("a text that begins with ! has a special meaning in YAML", "Put the whole text in quotes."),
    "strange-character": _error("there is a character {character} here, which cannot be shown", "Remove it."),
    "duplicate-key": _error("the key '{key}' is used twice in this mapping", "Rename or remove one of them."),
    "unquoted-word": _error(
        "YAML reads the bare word {word} as a truth value",
        'Put a code or text in quotes: "{word}". A setting is `true` or `false`.',
    ),
    "empty-value": _error(
        "'{key}' has no value",
        "Give it a value, with its parts indented under it, or remove it; in braces a text with a comma needs quotes.",
    ),
    "cut-text": _warning(
        "the text ends before “{rest}”, because ` #` begins a comment",
        "Put the whole text in quotes, or move the comment to a separate line.",
    ),
    # the shape of a definition
    "unknown-key": _error("'{key}' is not a key of {owner}{meant}", "Known keys: {known}."),
    "missing-dash": _error("'{key}' begins another question inside this question", "Put a dash before it: `- {key}: …`."),
    "missing-key": _error("{owner} lacks the key '{key}'", "Add `{key}:`."),
    "wrong-value": _error("{key} cannot be {given}", "It must be {expected}."),
    "unknown-type": _error("this question has no known type{meant}", "Begin it with one of: {known}."),
    "unknown-file": _error("no kind of file begins with '{key}'{meant}", "Begin it with one of: {known}."),
    "bad-code": _error(
        "'{code}' cannot be a code",
        "Use lower-case letters, digits and single _, beginning with a letter, at most {limit} characters.",
    ),
    "bad-option-code": _error(
        "'{code}' cannot be the code of an option",
        "Use lower-case letters, digits and single _, beginning with a letter, at most {limit} characters – or a whole number"
        " without quotes.",
    ),
    "reserved-code": _error("'{code}' has a special meaning in conditions or texts", "Choose another code."),
    "duplicate-code": _error(
        "the code '{code}' is already used at {other}",
        "Give one of them another code: the data are identified by codes.",
    ),
    # references
    "unknown-name": _error("there is no {kind} '{name}'{meant}", "Known: {known}."),
    "unknown-placeholder": _error(
        "the placeholder {{{name}}} is unknown{meant}",
        "Use {{institution}}, a term, or the code of an earlier answer or background variable; in the introduction also {{minutes}}.",
    ),
    "no-answer": _error("'{name}' is of type {type} and has no answer", "{advice}."),
    "only-in-bank": _error(
        "'{name}' is only in the bank, so it is not asked", "Add it to an earlier page with `- bank: {name}`."
    ),
    "unquoted-value": _error("'{value}' is not a variable but a value of '{name}'", "Put it in quotes: '{value}'."),
    "nested-placeholder": _error(
        "the placeholder {{{name}}} is in a text that itself replaces a placeholder", "Write the word out."
    ),
    "forward-reference": _error(
        "'{name}' is asked {asked}, which is not before this condition",
        "Ask '{name}' on an earlier page. For a question or statement, an earlier question of its own page will do.",
    ),
    "twice-in-order": _error("{kind} '{name}' is asked twice", "Remove one of them from the order."),
    "unused-section": _warning("section '{name}' is in no group of the order", "Add it to `order`, or make it a bank."),
    "linked-sections": _error(
        "'{name}' is asked in {edition}, but its linked section '{other}' is not",
        "Give linked sections the same `years`.",
    ),
    # conditions
    "condition-syntax": _error("this condition cannot be read: {detail}", "Write it like `path == 'bol' and level >= 2`."),
    "condition-value": _error("'{value}' is not a value of {name}{meant}", "Its values: {known}."),
    "condition-type": _error("{name} cannot be compared like this: {detail}", "{advice}"),
    "never-true": _error("`{condition}` can never be true", "Compare its values and bounds; perhaps `or` is meant, not `and`."),
    "always-true": _warning("`{condition}` is always true", "Remove the condition, or correct it."),
    "idle-part": _warning("`{part}` is {verdict} true, so it adds nothing to this condition", "Remove that part, or correct it."),
    "nobody-sees": _error(
        "nobody can reach {what}: it needs {way}", "Correct its conditions and those of its page and section, or remove it."
    ),
    "has-name": _hint("`{condition}` is written out here, although it is the named condition '{name}'", "Write `{name}`."),
    "deserves-name": _hint(
        "`{condition}` is written out {count} times",
        "Give it a name under `conditions`, so that it is changed in one place.",
    ),
    "said-already": _hint("`{condition}` is already the condition of the {around} around this", "Remove it here."),
    "unused": _warning("nothing uses the {kind} '{name}'", "Use it, or remove it."),
    "no-institution": _warning(
        "no institution takes part, so nobody can answer this questionnaire",
        "Add a file with `institution: <id>` and `name: …`.",
    ),
    "unused-bank": _hint("no question of the bank '{name}' is asked", "Use one with `bank: <code>`, or ignore this hint."),
    # languages and texts
    "unknown-locale": _error(
        "'{locale}' is not a locale that Babel knows",
        "Give the language a `locale:` such as nl, en or nl@nt2.",
    ),
    "missing-wording": _error("'{code}' has no wording in {language}", "Write it in {catalogue}."),
    "stale-wording": _error(
        "the wording of '{code}' in {language} translates an older text",
        "Compare it with {source}, correct it and update the msgid.",
    ),
    "unknown-wording": _warning(
        "the catalogue translates '{code}', but no text has this code{meant}",
        "Remove the entry, or correct its msgctxt.",
    ),
    "placeholders-differ": _error(
        "'{code}' in {language} has the placeholders {found}, its source has {expected}",
        "Keep the placeholders as they are.",
    ),
    "lone-percent": _error("'{code}' in {language} has a single per cent sign", "Write %% for a per cent sign."),
    "markup-differs": _warning(
        "'{code}' in {language} has {found}, its source has {expected}",
        "Give the translation the same emphasis and links.",
    ),
    "foreign-markup": _warning(
        "'{code}' in {language} contains {what}, which the page shows literally: “{found}”",
        "{advice}.",
    ),
    "bad-link": _warning(
        "'{code}' in {language} has an invalid link: “{found}”",
        "Write [words](https://…), [words](mailto:…) or [words](tel:…), without a space inside the address.",
    ),
    "numbers-differ": _warning(
        "'{code}' in {language} has the numbers {found}, its source has {expected}",
        "Use the same numbers, or write them out in both.",
    ),
    "untranslated": _hint("'{code}' in {language} is the same as its source", "Translate it, or shorten it to a name."),
    "bad-catalogue": _error("this catalogue cannot be read: {detail}", "Open it with Poedit, or check it with `msgfmt --check`."),
    "duplicate-entry": _error("'{code}' is in this catalogue twice, also at {other}", "Keep one of them."),
    "interface-untranslated": _error(
        "the interface has no texts in {language}: {texts}",
        "Start its catalogue with `survey-engine translations update -d interface -l {locale}`, and translate it.",
    ),
    "interface-incomplete": _warning(
        "the interface lacks texts in {language}: {texts}",
        "Add them with `survey-engine translations update -d interface -l {locale}`, and translate them.",
    ),
    # texts of respondents
    "label-number": _warning(
        "the label of {code} in {language} has the number {number}: “{label}”",
        "Give the option the code that its label shows, or correct the label.",
    ),
    "same-label": _warning("the options {code} and {other} have the same label in {language}", "Give them different labels."),
    "opposite-scales": _warning(
        "the options of '{code}' are in the opposite direction to those of {other}",
        "List all scales from negative to positive, or all from positive to negative.",
    ),
    "double-barrelled": _hint(
        "'{code}' in {language} may ask two things at once (“{word}”)",
        "Ask one of them, or make two statements.",
    ),
    "negated": _hint(
        "'{code}' in {language} contains a negation (“{word}”): disagreeing with it is a double negation",
        "Use a positive wording.",
    ),
    "steering": _hint(
        "'{code}' in {language} suggests an answer (“{word}”)",
        "Remove it, or name both ends: how satisfied, agree or disagree.",
    ),
    "said-by-page": _hint("'{code}' in {language} says “{word}”, as the page does itself", "Remove it."),
    "same-title": _hint("{count} pages of '{section}' have the same title “{title}”", "Give each page a `title` of its own."),
    "unexplained-word": _hint(
        "“{word}” in '{code}' ({language}) is not explained",
        "Explain it at its first use, between brackets or in the next sentence.",
    ),
    "too-long": _hint(
        "'{code}' in {language} has {count} characters, about {lines} lines on a phone",
        "Stay under {limit}, or move a part to `help`.",
    ),
    "long-word": _hint(
        "“{word}” in '{code}' ({language}) does not fit on one line of a phone",
        "Use a shorter word, or a hyphen: {limit} characters fit.",
    ),
    "long-sentence": _hint(
        "'{code}' in {language} has a sentence of {count} words",
        "Make two of it: at most {limit} words.",
    ),
    "hard-word": _hint(
        "“{word}” in '{code}' ({language}) has {count} letters",
        "Look for a word of at most {limit} letters.",
    ),
    "hard-variant": _warning(
        "the texts in {language} are hard to read as a whole: LIX {lix}, Flesch–Douma {flesch}",
        "Aim for a LIX of at most {most} and a Flesch–Douma of at least {least}: shorter sentences, shorter words.",
    ),
    "no-notice": _hint("the open question '{code}' has no notice", "Add one of the `notices`, such as not to name people."),
    # trends
    "frozen-gone": _error(
        "'{code}' may not change until {until}, but is not in this edition",
        "Copy it from {before}.",
    ),
    "frozen-changed": _error(
        "'{code}' may not change until {until}, but differs from {before}: {changes}",
        "Give it the wording and scale of {before}.",
    ),
    "code-retyped": _error(
        "'{code}' was of type {old} in {before} and is of type {new} here",
        "Give it another code: data under one code must be comparable.",
    ),
    "code-reused": _warning(
        "'{code}' asked something else in {before}: “{old}”",
        "Give it another code: labels may change, codes keep their meaning.",
    ),
    "option-reused": _warning(
        "option {option} of '{code}' meant something else in {before}: “{old}”",
        "Give it another code: labels may change, codes keep their meaning.",
    ),
    # names in the data
    "reserved-name": _error("'{name}' is a reserved word of SPSS, which cannot be the name of a column", "Choose another code."),
    "name-too-long": _error(
        "the column '{name}' has a name of {count} bytes",
        "SPSS allows {limit}: shorten the code of the question or the option.",
    ),
    "name-clash": _error("{owner} and {other} both give a column '{name}'", "Give one of them another code."),
    # rules of the instrument
    "over-budget": _warning(
        "it takes {typical} minutes in {language}, but the budget is {budget}",
        "Ask less, or raise the `budget`.",
    ),
    "may-exceed-budget": _warning(
        "it takes up to {longest} minutes in {language} for some respondents, but the budget is {budget}",
        "Ask less on the longest path, or raise the `budget`.",
    ),
    "minutes-by-hand": _warning(
        "'{code}' in {language} contains a fixed number of minutes: “{found}”",
        "Write {{minutes}} instead of the number: each respondent then reads their own estimate.",
    ),
    "missing-codes": _hint(
        "'{code}' can have an answer from -8 to -1, and exports use these numbers for missing answers",
        "All its missing values become -91 to -98 or lower, also during fieldwork; begin at 0 if you can.",
    ),
    "column-renamed": _hint(
        "the data already have a column '{code}', which is renamed to '{column}'",
        "Give this another code if that is confusing.",
    ),
    "own-type": _error(
        "'{code}' is a {type}, which {institution} may not add",
        "Leave consent and e-mail addresses to the questionnaire itself.",
    ),
    "own-scale": _hint(
        "'{code}' of {institution} does not use a shared scale",
        "Use one of the questionnaire's scales, so that results can be compared.",
    ),
    "too-many-choices": _error("{chooser} chose {count} modules", "The questionnaire gives it {limit}."),
    "empty-pool": _error("no module is left to draw at random", "Choose fewer modules, or add some."),
    "too-many-blocks": _error(
        "{count} blocks are asked of one student here, but {limit} are allowed{who}",
        "Remove some, or route them to different students.",
    ),
    "block-too-long": _error(
        "this block counts as {count} questions",
        "A block may have at most {limit} ({statements} statements count as one).",
    ),
    "not-in-instrument": _error("this questionnaire's order has no {kind}", "Add `{kind}: …` to its order, or remove this."),
    "needs-one": _error("'{code}' needs exactly one of {keys}", "Keep one of them, and remove the others."),
    "nothing-offered": _warning(
        "'{code}' has no {what} at the institution '{institution}', so it is not asked there",
        "Add the list to its file, or give the question a condition on `institution`.",
    ),
    "no-effect": _error("'{key}' has no effect in a {kind}", "Remove it, or ask this as another type of question."),
    "number-of-answers": _error(
        "'{code}' asks for {low} to {high} answers and has {options} options", "Let `at_least` and `at_most` fit the options."
    ),
    "random-scale": _error("the points of the scale of '{code}' are in a random order", "Remove `random_order`."),
    "one-namely": _error("more than one option of '{code}' has a text field", "Keep one `namely`."),
    "needs-option": _error("'{code}' has nothing to choose from", "Give it `{keys}`."),
    "mixed-codes": _error(
        "some codes of '{code}' are numbers, others are words",
        "Use one kind, so that they can be compared.",
    ),
    "bad-bounds": _error("'{code}' runs from {low} to {high}", "`from` must not be above `to`."),
    "closes-first": _error(
        "it closes on {closes}, before it opens on {opens}", "Make the last day the first day or a later one."
    ),
    "low-contrast": _error("{colour} on white has a contrast of {ratio}", "Use a darker colour: text needs 4.5."),
    "bad-colour": _error("'{colour}' is not a colour", 'Write it as "#1d4f91".'),
    "bad-logo": _error(
        "the logo '{logo}' cannot be used: {detail}", "Put an SVG or PNG of at most 20 kB in the folder of this file."
    ),
    "bad-profile": _error("'{value}' is not a value of the background variable {name}", "Its values: {known}."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """An author's mistake: a message code, its place and its facts."""

    code: str
    place: Place
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        return MESSAGES[self.code].severity

    @property
    def wrong(self) -> str:
        return MESSAGES[self.code].wrong.format_map(self.facts)

    @property
    def remedy(self) -> str:
        return MESSAGES[self.code].remedy.format_map(self.facts)

    def __str__(self) -> str:
        wrong = self.wrong
        return f"{self.place}: {wrong[0].upper()}{wrong[1:]}. {self.remedy} [{self.code}]"


class BrokenQuestionnaireError(Exception):
    """The definition of a questionnaire has errors; `problems` has all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.place))
        super().__init__("\n".join(map(str, self.problems)))


def _is_similar(name: str, other: str) -> bool:
    """Whether two names have a similar length and the same beginning or end; cheaper than the full comparison."""
    ends = name[:1] == other[:1].lower() or name[-2:] == other[-2:].lower()
    return ends and abs(len(name) - len(other)) <= max(2, len(name) // 2)


def suggest_name(name: str, known: Iterable[str]) -> str:
    """Return a suggestion of a similar name; empty if there is none.

    >>> suggest_name("intership", ["internship", "lessons"])
    " (did you mean 'internship'?)"
    >>> suggest_name("zebra", ["internship"])
    ''
    """
    lowered = name.lower()
    names = [other for other in map(str, known) if _is_similar(lowered, other)]
    near = get_close_matches(name, names, n=1, cutoff=0.65) or get_close_matches(lowered, names, n=1, cutoff=0.65)
    return f" (did you mean '{near[0]}'?)" if near else ""


def join_names(names: Iterable[object], limit: int = 12) -> str:
    """Join names in one line, at most `limit` of them.

    >>> join_names(["b", "a"])
    'a, b'
    """
    ordered = sorted(map(str, names))
    more = f" … ({len(ordered)} in all)" if len(ordered) > limit else ""
    return ", ".join(ordered[:limit]) + more if ordered else "none"
