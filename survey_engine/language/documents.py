"""The kinds of YAML file, named by their first key: questionnaire, section, module, bank, institution.

To add a kind, add it to `DOCUMENTS`: validation, messages and the JSON Schema use that table.
"""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from survey_engine.language.definition_fields import (
    CodeField,
    ConditionSource,
    Definition,
    FilledText,
    Flag,
    NameField,
    Number,
    OptionCode,
    OptionsField,
    PlainText,
    QuestionDefinition,
    RioCode,
    TextSource,
    WholeNumber,
    expected_error,
    match_pattern,
)
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.yaml_reader import BareWord

_LOCALE_PATTERN = r"[A-Za-z]{2,3}(_[A-Za-z0-9]{2,8})*(@[a-z0-9]{1,8})?"
_TAG_PATTERN = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*"
_LOGO_PATTERN = r"[A-Za-z0-9_-]{1,80}\.(svg|png)"
_PORT_PATTERN = r"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_ADDRESS_PATTERN = rf"https://[a-z0-9-]+(\.[a-z0-9-]+)*(:{_PORT_PATTERN})?"

LocaleName: TypeAlias = Annotated[
    str, match_pattern(_LOCALE_PATTERN, "a locale such as nl, pap or nl@nt2"), WithJsonSchema({"type": "string"})
]
LanguageTag: TypeAlias = Annotated[
    str, match_pattern(_TAG_PATTERN, "a language tag such as nl or pap-BQ"), WithJsonSchema({"type": "string"})
]
LogoName: TypeAlias = Annotated[
    str,
    match_pattern(_LOGO_PATTERN, "the name of an SVG or PNG file beside this one, such as school.svg"),
    WithJsonSchema({"type": "string", "pattern": f"^{_LOGO_PATTERN}$"}),
]
Address: TypeAlias = Annotated[
    str,
    match_pattern(_ADDRESS_PATTERN, "an address such as https://lms.example.org, without a path"),
    WithJsonSchema({"type": "string", "pattern": f"^{_ADDRESS_PATTERN}$"}),
]


class BankReference(Definition):
    """A question copied unchanged from the bank."""

    bank: CodeField
    when: ConditionSource | None = None
    fixed: Flag = Field(False, description="True to keep its place, first or last, on a page with a random order.")


def find_declared_type(data: Any) -> str | None:
    """Return the question type that a mapping or definition declares by one of its keys."""
    if isinstance(data, dict):
        return next((str(key) for key in data if key in QUESTION_TYPES or key == "bank"), None)
    if isinstance(data, BankReference):
        return "bank"
    return next((name for name, type_ in QUESTION_TYPES.items() if isinstance(data, type_.definition)), None)


if TYPE_CHECKING:  # a type checker cannot evaluate unions computed from the table of types
    OwnQuestion: TypeAlias = QuestionDefinition
    AnyQuestion: TypeAlias = QuestionDefinition | BankReference
else:
    _TYPES = [Annotated[type_.definition, Tag(name)] for name, type_ in QUESTION_TYPES.items()]
    OwnQuestion = Annotated[reduce(or_, _TYPES), Discriminator(find_declared_type)]
    AnyQuestion = Annotated[reduce(or_, _TYPES, Annotated[BankReference, Tag("bank")]), Discriminator(find_declared_type)]


class PageDefinition(Definition):
    """One page, with one topic."""

    page: CodeField
    title: TextSource | None = None
    when: ConditionSource | None = None
    fixed: Flag = Field(False, description="True to keep its place, first or last, in a section with a random order.")
    random_order: Flag = Field(False, description="True when each respondent gets the questions in a different order.")
    questions: list[AnyQuestion] = Field(min_length=1, description="The questions on this page.")


class YearsDefinition(Definition):
    """The editions that ask a section."""

    every: WholeNumber = Field(1, ge=1, le=10, description="The interval in years: 2 means every second year.")
    start: WholeNumber = Field(alias="from", ge=1900, le=2200, description="The first edition.")


class SectionBody(Definition):
    title: TextSource | None = None
    when: ConditionSource | None = None
    years: YearsDefinition | None = None
    languages: list[CodeField] | None = Field(None, min_length=1, description="The language variants that show it; default: all.")
    random_order: Flag = Field(False, description="True when each respondent gets the pages in a different order.")
    pages: list[PageDefinition] = Field(min_length=1)


class SectionDefinition(SectionBody):
    """A core section, which every respondent gets."""

    section: CodeField


