"""Scales of marks: whole numbers between two bounds, with labels at both ends."""

from __future__ import annotations

from pydantic import Field

from survey_engine.language.definition_fields import Definition, TextSource, WholeNumber
from survey_engine.language.question_types.question_type import Builder
from survey_engine.model.questionnaire import ResponseOption

LOWEST, HIGHEST = 1, 10
_MOST_STEPS = 11
"""The largest number of marks: more do not fit in one row on a small phone."""
_BOUND = 10


class MarkScaleDefinition(Definition):
    """The keys of a scale of marks."""

    low: WholeNumber | None = Field(None, alias="from", ge=-_BOUND, le=_BOUND, description="The lowest mark, such as 0.")
    high: WholeNumber | None = Field(None, alias="to", ge=-_BOUND, le=_BOUND, description="The highest mark, such as 10.")
    from_label: TextSource | None = Field(None, description="The meaning of the lowest mark.")
    to_label: TextSource | None = Field(None, description="The meaning of the highest mark.")

    @property
    def has_own_scale(self) -> bool:
        """Whether the definition has one of these keys."""
        return any(value is not None for value in (self.low, self.high, self.from_label, self.to_label))

    @property
    def bounds(self) -> tuple[int, int]:
        return LOWEST if self.low is None else self.low, HIGHEST if self.high is None else self.high


def build_marks(definition: MarkScaleDefinition, code: str, builder: Builder) -> tuple[ResponseOption, ...]:
    """Build an option for each mark. Its label is its number, unless the definition labels it."""
    low, high = definition.bounds
    place = definition.place("from" if definition.low is not None else "to")
    if low >= high or high - low >= _MOST_STEPS:
        builder.report("mark-steps", place, code=code, low=low, high=high, most=_MOST_STEPS)
        return ()
    ends = {low: ("low", "from_label"), high: ("high", "to_label")}
    named = {mark: key for mark, (_, key) in ends.items() if getattr(definition, key)}
    if len(named) < len(ends) and (named or (low, high) != (LOWEST, HIGHEST)):
        builder.report("unlabelled-ends", place, code=code, low=low, high=high)
    options = []
    for mark in range(low, high + 1):
        if mark in named:
            text_code, key = ends[mark]
            text = builder.build_text(f"{code}.{text_code}", getattr(definition, key), definition.place(key))
        else:
            text = builder.repeat_text(str(mark), definition.place())
        options.append(ResponseOption(mark, text))
    return tuple(options)
