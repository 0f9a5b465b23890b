"""The progress of a response along its path: its first page that is not done, and the expected seconds to the end."""

from __future__ import annotations

from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Path, Step
from survey_engine.language.question_types.yes_no import YES
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.model.variables import is_asked


def find_first_open(path: Path, response: Response) -> str | None:
    """Return the slug of the first page that is not done; the last page if all are done, None for an empty path."""
    return path.steps[min(count_done(path, response), len(path.steps) - 1)].page.slug if path.steps else None


def is_reachable(path: Path, position: int, response: Response) -> bool:
    """Whether all pages before this position are done, with their required consents."""
    done = response.overview().done
    return done.issuperset(path.codes[:position]) and _find_unagreed(path, response, position) == position


def count_done(path: Path, response: Response) -> int:
    """Return how many pages are done before the first that is not; a page without one of its required consents is not done."""
    done = response.overview().done
    count = next((position for position, code in enumerate(path.codes) if code not in done), len(path.codes))
    return _find_unagreed(path, response, count)


def _find_unagreed(path: Path, response: Response, end: int) -> int:
    """Return the position of the first page before `end` with a required consent that is not given; `end` if all are given."""
    positions = (at for at in path.required if at < end)
    return next((at for at in positions if not _has_agreed(path.steps[at], path, response)), end)


def _has_agreed(step: Step, path: Path, response: Response) -> bool:
    """Whether all required consents on a stored page are given."""
    answers, institution = response.pages[step.page.code].answers, response.respondent.institution
    needed = (
        item.code for question, item in step.required if all(is_asked(x, path.known, institution) for x in (question, item))
    )
    return all(answers.get(code) == YES for code in needed)


def sum_remaining_seconds(questionnaire: Questionnaire, response: Response, path: Path, position: int) -> int:
    """Return the expected seconds from this position to the end.

    Pages that a later answer may add are counted. The result never exceeds the remaining time shown before, unless the respondent
    has used language variants of different length.
    """
    used = {questionnaire.languages[code].groups for code in response.languages if code in questionnaire.languages}
    lowest = response.overview().seconds_left if len(used) < 2 else None
    left = path.seconds_from[position]
    if path.skipped and position < len(path.steps):
        here = path.steps[position].index
        left += sum([step.seconds for step in path.skipped if step.decided_after >= here])
    return round(left) if lowest is None else min(round(left), lowest)


def measure_progress(path: Path, left: int) -> int:
    """Return the share of the expected time that has passed, in thousandths (0 to 999). It never falls, because `left` never rises."""
    expected = round(path.seconds)
    return min(999, 1000 * max(0, expected - left) // expected) if expected else 0