class ModuleDefinition(SectionBody):
    """A section that council or institution chooses, that is drawn at random, or that is the theme of a block."""

    module: CodeField


class BankDefinition(Definition):
    """Questions that other files can use with `bank: <code>`."""

    bank: CodeField
    title: TextSource | None = None
    questions: list[OwnQuestion] = Field(min_length=1)


class LanguageDefinition(Definition):
    """A language variant."""

    name: FilledText = Field(description="Its name in that language.")
    locale: LocaleName | None = Field(None, description="Its catalogue folder and Babel locale: nl, pap, nl@nt2.")
    html_lang: LanguageTag | None = Field(None, description="Its tag in HTML.")
    based_on: CodeField | None = Field(None, description="The variant that it simplifies.")
    groups: list[CodeField] | None = Field(None, min_length=1, description="The groups of the order that it shows; default: all.")
    draft: Flag = Field(False, description="True until a native speaker has reviewed it.")


class BackgroundDefinition(Definition):
    """A background variable: known from the roster or the link before the respondent starts."""

    text: TextSource
    options: OptionsField | None = None
    low: WholeNumber | None = Field(None, alias="from")
    high: WholeNumber | None = Field(None, alias="to")
    open: Flag = Field(False, description="True for free text, such as the name of a programme.")


class BudgetDefinition(Definition):
    minutes: Number = Field(gt=0, le=240, description="The longest allowed duration, in minutes.")


Share: TypeAlias = Annotated[WholeNumber, Field(ge=1, le=100)]
Day: TypeAlias = Annotated[date, Field(le=date(2999, 12, 31))]
"""A day of fieldwork. Retention periods are added to it, and Python's calendar ends in 9999."""


class ModuleRuleDefinition(Definition):
    """How many modules the council chooses, the institution chooses, and are drawn."""

    shares: dict[CodeField, Share] = Field(
        default_factory=dict,
        alias="from",
        description="The modules of this group, each with its share of the draw; default: the modules that no other group names.",
    )

    council: WholeNumber = Field(0, ge=0, le=20)
    institution: WholeNumber = Field(0, ge=0, le=20)
    random: WholeNumber = Field(0, ge=0, le=1, description="The number drawn at random from the remaining modules.")


class DerivedDefinition(Definition):
    """A number computed from answers, with exactly one of the keys sum, mean, count, years. Empty if no part has an answer."""

    sum: list[CodeField] | None = Field(None, min_length=1, description="Questions or statements with numbers.")
    mean: list[CodeField] | None = Field(None, min_length=1, description="Questions or statements with numbers.")
    count: list[CodeField] | None = Field(
        None, min_length=1, description="Questions or statements, of which the answered ones count."
    )
    years: list[CodeField] | None = Field(
        None, min_length=2, max_length=2, description="The whole years between two dates; `today` is the day of the start."
    )


class ExperimentDefinition(Definition):
    """An experiment: one arm is drawn for each respondent. Conditions use it as in `experiment.layout == 'fold'`."""

    experiment: CodeField
    arms: dict[CodeField, Share] = Field(min_length=1, description="The arms, each with its share of the respondents.")


class BlockRuleDefinition(Definition):
    """Limits of time blocks: each block is a theme or a few local questions."""

    limit: WholeNumber = Field(ge=1, le=40, description="The maximum number of blocks for one student.")
    questions: WholeNumber = Field(3, ge=1, le=40, description="The maximum number of local questions in one block.")
    statements: WholeNumber = Field(3, ge=1, le=40, description="The number of statements that count as one question.")


class GroupDefinition(Definition):
    """One step of the order: exactly one of sections, modules, blocks, own_questions."""

    group: CodeField
    sections: list[CodeField] | None = None
    modules: ModuleRuleDefinition | None = None
    blocks: BlockRuleDefinition | None = None
    own_questions: Flag = False


