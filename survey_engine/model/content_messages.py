"""Messages about languages, texts, trends, data and the rules of the instrument."""

from __future__ import annotations

from survey_engine.model.message import Message, error, hint, warning

CONTENT_MESSAGES: dict[str, Message] = {
    # languages and texts
    "based-on-itself": error(
        "the variant '{code}' is based on itself", "Name the variant that it simplifies, or remove `based_on`."
    ),
    "unknown-locale": error("'{locale}' is not a locale that Babel knows", "Give the language a `locale:` such as {example}."),
    "missing-wording": error("'{code}' has no wording in {language}", "Write it in {catalogue}."),
    "stale-wording": error(
        "the wording of '{code}' in {language} translates an older text",
        "Compare it with {source}, correct it and update the msgid; if it is right: `survey-engine translations unchanged {code}`.",
    ),
    "wordings-missing": error(
        "'{language}' has no wording for {count} texts: {texts}",
        "Translate them in the catalogue that `{command}` fills; `draft: true` hides it until then, and lets others be published.",
    ),
    "wordings-stale": error(
        "{count} wordings in '{language}' translate older texts: {texts}",
        "Mark them with `{command}`, then correct them; `draft: true` hides it until then, and lets others be published.",
    ),
    "variant-withheld": warning(
        "respondents cannot choose the draft '{language}' until {count} texts have a current wording: {texts}",
        "Translate them in the catalogue that `{command}` fills.",
    ),
    "unknown-wording": warning(
        "the catalogue translates '{code}', but no text has this code{meant}",
        "Run `{command}`: it offers the translation to a text with a new code, and sets the entry aside.",
    ),
    "placeholders-differ": error(
        "'{code}' in {language} has the placeholders {found}, its source has {expected}",
        "Keep the placeholders as they are.{case}",
    ),
    "lone-percent": error("'{code}' in {language} has a single per cent sign", "Write %% for a per cent sign."),
    "plural-forms": error(
        "'{code}' in {language} has {found} of {expected} plural forms",
        "Fill in all forms: msgstr[0], msgstr[1] and so on, as many as nplurals in the head of the catalogue.",
    ),
    "markup-differs": warning(
        "'{code}' in {language} has {found}, its source has {expected}", "Give the translation the same emphasis and links."
    ),
    "foreign-markup": warning("'{code}' in {language} contains {what}, which the page shows literally: “{found}”", "{advice}."),
    "foreign-placeholder": warning(
        "'{code}' in {language} has a brace or placeholder that the page shows literally: “{found}”",
        "Write a placeholder as {{institution}}: one brace on each side, without spaces.",
    ),
    "invisible-character": warning(
        "'{code}' in {language} has an invisible character in “{found}”",
        "Type these words again; copied text often has such characters.",
    ),
    "garbled-text": warning(
        "'{code}' in {language} has garbled characters: “{found}”", "Type them again, and save the file as UTF-8."
    ),
    "unfinished-text": warning("'{code}' in {language} is unfinished: “{found}”", "Finish the text."),
    "open-bracket": warning(
        "'{code}' in {language} has a bracket or quotation mark without its counterpart: “{found}”", "Add it, or remove both."
    ),
    "punctuation": warning(
        "'{code}' in {language} has a doubled or misplaced punctuation mark, or a missing or extra space: “{found}”",
        "Correct it.",
    ),
    "written-number": warning(
        "'{code}' in {language} names a question by number: “{found}”",
        "Remove it: pages show no question numbers, and `when` skips questions.",
    ),
    "doubled-words": warning("'{code}' in {language} has words twice: “{found}”", "Keep one of them."),
    "other-language": warning(
        "'{code}' in {language} seems to be in another language ({other}): “{found}”", "Write it in the language of this variant."
    ),
    "shown-unasked": hint(
        "'{code}' shows the answer {{{name}}} to some respondents who were not asked for it",
        "Show the text only to those who were, with `when`.",
    ),
    "bad-link": warning(
        "'{code}' in {language} has an invalid link: “{found}”",
        "Write [words](https://…), [words](mailto:…) or [words](tel:…), without a space or an answer inside the address.",
    ),
    "misleading-link": warning(
        "'{code}' in {language} has a link that shows {shown}, but leads to {address}",
        "Correct one of the two, or write words instead of an address.",
    ),
    "numbers-differ": warning(
        "'{code}' in {language} has the numbers {found}, its source has {expected}",
        "Use the same numbers, or write them out in both.",
    ),
    "words-differ": warning(
        "'{code}' in {language} says “{found}”, its source says “{expected}”",
        "Use the same number, period, day or address in both.",
    ),
    "other-address": hint(
        "'{code}' in {language} says “{word}”, most other texts say “{other}”", "Address respondents in one way, with “{other}”."
    ),
    "untranslated": hint("'{code}' in {language} is the same as in {same}", "Translate it, or shorten it to a name."),
    "languages-exchanged": warning(
        "'{code}' has the languages of {one} and {other} exchanged",
        "Exchange both wordings, so that each is in its own language.",
    ),
    "other-module": warning(
        "'{code}' in {language} names “{title}”, the title of module '{other}', but its source names the title of its own module",
        "Use the translation of this module.",
    ),
    "label-of-another": warning(
        "the label of {code} in {language} seems to belong to another option: “{label}”",
        "Give each code the same meaning in every language.",
    ),
    "catalogue-language": warning(
        "the head of this catalogue has the language {found}, but its folder is '{locale}'",
        "Correct the head, or move the file to the folder of its language.",
    ),
    "same-translation": hint(
        "'{code}' in {language} has the same wording as '{other}', but their sources differ",
        "Translate each from its own source.",
    ),
    "bad-catalogue": error("this catalogue cannot be read: {detail}", "Open it with Poedit, or check it with `msgfmt --check`."),
    "duplicate-entry": error("'{code}' is in this catalogue twice, also at {other}", "Keep one of them."),
    "interface-untranslated": error(
        "the interface has no texts in {language}: {texts}",
        "Start its catalogue with `{command}`, and translate it.",
    ),
    "interface-incomplete": warning(
        "the interface lacks texts in {language}: {texts}",
        "Add them with `{command}`, and translate them.",
    ),
    # texts of respondents
    "label-number": warning(
        "the label of {code} in {language} has the number {number}: “{label}”",
        "Give the option the code that its label shows, or correct the label.",
    ),
    "label-exchanged": warning(
        "the label of {code} in {language} means the opposite or another degree: “{label}”, its source has “{source}”",
        "Give each code the same meaning in every language.",
    ),
    "outside-as-point": warning(
        "the label of {code} is “{label}”, but its number is a point of the scale",
        "Remove the option, and give the question `{key}: …`: averages then exclude it.",
    ),
    "missing-point": hint(
        "the scale '{name}' has no point {missing} between its other points", "Add it, or number the points without a gap."
    ),
    "ordered-options": warning(
        "the options of '{code}' run up or down, and are in a random order",
        "Remove `random_order`: respondents expect this order.",
    ),
    "above-in-random-order": warning(
        "“{label}” ({code}) refers to the other options, but moves in a random order", "Add `fixed: true` to it."
    ),
    "setting-differs": warning("'{code}' in {language} says “{found}”, but {named}", "Correct the text or {setting}."),
    "same-label": warning("the options {code} and {other} have the same label in {language}", "Give them different labels."),
    "label-opposite": warning("the label of {code} in {language} is “{label}”", "Exchange the labels, or correct the code."),
    "other-kind-label": hint(
        "the label of {code} in {language}, “{label}”, is of another kind than the labels around it",
        "Give all points of a scale labels of one kind.",
    ),
    "range-overlap": hint(
        "the range of {code} {how} that of {other}", "Let each range begin one above the end of the previous range."
    ),
    "range-backwards": warning("the range of {code} runs backwards: “{label}”", "Begin it with its lowest number."),
    "range-unit": warning(
        "the range of {code} is in another unit than those around it: “{label}”",
        "Give all ranges one unit, or correct the numbers.",
    ),
    "order-differs": hint(
        "the labels of the options from {first} run neither up nor down in the order of the {order}",
        "Give the options codes and places in the order of their labels.",
    ),
    "single-option": warning(
        "'{code}' has one possible answer", "Add others (other bounds of a number), or ask it as a statement or `yes_no`."
    ),
    "many-options": hint(
        "'{code}' has {count} options", "Ask in two steps, or as an open question: more than {limit} are hard to overview."
    ),
    "many-statements": hint(
        "'{code}' has {count} statements", "Spread them over several questions: more than {limit} under one scale are tiring."
    ),
    "option-repeated": warning(
        "“{label}” ({code}) means the same as “{first}” ({other})", "Keep one of them: otherwise their answers must be added up."
    ),
    "other-without-text": warning("option {code} has no text field, but its label is “{label}”", "Add `namely: true` to it."),
    "none-with-text": warning("“{label}” ({code}) has a text field", "Remove `namely` from it: there is nothing to write."),
    "one-of-several": warning(
        "'{code}' takes several answers, but allows one",
        "Ask it as a `choice`, or raise `at_most` and remove `exclusive` from options that go together.",
    ),
    "none-with-others": warning("“{label}” ({code}) can be chosen together with other options", "Add `exclusive: true` to it."),
    "bounds-differ": warning(
        "'{code}' in {language} says {found}, but the page has {bounds}", "Correct the text, or ask a `number`."
    ),
    "same-statement": warning("'{code}' has the same wording as '{other}' in {language}", "Give them different wordings."),
    "repeated-question": hint("'{code}' asks the same as '{other}'", "Ask it once; conditions can use the earlier answer."),
    "same-module": warning("module '{code}' has the same texts as '{other}'", "Remove one of them."),
    "opposite-scales": warning(
        "the options of {kind}'{code}' are in the opposite direction to those of {other}",
        "List all scales from negative to positive, or all from positive to negative.",
    ),
    "double-barrelled": hint(
        "'{code}' in {language} may ask two things at once (“{word}”)",
        "Ask one of them, or make two statements.",
    ),
    "negated": hint(
        "'{code}' in {language} contains a negation (“{word}”): disagreeing with it is a double negation",
        "Use a positive wording.",
    ),
    "steering": hint(
        "'{code}' in {language} suggests an answer (“{word}”)",
        "Remove it, or name both ends: how satisfied, agree or disagree.",
    ),
    "said-by-page": hint("'{code}' in {language} says “{word}”, which the page adds itself", "Remove it."),
    "same-title": hint("{count} pages of '{section}' have the same title “{title}”", "Give each page a `title` of its own."),
    "unexplained-word": hint(
        "“{word}” in '{code}' ({language}) is not explained",
        "Explain it at its first use, between brackets or in the next sentence.",
    ),
    "abbreviation": hint(
        "'{code}' ({language}) has the abbreviation “{word}”",
        "Write it out: readers of simple language may not know it.",
    ),
    "figure-of-speech": hint(
        "'{code}' ({language}) has the figurative expression “{word}”",
        "Say it in plain words: readers of simple language read word by word.",
    ),
    "half-sentence": hint(
        "'{code}' ({language}) begins as the second half of a sentence",
        "Make each statement a whole sentence or question: it is read without the stem.",
    ),
    "too-long": hint(
        "'{code}' in {language} has {count} characters, about {lines} lines on a phone",
        "Stay under {limit}, or move a part to `help`.",
    ),
    "long-word": hint(
        "“{word}” in '{code}' ({language}) does not fit on one line of a phone",
        "Use a shorter word, or a hyphen: {limit} characters fit.",
    ),
    "long-sentence": hint(
        "'{code}' in {language} has a sentence of {count} words",
        "Make two of it: at most {limit} words.",
    ),
    "hard-word": hint(
        "“{word}” in '{code}' ({language}) has {count} letters",
        "Look for a word of at most {limit} letters.",
    ),
    "hard-variant": warning(
        "the texts in {language} are hard to read as a whole: LIX {lix}, Flesch–Douma {flesch}",
        "Aim for a LIX of at most {most} and a Flesch–Douma of at least {least}: shorter sentences, shorter words.",
    ),
    "asks-identity": warning(
        "'{code}' in {language} asks who the respondent is: “{found}”",
        "Remove it, or ask for an e-mail address with `panel`, which is stored apart from the answers.",
    ),
    "no-notice": hint("the open question '{code}' has no notice", "Add one of the `notices`, such as not to name people."),
    # trends
    "frozen-gone": error("'{code}' may not change until {until}, but is not in this edition", "{advice}."),
    "frozen-changed": error(
        "this item may not change until {until}, but differs from {before}: {changes}",
        "Give it the wording and scale of {before}.",
    ),
    "frozen-audience": warning(
        "'{code}' may not change until {until}, but some respondents of {before} are not asked it here: {example}",
        "Ask it of the same respondents as before.",
    ),
    "frozen-condition": warning(
        "'{code}' may not change until {until}, but its conditions differ from {before}: {change}",
        "Write them as before, or check that they ask the same respondents.",
    ),
    "frozen-shortened": warning(
        "'{code}' may not change until {until} in {before}, but `frozen_until` has {now} here",
        "Restore the year, unless it is agreed that the item may change.",
    ),
    "background-renamed": warning(
        "the background variable '{code}' has the text of '{old}' in {before}, which is gone",
        "Keep the code '{old}': rosters and data of both editions then have one column.",
    ),
    "frozen-over": hint(
        "`frozen_until` of '{code}' is {until}, before the edition of {edition}", "Name a later year, or remove it."
    ),
    "earlier-year": hint(
        "'{code}' in {language} names {year}, but this is the edition of {edition}",
        "Correct the year if it remains from that edition.",
    ),
    "code-retyped": error(
        "'{code}' was of type {old} in {before} and is of type {new} here",
        "Give it another code: data under one code must be comparable.",
    ),
    "code-reused": warning(
        "'{code}' asked something else in {before}: “{old}”",
        "Give it another code: labels may change, codes keep their meaning.",
    ),
    "option-reused": warning(
        "option {option} of '{code}' meant something else in {before}: {old}",
        "Give another meaning another code: labels may change, codes keep their meaning.",
    ),
    "option-recoded": warning(
        "the code of {old} of '{code}' was {option} in {before}, and is {now} here",
        "Restore it: the answers to one option have one code.",
    ),
    "definition-changed": warning(
        "'{code}' was {was} in {before}, and is {now} here",
        "Restore it, or give it another code: data under one code must be comparable.",
    ),
    "earlier-bound": hint(
        "`{key}` of '{code}' is {value}, as in the edition of {edition}",
        "Change the value for this edition, or ignore this hint if that is meant.",
    ),
    "institution-renamed": hint(
        "'{code}' was called “{old}” in {before}, and is called “{name}” here",
        "If it is another institution, change the code; ignore this hint if it is a new name.",
    ),
    "period-year": hint(
        "respondents can answer in {year} only, and the edition is {edition}",
        "Correct the days or the edition, or ignore this hint.",
    ),
    "far-period": warning(
        "`{key}` is {day}, {days} days from that of the questionnaire, {usual}", "Correct the year, or one of the days."
    ),
    "reverse-changed": warning(
        "'{code}' {had} `reverse` in {before}", "Restore it, or give it another code: scores under one code must be comparable."
    ),
    "term-changed": hint(
        "the term '{code}' was “{old}” ({language}) in {before}, and these items use it: {items}",
        "Restore it, or give these items other codes if they now ask something else.",
    ),
    "partly-reworded": warning(
        "the {language} wording changed since {before}, the {unchanged} wording beside it did not: {texts}",
        "Is it still the same? Compare them, and change the {unchanged} wording too if it is not.",
    ),
    "consent-version": warning(
        "the text of '{code}' in {languages} differs from {before}, but its version is still {version}",
        "Raise the `version` of this consent, also for a corrected typing error: the data store which version somebody agreed to.",
    ),
    # names in the data
    "reserved-name": error("'{name}' is a reserved word of SPSS, which cannot be the name of a column", "Choose another code."),
    "name-too-long": error(
        "the column '{name}' has a name of {count} bytes",
        "SPSS allows {limit}: shorten the code of the question or the option.",
    ),
    "name-clash": error("{owner} and {other} both give a column '{name}'", "Give one of them another code."),
    # rules of the instrument
    "over-budget": warning(
        "it takes {typical} minutes in {language}, but the budget is {budget}",
        "Ask less, or raise the `budget`.",
    ),
    "may-exceed-budget": warning(
        "it takes up to {longest} minutes in {language} for some respondents, but the budget is {budget}",
        "Ask less on the longest path, or raise the `budget`.",
    ),
    "minutes-by-hand": warning(
        "'{code}' in {language} contains a fixed number of minutes: “{found}”",
        "Write {{minutes}} instead of the number: each respondent then reads their own estimate.",
    ),
    "missing-codes": hint(
        "'{code}' can have an answer from -8 to -1, and exports use these numbers for missing answers",
        "All its missing values become -91 to -98 or lower, also during fieldwork; begin at 0 if you can.",
    ),
    "column-renamed": hint(
        "the data already have a column '{code}', which is renamed to '{column}'",
        "Choose another code if the new column name is confusing.",
    ),
    "own-type": error(
        "'{code}' is a {type}, which {institution} may not add",
        "Leave consent and e-mail addresses to the questionnaire itself.",
    ),
    "local-reference": warning(
        "`{condition}` uses '{name}', a local question of '{institution}' without an answer at other institutions",
        "Ask everybody a question instead, or move what depends on it to the local questions of '{institution}'.",
    ),
    "own-scale": hint(
        "'{code}' of {institution} does not use a shared scale",
        "Use one of the questionnaire's scales, so that results can be compared.",
    ),
    "too-many-choices": error("{chooser} chose {chosen}", "{advice}."),
    "chosen-twice": warning(
        "the council and the institution both chose module '{name}', so students get one module fewer",
        "Choose another module here, or remove it.",
    ),
    "module-language": warning(
        "module '{name}' is not shown in {languages}, which {institution} offers, so these students get one module fewer",
        "Choose another module, or show this one in these variants.",
    ),
    "year-differs": warning("{what} has the year {year}, but this is the edition of {edition}", "Correct one of them."),
    "empty-pool": error("no module is left to draw at random", "Choose fewer modules, or add some."),
    "too-many-blocks": error(
        "{count} blocks are asked of one student here, but {limit} are allowed{who}",
        "Remove some, or route them to different students.",
    ),
    "block-too-long": error(
        "this block counts as {count} questions",
        "A block may have at most {limit} ({statements} statements count as one).",
    ),
    "not-in-instrument": error("this questionnaire's order has no {kind}", "Add `{kind}: …` to its order, or remove this."),
    "needs-one": error("'{code}' needs exactly one of {keys}", "Write one of them, and remove any other."),
    "too-few-offered": warning(
        "'{code}' asks for at least {least} answers, but offers {count} to some respondents of '{institution}'",
        "Offer more options, or lower `at_least`: these respondents can only leave the question empty.",
    ),
    "template-name": warning("the institution '{code}' has the name “{name}”", "Write its own name, which respondents read."),
    "other-institution": hint(
        "'{code}' in {language} is asked at '{institution}', but names another institution, “{name}”",
        "Write {{institution}}, or keep the name if that is intended.",
    ),
    "name-markup": warning(
        "the name of institution '{code}' has {found}, which pages show literally", "Write the name as respondents know it."
    ),
    "same-name": warning("the {kind} '{code}' and '{other}' have the same name “{name}”", "Give them different names."),
    "nothing-offered": warning(
        "'{code}' has no {what} at the institution '{institution}', so it is not asked there",
        "Add the list to its file, or give the question a condition on `institution`.",
    ),
    "list-missing": warning(
        "the institution '{institution}' has no list for '{code}', so its students can only choose from {left}",
        "Add the list to its file, or give the question a condition on `institution`.",
    ),
    "no-effect": error("'{key}' has no effect in a {kind}", "Remove it, or ask this as another type of question."),
    "number-of-answers": error(
        "'{code}' asks for {low} to {high} answers and has {options} options", "Let `at_least` and `at_most` fit the options."
    ),
    "nothing-to-order": error(
        "the {parts} of '{code}' have a random order, and fewer than two of them may move",
        "Remove `random_order`, or let other {parts} move: without `fixed`, and not as a follow-up of another.",
    ),
    "fixed-between": error(
        "'{code}' keeps its place between {parts} in a random order",
        "Move it before or after all {parts} that move, or remove `fixed`.",
    ),
    "mark-steps": error(
        "the marks of '{code}' run from {low} to {high}", "Let `from` and `to` bound 2 to {most} marks, such as 0 to 10."
    ),
    "unlabelled-ends": warning(
        "the marks of '{code}' run from {low} to {high}, and one of their ends has no label", "Add `from_label` and `to_label`."
    ),
    "random-scale": error("the points of the scale of '{code}' are in a random order", "Remove `random_order`."),
    "one-namely": error("more than one option of '{code}' has a text field", "Keep one `namely`."),
    "needs-option": error("'{code}' has nothing to choose from", "Give it `{keys}`."),
    "mixed-codes": error(
        "some codes of '{code}' are numbers, others are words",
        "Use one kind, so that they can be compared.",
    ),
    "bad-bounds": error("'{code}' runs from {low} to {high}", "`from` must not be above `to`."),
    "closes-first": error("it closes on {closes}, before it opens on {opens}", "The last day must be the first day or later."),
    "low-contrast": error("{colour} on white has a contrast of {ratio}", "Use a darker colour: text needs 4.5."),
    "bad-colour": error("'{colour}' is not a colour", 'Write it as "#1d4f91".'),
    "bad-logo": error(
        "the logo '{logo}' cannot be used: {detail}", "Put an SVG or PNG of at most 20 kB in the folder of this file."
    ),
    "bad-profile": error("'{value}' is not a value of the background variable {name}", "Its values: {known}."),
}
