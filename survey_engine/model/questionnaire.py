"""The questionnaire as frozen data: Questionnaire › Section › Page › Question › Item, ResponseOption.

The methods only look up fields. When the definition language gets a new key, add its field here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from survey_engine.model.derived import Derived
from survey_engine.model.rules import BlockRule, ModuleRule, Years
from survey_engine.model.text_direction import is_right_to_left, name_spoken

Code: TypeAlias = str | int
Value: TypeAlias = str | int | list[str]
"""One answer: a code, a whole number, a text, a date, or a list of codes (`multiple`)."""
Values: TypeAlias = Mapping[str, Any]
"""Variable code → value. A missing variable is empty."""

EXPERIMENT = "experiment."
"""Prefix of the variable that holds the arm of an experiment: `experiment.<code>`."""
NAMELY = "__namely"
"""Suffix of the variable with an other text: `transport__namely` belongs to `transport`."""
COMMENT = "__comment"
"""Suffix of the open question with the comment on a closed question."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the author's files; line and column start at 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text with markup and placeholders, in each language variant that shows it."""

    code: str
    wording: Mapping[str, str]
    place: Place
    names: frozenset[str] = frozenset()
    """The names of all placeholders in its wordings."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Language → place of that wording, if it is not at `place`."""

    def place_in(self, language: str) -> Place:
        return self.places.get(language, self.place)


@dataclass(frozen=True, slots=True)
class Condition:
    """A routing condition: its source, its syntax tree, and its compiled test."""

    source: str
    tree: Any
    names: frozenset[str]
    place: Place
    test: Callable[[Values], bool] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ItemMetadata:
    """Documentation of an item for researchers; respondents do not see it."""

    source: str = ""
    purpose: str = ""
    reverse: bool = False
    sensitive: str = ""
    indicators: tuple[str, ...] = ()
    frozen_until: int | None = None
    break_variable: bool = False
    since: int | None = None
    tested: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ResponseOption:
    code: Code
    text: Text
    exclusive: bool = False
    namely: bool = False
    outside_scale: bool = False
    when: Condition | None = None
    institutions: frozenset[str] | None = None
    """The institutions that offer it; None means all."""
    fixed: bool = False
    """Whether it keeps its place in a random order."""

    def is_at(self, institution: str) -> bool:
        return self.institutions is None or institution in self.institutions


@dataclass(frozen=True, slots=True)
class Item:
    """A part that gets one answer: a row of a grid, a part of a consent, or the single item of other questions."""

    code: str
    text: Text | None
    place: Place
    about: ItemMetadata = ItemMetadata()
    when: Condition | None = None
    institutions: frozenset[str] | None = None
    """The institutions that ask it; None means all."""
    required: bool = False
    fixed: bool = False

    def is_at(self, institution: str) -> bool:
        return self.institutions is None or institution in self.institutions


