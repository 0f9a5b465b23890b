"""The reading speed of responses: words asked on a page per second in which the page was visible. Needs the extra `data`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from survey_engine.datasets.reading import Responses

_UNASKED = ("not_asked", "not_assigned")


def measure_reading_speed(data: Responses) -> np.ndarray:
    """Return words per second of each response, over the pages with known seconds; NaN without such a page.

    The words of asked questions and statements count, in the last language of the response; those of options do not.
    """
    rows = data.frame.height
    words, seconds = np.zeros(rows), np.zeros(rows)
    for page, spent in _map_times(data).items():
        read = np.where(np.isnan(spent), 0, _count_words(data, page))
        words += read
        seconds += np.where(read > 0, spent, 0)
    return np.where(words > 0, words / np.maximum(seconds, 1), np.nan)


def _map_times(data: Responses) -> dict[str, np.ndarray]:
    """Return page → seconds of each response, NaN if they are not known."""
    known = data.paradata.filter(pl.col("seconds").is_not_null())
    return {
        str(page): data.select_respondents()
        .join(part, on="respondent", how="left", maintain_order="left")["seconds"]
        .cast(pl.Float64)
        .fill_null(float("nan"))
        .to_numpy()
        for (page,), part in known.partition_by("page", as_dict=True).items()
    }


def _count_words(data: Responses, page: str) -> np.ndarray:
    """Return the number of words that the page asked each response."""
    found, language = np.unique(data.frame[data.find_fixed("language")].to_numpy(), return_inverse=True)
    languages: list[str] = found.tolist()
    words = np.zeros(data.frame.height)
    asked_by_question: dict[str, np.ndarray] = {}
    for name, variable in data.variables.items():
        if variable.page != page:
            continue
        codes = [str(variable.missing[reason]) for reason in _UNASKED if reason in variable.missing]
        asked = (~data.frame[name].cast(pl.String).is_in(codes)).fill_null(value=False).to_numpy()
        if variable.question not in asked_by_question:
            asked_by_question[variable.question] = np.zeros(len(words), bool)
        if variable.kind != "0/1" and variable.label != variable.question_text:
            words += asked * _count(variable.label, languages)[language]
        asked_by_question[variable.question] |= asked
    stems = {variable.question: variable.question_text for variable in data.variables.values() if variable.page == page}
    for question, asked in asked_by_question.items():
        words += asked * _count(stems[question], languages)[language]
    return words


def _count(text: Mapping[str, str], languages: Sequence[str]) -> np.ndarray:
    """Return the number of words of a text in each language. For a language without a wording, another language counts."""
    other = next(iter(text.values()), "")
    return np.array([len(text.get(language, other).split()) for language in languages])