class QuestionnaireDefinition(Definition):
    """A questionnaire: languages, scales, conditions, and the order of its groups."""

    questionnaire: NameField
    title: TextSource
    edition: WholeNumber | None = Field(None, ge=1900, le=2200)
    source_language: CodeField = Field(description="The language of texts for which its files name no language.")
    languages: dict[CodeField, LanguageDefinition] = Field(min_length=1)
    budget: BudgetDefinition | None = None
    opens: Day | None = Field(None, description="The first day on which respondents can answer it.")
    closes: Day | None = Field(None, description="The last day on which respondents can answer it.")
    introduction: TextSource | None = None
    contact: TextSource | None = None
    thanks: TextSource | None = None
    background: dict[CodeField, BackgroundDefinition] = Field(default_factory=dict)
    scales: dict[CodeField, OptionsField] = Field(default_factory=dict)
    conditions: dict[CodeField, ConditionSource] = Field(default_factory=dict)
    terms: dict[CodeField, TextSource] = Field(default_factory=dict)
    notices: dict[CodeField, TextSource] = Field(default_factory=dict)
    derived: dict[CodeField, DerivedDefinition] = Field(default_factory=dict)
    experiments: list[ExperimentDefinition] = Field(default_factory=list)
    linked: list[list[CodeField]] = Field(default_factory=list)
    order: list[GroupDefinition] = Field(min_length=1)

    @property
    def known_source(self) -> str:
        """The source language. If no variant has that code (reported elsewhere), the first variant."""
        return self.source_language if self.source_language in self.languages else next(iter(self.languages))


class ThemeDefinition(Definition):
    colour: PlainText | None = Field(None, description="A colour that is legible on white, such as #1d4f91.")
    logo: LogoName | None = Field(None, description="An SVG or PNG file in the same folder, at most 20 kB.")


class ChosenModules(Definition):
    council: list[CodeField] = Field(default_factory=list)
    institution: list[CodeField] = Field(default_factory=list)


class BlockDefinition(Definition):
    """One block: a theme, or pages of local questions."""

    theme: CodeField | None = None
    when: ConditionSource | None = None
    pages: list[PageDefinition] | None = None


class OwnQuestionsDefinition(Definition):
    title: TextSource | None = None
    pages: list[PageDefinition] = Field(min_length=1)


def _check_profile_value(value: Any) -> Any:
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise expected_error("a code, a whole number or a text")


ProfileValue: TypeAlias = Annotated[
    int | str, PlainValidator(_check_profile_value), WithJsonSchema({"type": ["integer", "string"]})
]
ProfileField: TypeAlias = dict[CodeField, ProfileValue]


def _allow_false(schema: dict[str, Any]) -> None:
    schema["anyOf"][1] = {"const": False}


def _read_open_link(value: object) -> object:
    """Return None for `false`; reject an empty value."""
    if isinstance(value, BareWord):
        raise expected_error("`false`, or a mapping of background variables to values")
    return None if value is False else "" if value is None else value


def _check_login(value: object) -> str:
    if value == "name":
        return "name"
    raise expected_error("'name', for a login with birth date and surname; or leave it out")


class InstitutionDefinition(Definition):
    """An institution that takes part: its theme, terms, choices and local questions."""

    institution: NameField
    name: FilledText
    rio_codes: list[RioCode] = Field(
        default_factory=list, description="Codes of RIO or BRIN, such as 27DV, by which lists of students name this institution."
    )
    languages: list[CodeField] | None = Field(
        None, min_length=1, description="The language variants that it offers; default: all."
    )
    opens: Day | None = Field(None, description="The first day at this institution; default: the questionnaire's first day.")
    closes: Day | None = Field(None, description="The last day at this institution; default: the questionnaire's last day.")
    timezone: PlainText | None = Field(None, description="The time zone of its days, such as America/Kralendijk.")
    theme: ThemeDefinition | None = None
    terms: dict[CodeField, TextSource] = Field(default_factory=dict)
    lists: dict[CodeField, dict[OptionCode, TextSource]] = Field(default_factory=dict)
    embed: list[Address] = Field(default_factory=list)
    open_link: Annotated[ProfileField | None, BeforeValidator(_read_open_link)] = Field(
        default_factory=dict,
        description="Background of respondents who use the open link; `false`: the institution has none.",
        json_schema_extra=_allow_false,
    )
    login: Annotated[str, PlainValidator(_check_login, json_schema_input_type=Literal["name"])] = Field(
        "", description="`name`: students on the list log in with birth date and surname; default: no login."
    )
    demo: list[ProfileField] = Field(default_factory=list, description="Backgrounds of students in demonstrations and previews.")
    modules: ChosenModules | None = None
    blocks: list[BlockDefinition] = Field(default_factory=list)
    own_questions: OwnQuestionsDefinition | None = None


DOCUMENTS: dict[str, type[Definition]] = {
    "questionnaire": QuestionnaireDefinition,
    "section": SectionDefinition,
    "module": ModuleDefinition,
    "bank": BankDefinition,
    "institution": InstitutionDefinition,
}
"""First key of a file → its definition class."""