Kind: TypeAlias = Literal["code", "codes", "number", "text", "date"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A column of the data: its type and its domain (codes, bounds); a text or date is answered or empty."""

    code: str
    kind: Kind
    text: Text | None = None
    options: tuple[ResponseOption, ...] = ()
    low: int | None = None
    high: int | None = None
    origin: Literal["background", "answer", "built-in"] = "answer"
    place: Place = Place("")
    at_least: int = 0
    at_most: int = 0
    """Bounds of the number of codes, copied from the question."""

    @property
    def codes(self) -> tuple[Code, ...]:
        return tuple(option.code for option in self.options)


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    type: str
    code: str
    text: Text
    place: Place
    items: tuple[Item, ...] = ()
    options: tuple[ResponseOption, ...] = ()
    when: Condition | None = None
    help: Text | None = None
    notice: Text | None = None
    unit: Text | None = None
    seconds: float = 20
    low: int | None = None
    high: int | None = None
    earliest: str | None = None
    latest: str | None = None
    max_length: int = 0
    version: int = 0
    at_least: int = 0
    """The least number of answers to a `multiple` question that is answered at all."""
    at_most: int = 0
    """The largest number of answers; 0 means no limit."""
    random_order: bool = False
    """Whether each respondent gets the statements, or options if there are no statements, in a different order."""
    on_scale: bool = False
    """Whether its answers are points of a scale: grids, and questions with `scale`."""
    fixed: bool = False
    bank: bool = False
    """Whether it is a reference to a question of the bank."""
    note: str = ""
    comments_on: str = ""
    """The code of the closed question if this is its comment; empty for other questions."""
    written: Mapping[str, Code] = field(init=False, repr=False)
    """Form value of an option → the option's code."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "written", {str(option.code): option.code for option in self.options})

    def iter_conditions(self) -> Iterator[Condition]:
        """Yield the conditions of the question, its statements and its options."""
        things: tuple[Question | Item | ResponseOption, ...] = (self, *self.items, *self.options)
        yield from (thing.when for thing in things if thing.when)

    def iter_texts(self) -> Iterator[Text]:
        """Yield all texts of the question."""
        parts: tuple[Item | ResponseOption, ...] = (*self.items, *self.options)
        texts = (self.text, self.help, self.notice, self.unit, *(part.text for part in parts))
        yield from (text for text in texts if text)


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    code: str
    slug: str
    """The page's part of the URL. It does not reveal the topic, and stays the same in all versions."""
    questions: tuple[Question, ...]
    place: Place
    title: Text | None = None
    when: Condition | None = None
    fixed: bool = False
    random_order: bool = False
    """Whether each respondent gets the questions in a different order."""

    @property
    def seconds(self) -> float:
        return sum(question.seconds for question in self.questions)


@dataclass(frozen=True, slots=True)
class Section:
    """A list of pages: a core section, a module, a theme, or local questions."""

    code: str
    title: Text | None
    pages: tuple[Page, ...]
    place: Place
    when: Condition | None = None
    years: Years | None = None
    languages: frozenset[str] | None = None
    random_order: bool = False
    """Whether each respondent gets the pages in a different order."""

    @property
    def seconds(self) -> float:
        return sum(page.seconds for page in self.pages)

    def iter_questions(self) -> Iterator[Question]:
        for page in self.pages:
            yield from page.questions

    def iter_conditions(self) -> Iterator[Condition]:
        """Yield the conditions of the section and of all its parts, in reading order."""
        if self.when:
            yield self.when
        for page in self.pages:
            if page.when:
                yield page.when
            for question in page.questions:
                yield from question.iter_conditions()


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment: one arm is drawn for each respondent. Conditions use the arm as `experiment.<code>`."""

    code: str
    arms: Mapping[str, int]
    """Arm → its share of the draw."""
    place: Place

    @property
    def variable(self) -> str:
        return f"{EXPERIMENT}{self.code}"


@dataclass(frozen=True, slots=True)
class OrderStep:
    """One step of the order: core sections, modules, blocks, or local questions."""

    code: str
    place: Place
    sections: tuple[Section, ...] = ()
    modules: ModuleRule | None = None
    blocks: BlockRule | None = None
    own_questions: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str
    locale: str
    """The name of the catalogue's folder: a Babel locale, optionally with a modifier (nl@nt2)."""
    html_lang: str
    based_on: str | None = None
    groups: frozenset[str] | None = None
    draft: bool = False

    def shows(self, group: OrderStep) -> bool:
        return self.groups is None or group.code in self.groups

    @property
    def spoken(self) -> str:
        """The language code without region and modifier: nl for nl@nt2."""
        return name_spoken(self.locale)

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """The text direction, as in HTML."""
        return "rtl" if is_right_to_left(self.locale) else "ltr"


@dataclass(frozen=True, slots=True)
class LocalBlock:
    """One time block of an institution: a theme or local questions, for all or some of its students."""

    section: Section
    theme: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Theme:
    """The appearance of an institution: its colour, a lighter colour for dark mode, and its logo as a data URI."""

    colour: str = "#1d4f91"
    dark_colour: str = "#8fb8f0"
    logo: str = ""


@dataclass(frozen=True, slots=True)
class Institution:
    code: str
    name: str
    place: Place
    languages: tuple[str, ...]
    rio_codes: tuple[str, ...] = ()
    """Codes of RIO or BRIN by which rosters may name the institution."""
    theme: Theme = Theme()
    terms: Mapping[str, Text] = field(default_factory=dict)
    embed: tuple[str, ...] = ()
    open_link: Values = field(default_factory=dict)
    """Values of background variables for respondents who use the open link."""
    has_open_link: bool = True
    login: str = ""
    """`name` if respondents log in with birth date and surname; empty if there is no login."""
    demo: tuple[Values, ...] = ()
    council: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    """The modules that the institution chose."""
    blocks: tuple[LocalBlock, ...] = ()
    own_questions: Section | None = None
    opens: date | None = None
    closes: date | None = None
    timezone: str = ""
    """The IANA name of its time zone; if empty, the installation's time zone applies."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Setting → its place: `council`, `council.0`, `institution.1`, `open_link.level`, `demo.0.path`."""

    @property
    def has_start_page(self) -> bool:
        """Whether the institution has a start page, with the open link or a login."""
        return self.has_open_link or bool(self.login)

    @property
    def own_blocks(self) -> tuple[Section, ...]:
        """The time blocks that contain local questions instead of a theme."""
        return tuple(block.section for block in self.blocks if block.theme is None)

    @property
    def own_sections(self) -> tuple[Section, ...]:
        """All sections with local questions: those of time blocks, then those at the end."""
        return (*self.own_blocks, self.own_questions) if self.own_questions else self.own_blocks

    def place_of(self, setting: str) -> Place:
        return self.places.get(setting, self.place)

    def find_zone(self, default: str) -> ZoneInfo:
        """Return its time zone; `default` is the time zone of institutions that define none."""
        return ZoneInfo(self.timezone or default)


@dataclass(frozen=True, eq=False)
class Questionnaire:
    code: str
    title: Text
    source_language: str
    languages: Mapping[str, Language]
    place: Place
    version: str
    """A digest of all its files and catalogues."""
    edition: int | None = None
    introduction: Text | None = None
    contact: Text | None = None
    thanks: Text | None = None
    budget_minutes: float | None = None
    opens: date | None = None
    closes: date | None = None
    background: Mapping[str, Variable] = field(default_factory=dict)
    scales: Mapping[str, tuple[ResponseOption, ...]] = field(default_factory=dict)
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    terms: Mapping[str, Text] = field(default_factory=dict)
    derived: Mapping[str, Derived] = field(default_factory=dict)
    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    order: tuple[OrderStep, ...] = ()
    linked: tuple[tuple[str, ...], ...] = ()
    sections: Mapping[str, Section] = field(default_factory=dict)
    modules: Mapping[str, Section] = field(default_factory=dict)
    rested: frozenset[str] = frozenset()
    """Sections and modules that this edition does not ask; their questions are in the bank."""
    bank: Mapping[str, Question] = field(default_factory=dict)
    institutions: Mapping[str, Institution] = field(default_factory=dict)
    variables: Mapping[str, Variable] = field(default_factory=dict)
    withheld: Mapping[str, Language] = field(default_factory=dict)
    """Incomplete language variants. They are not in `languages`, and respondents cannot choose them."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Setting of the head → its place: `derived.satisfaction`."""

    def place_of(self, setting: str) -> Place:
        return self.places.get(setting, self.place)

    def find_period(self, institution: Institution | None) -> tuple[date | None, date | None]:
        """Return the first and last day on which respondents of the institution can answer; None for an open end."""
        if institution is None:
            return self.opens, self.closes
        return institution.opens or self.opens, institution.closes or self.closes

    def find_shares(self, rule: ModuleRule) -> dict[str, int]:
        """Return the modules of a group in this edition → their shares of the draw. Each module is in one group."""
        named = {code: share for group in self.order if group.modules for code, share in group.modules.shares.items()}
        listed = rule.shares or dict.fromkeys((code for code in self.modules if code not in named), 1)
        return {code: share for code, share in listed.items() if code in self.modules}

    @cached_property
    def placed_pages(self) -> dict[str, tuple[Section, Page]]:
        """Slug → (section, page), for every page that a respondent may see."""
        return {page.slug: (section, page) for section in self.all_sections for page in section.pages}

    @cached_property
    def all_sections(self) -> tuple[Section, ...]:
        """Every section that a respondent may get: core, modules, blocks and local questions, in reading order."""
        found: dict[str, Section] = {}
        for group in self.order:
            sections = list(group.sections)
            if group.modules:
                sections += (self.modules[code] for code in self.find_shares(group.modules))
            if group.blocks:
                sections += self.modules.values()
            for institution in self.institutions.values():
                if group.blocks:
                    sections += institution.own_blocks
                if group.own_questions and institution.own_questions:
                    sections.append(institution.own_questions)
            for section in sections:
                found.setdefault(section.code, section)
        return tuple(found.values())

    @cached_property
    def has_consent(self) -> bool:
        """Whether the questionnaire asks for a consent."""
        return any(question.type == "consent" for section in self.all_sections for question in section.iter_questions())
