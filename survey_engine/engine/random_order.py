"""Random order of pages, questions, options and statements. A response keeps its order in every language and version."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

from survey_engine.model.questionnaire import Code, Item, Page, Question, ResponseOption, Section

Part = TypeVar("Part", Item, ResponseOption, Item | ResponseOption)


def arrange(seed: int, name: str, codes: Sequence[Code], fixed: Sequence[bool]) -> list[int]:
    """Return the positions of codes in the order of one response.

    Codes are sorted by a hash, so the others keep their order if a code is added or not offered.

    Args:
        seed: a random number of the response, such as its id.
        name: code of the question, page or section.
        codes: codes in the order of the definition.
        fixed: whether each of them keeps its position.

    >>> sorted(arrange(1, "q", ["a", "b", "c"], [False, False, True]))[-1], arrange(1, "q", ["a", "b", "c"], [False, False, True])[-1]
    (2, 2)
    """
    moving = [index for index, stays in enumerate(fixed) if not stays]
    shuffled = iter(sorted(moving, key=lambda index: blake2b(f"{seed}/{name}/{codes[index]}".encode(), digest_size=8).digest()))
    return [index if stays else next(shuffled) for index, stays in enumerate(fixed)]


def keeps_place(part: Item | ResponseOption) -> bool:
    """Whether a statement or option keeps its place in a random order."""
    return part.fixed or (isinstance(part, ResponseOption) and (part.namely or part.exclusive or part.outside_scale))


def arrange_parts(question: Question, parts: Sequence[Part], seed: int | None) -> Sequence[Part]:
    """Return statements or options of a question in the order of one response; in the order of the definition if `seed` is None."""
    if seed is None or not question.random_order:
        return parts
    order = arrange(seed, question.code, [part.code for part in parts], [keeps_place(part) for part in parts])
    return [parts[index] for index in order]


def arrange_pages(section: Section, pages: Sequence[Page], seed: int) -> list[int]:
    """Return the positions of a section's pages in the random order of one response."""
    return arrange(seed, section.code, [page.code for page in pages], [page.fixed for page in pages])


def list_order(question: Question, seed: int, institution: str) -> list[Code]:
    """Return the codes of a question in the random order of one response at an institution. Conditions are ignored."""
    parts: Sequence[Item | ResponseOption] = [item for item in question.items if item.text] or question.options
    return [part.code for part in arrange_parts(question, [part for part in parts if part.is_at(institution)], seed)]
