"""Messages about files, the shape of definitions, references and conditions."""

from __future__ import annotations

from survey_engine.model.message import Message, error, hint, warning

DEFINITION_MESSAGES: dict[str, Message] = {
    # the text of a file
    "no-questionnaire": error(
        "there is no file with the key 'questionnaire' here",
        "Begin one file with `questionnaire: <id>`.",
    ),
    "folder-name": error("the folder is called '{folder}', the questionnaire '{code}'", "Give both the same name."),
    "head-name": error("the head of the questionnaire is in the file '{name}'", "Rename the file to {head}."),
    "second-questionnaire": error(
        "another file has the key 'questionnaire' too: {other}", "Remove one of them, or move it elsewhere."
    ),
    "not-utf8": error("this file is not UTF-8 text", "Save it as UTF-8."),
    "unread-file": error(
        "this file {detail}, so it is not read", "Put an ordinary file of at most 5 MB in its place, or remove it."
    ),
    "other-suffix": warning(
        "this file begins with the key '{kind}', but its name does not end in .yaml, so it is not read",
        "Call it {name} and write it in YAML, or move it out of this folder.",
    ),
    "too-large": error("this file is larger than {limit}", "Split it over several files."),
    "too-deep": error("lists and mappings are nested deeper than {limit}", "Flatten them: no definition needs that."),
    "yaml": error(
        "this is not valid YAML: {detail}",
        "{advice}",
    ),
    "not-a-mapping": error(
        "this file is not a mapping of keys to values",
        "Begin it with `questionnaire:`, `section:`, `module:`, `bank:` or `institution:`.",
    ),
    "second-document": error("a line `---` begins a second YAML document in this file", "{advice}."),
    "alias": error(
        "a word that begins with & or * is an anchor or alias in YAML, which is not allowed here",
        "Put such a text in quotes; to use a part twice, give it a name (a scale, a term, a condition).",
    ),
    "tag": error("a text that begins with ! has a special meaning in YAML", "Put the whole text in quotes."),
    "strange-character": error("there is a character {character} here, which pages cannot show", "Remove it."),
    "hidden-character": error(
        "beside or in '{text}' is a character that is invisible or looks like a space: {character}",
        "Delete it, or type the line again: copied text often contains such characters.",
    ),
    "duplicate-key": error("the key '{key}' is used twice in this mapping", "Rename or remove one of them."),
    "unquoted-word": error(
        "YAML reads the bare word {word} as a truth value",
        'Put a code or text in quotes: "{word}". A setting is `true` or `false`.',
    ),
    "empty-value": error(
        "'{key}' has no value",
        "Give it a value, with its parts indented under it, or remove it; in braces a text with a comma needs quotes.",
    ),
    "cut-text": warning(
        "the text ends before “{rest}”, because ` #` begins a comment",
        "Put the whole text in quotes, or move the comment to a separate line.",
    ),
    # the shape of a definition
    "unknown-key": error("'{key}' is not a key of {owner}{meant}", "Known keys: {known}."),
    "other-word": error("'{word}' is called '{ours}' here", "{advice}."),
    "not-offered": error("'{word}' is not offered here: {lacking}", "{advice}."),
    "required-answer": error(
        "'{key}' is not a key here: no answer is compulsory",
        "Remove it: a page points out unanswered questions once. Only a part of a consent can be `required: true`.",
    ),
    "missing-dash": error("'{key}' begins another {part} inside this {part}", "Put a dash before it: `- {key}: …`."),
    "extra-dash": error(
        "this dash begins another part of the list, but '{key}' belongs to the part above it", "Remove the dash."
    ),
    "nested-page": error(
        "a page begins among the questions of another page", "Indent it less: each `- page:` stands directly under `pages:`."
    ),
    "misplaced-key": error("'{key}' is not a key of {owner}, but of a part of its `{child}`", "{advice}."),
    "key-as-code": warning(
        "'{key}' is {what} of '{code}' here, but it is the name of a key",
        "Indent it less, so that it is a key of the question; or choose another code.",
    ),
    "text-beside-keys": error("the languages {languages} are beside the keys of {owner}, not in its text", "Write `{written}`."),
    "missing-key": error("{owner} lacks the key '{key}'", "Add `{key}:`."),
    "wrong-value": error("{key} cannot be {given}", "It must be {expected}."),
    "unknown-type": error("this question has no known type{meant}", "Begin it with one of: {known}."),
    "unknown-file": error("no kind of file begins with '{key}'{meant}", "Begin it with one of: {known}."),
    "bad-code": error(
        "'{code}' cannot be a code",
        "Use lower-case letters, digits and single _, beginning with a letter, at most {limit} characters.",
    ),
    "bad-option-code": error(
        "'{code}' cannot be the code of an option",
        "Use lower-case letters, digits and single _, beginning with a letter, at most {limit} characters – or a whole number"
        " without quotes and without a leading zero.",
    ),
    "reserved-code": error("'{code}' has a special meaning in conditions or texts", "Choose another code."),
    "duplicate-code": error(
        "the code '{code}' is already used at {other}",
        "Give one of them another code: the data are identified by codes.",
    ),
    "rio-code-twice": error(
        "the code of RIO '{code}' already belongs to the institution at {other}",
        "Keep it only at the institution whose students have this code on rosters: rosters are split by these codes.",
    ),
    # references
    "unknown-name": error("there is no {kind} '{name}'{meant}", "Known: {known}."),
    "unknown-placeholder": error(
        "the placeholder {{{name}}} is unknown{meant}",
        "Use {{institution}}, a term, or the code of an earlier answer or background variable; in the introduction also {{minutes}}.",
    ),
    "early-placeholder": error(
        "the placeholder {{{name}}} needs an answer from {asked}, which is not asked before this text",
        "Ask it on an earlier page, or remove the placeholder.",
    ),
    "no-answer": error("'{name}' is of type {type} and has no answer", "{advice}."),
    "only-in-bank": error("'{name}' is only in the bank, so it is not asked", "Add it to an earlier page with `- bank: {name}`."),
    "unquoted-value": error("'{value}' is not a variable but a value of '{name}'", "Put it in quotes: '{value}'."),
    "nested-placeholder": error(
        "the placeholder {{{name}}} is in a text that itself replaces a placeholder", "Write the word out."
    ),
    "forward-reference": error(
        "'{name}' is asked {asked}, so it has no answer before this condition",
        "Ask '{name}' on an earlier page. The condition of a question or statement may also use an earlier question of its own page.",
    ),
    "random-reference": error(
        "'{name}' is asked on the page '{page}', which is in a random order with this one",
        "Ask '{name}' in an earlier section, or on a page with `fixed: true` at the start of this one.",
    ),
    "twice-in-order": error(
        "{kind} '{name}' is asked twice", "Remove one of them, or give them conditions that exclude each other."
    ),
    "second-own-group": error(
        "the groups '{group}' and '{other}' both ask the local questions",
        "Keep one of them: the local questions are asked once.",
    ),
    "shared-modules": error(
        "the groups '{group}' and '{other}' would have the same modules",
        "List the modules of one of them: `from: {{<module>: 1, …}}`, with the share of each in the draw.",
    ),
    "derived-type": error("the {kind} '{name}' needs {wanted}, and '{part}' has none", "Leave it out, or use another question."),
    "years-backwards": warning(
        "'{name}' counts the years from today to an earlier date, so it is never above 0",
        "Write the earlier date first: `years: [{other}, today]`.",
    ),
    "sum-of-units": warning(
        "the sum '{name}' adds unlike numbers: '{other}' is in {was}, '{part}' in {now}", "Ask both in one unit and period."
    ),
    "mean-of-scales": warning(
        "the {kind} '{name}' mixes scales: '{other}' runs from {bounds}, '{part}' from {found}", "Use questions with one scale."
    ),
    "mean-of-reverse": hint(
        "one of '{other}' and '{part}' has `reverse`, and the mean '{name}' does not reverse answers",
        "Leave one of them out, or ignore this hint if that is intended.",
    ),
    "cluster-of-scales": warning(
        "the indicator '{indicator}' mixes scales: '{other}' runs from {bounds}, '{code}' from {found}",
        "Give items of one indicator one scale: their scores are averaged.",
    ),
    "similar-indicator": warning(
        "'{indicator}' is the indicator of '{code}' alone (did you mean '{similar}'?)",
        "Write it as in the other items. A score needs two items or more.",
    ),
    "reverse-without-order": warning(
        "`reverse` of '{code}' has no effect: its answers have no order",
        "Remove it, or give the options numbers in their order.",
    ),
    "derived-here": error(
        "'{name}' is computed from an answer on this page", "Ask it on an earlier page, or look at the answer itself."
    ),
    "lone-arm": error("experiment '{name}' has one arm, so there is nothing to compare", "Give it two arms or more."),
    "unnamed-arm": hint(
        "no condition names the arm '{arm}' of experiment '{name}', and conditions name all its other arms",
        "Ask something of that arm, or ignore this hint if it is for comparison only.",
    ),
    "drafts-only": error(
        "'{institution}' offers drafts only, and '{language}' has no current wording for {count} texts: {texts}",
        "Add a finished language to its `languages`, or translate them in the catalogue that `{command}` fills.",
    ),
    "equal-arms": warning(
        "no condition distinguishes the arms {arms} of experiment '{name}'",
        "Ask something of each arm but one, or merge the arms.",
    ),
    "listed-twice": warning("'{name}' is twice in this list", "Remove one of them."),
    "unplaced-module": warning(
        "no group of the order can have module '{name}'",
        "Add a group with `modules: {{…}}` or `blocks: {{…}}`, or make it a bank.",
    ),
    "modules-in-stock": hint(
        "no institution chose these modules, and none is drawn: {names}", "Choose them at an institution, or ignore this hint."
    ),
    "unused-section": warning("section '{name}' is in no group of the order", "Add it to `order`, or make it a bank."),
    "linked-sections": error(
        "'{name}' is asked in {edition}, but its linked section '{other}' is not",
        "Give linked sections the same `years`.",
    ),
    "linked-itself": warning("'{name}' is linked with itself", "Name the other section, or remove it from `linked`."),
    "html-language": warning(
        "the language variant '{code}' is in {spoken}, but its `html_lang` is {found}",
        "Write `html_lang: {spoken}`, or leave it out: browsers and screen readers pronounce texts by it.",
    ),
    "no-choice": hint(
        "the list of modules that the {chooser} of '{institution}' chose is empty",
        "Add the modules, or remove the key `{chooser}`.",
    ),
    "demo-halves": warning(
        "demo students {first} and {second} of '{institution}' seem to be one student in two list entries: the second lacks {names}",
        "Remove the dash between them, or complete both.",
    ),
    "open-link-background": warning(
        "the open link of '{institution}' has no {names}, which conditions use",
        "Add it to `open_link`: who comes by this link is not asked what depends on it. Or write `open_link: false`.",
    ),
    # conditions
    "condition-syntax": error("this condition cannot be read: {detail}", "{advice}."),
    "condition-value": error("'{value}' is not a value of {name}{meant}", "Its values: {known}."),
    "condition-type": error("{name} cannot be compared like this: {detail}", "{advice}"),
    "condition-cycle": error(
        "the named condition '{name}' uses itself: {cycle}", "Write out one of them without the names of the others."
    ),
    "never-true": error("`{condition}` can never be true", "{advice}."),
    "always-true": warning("`{condition}` is always true", "Remove the condition, or correct it."),
    "idle-part": warning("`{part}` is {verdict} true, so it adds nothing to this condition", "Remove that part, or correct it."),
    "implied-part": hint("`{part}` never decides `{whole}`", "Remove that part, or correct it: the other parts imply it."),
    "zero-count": hint("`{part}` is a test of an answer", "Write `{meant}`."),
    "second-other": warning(
        "'{code}' asks the same as the text field beside an option of '{about}'",
        "Remove it: `namely` already makes this column, {column}.",
    ),
    "true-if-unasked": hint(
        "`{part}` is also true for respondents who were not asked '{name}'",
        "Add `answered({name}) and`, or ignore this hint if they are intended.",
    ),
    "true-if-answered": warning("`{part}` is true for every answer", "Correct the value, or write `{meant}` if that is meant."),
    "same-meaning": warning(
        "the condition '{name}' means the same as '{other}'", "Correct one of them, or use one of the names for both."
    ),
    "unclear-order": hint(
        "`{condition}` combines `and` and `or`; it means `{meant}`", "Put brackets around what belongs together."
    ),
    "nobody-sees": error(
        "nobody can reach {what}: it needs {way}", "Correct its conditions and those of its page and section, or remove it."
    ),
    "theme-part": warning(
        "no student who gets the theme '{theme}' can reach {what}: it needs {way}",
        "Give the theme to more students, or ignore this warning if they need not be asked.",
    ),
    "never-drawn": warning(
        "nobody draws module '{name}': `{condition}` is never true at the start, before the first answer",
        "Move the condition to the pages of the module, let institutions choose the module, or use background variables.",
    ),
    "consent-of-some": warning(
        "the required consent '{code}' is not asked of some respondents who continue: {who}",
        "Remove its conditions and `languages`, or ask these respondents for another required consent.",
    ),
    "late-consent": hint(
        "the required consent '{code}' comes after '{first}', which is marked as sensitive",
        "Ask the consent first, or ignore this hint if it is about answers that were already given.",
    ),
    "last-consent": hint(
        "the required consent '{code}' comes after all questions: who refuses has answered them in vain",
        "Ask the consent first, or make it optional.",
    ),
    "closing-first": warning(
        "the group '{group}' is the first of `order`, but is named after the end", "Move it to the end, or give it another name."
    ),
    "answers-left-out": error(
        "nobody who answers in {language} is asked section '{section}': it needs {names}, in a group that {language} leaves out",
        "Add that group to the `groups` of {language}, or write `languages:` in the section without {language}.",
    ),
    "has-name": hint("`{condition}` repeats the named condition '{name}'", "Write `{name}`."),
    "deserves-name": hint(
        "`{condition}` occurs {count} times",
        "Give it a name under `conditions`, so that it is changed in one place.",
    ),
    "said-already": hint("the {around} that contains this already has the condition `{condition}`", "Remove it here."),
    "unused": warning("nothing uses the {kind} '{name}'", "Use it, or remove it."),
    "no-institution": warning(
        "no institution takes part, so nobody can answer this questionnaire",
        "Add a file with `institution: <id>` and `name: …`.",
    ),
    "unused-bank": hint("no question of the bank '{name}' is asked", "Use one with `bank: <code>`, or ignore this hint."),
}
