"""The remaining time that the preview shows above a page."""

from __future__ import annotations

from survey_engine.engine.progress import sum_remaining_seconds
from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Path, Respondent
from survey_engine.model.questionnaire import Questionnaire


def estimate_seconds_after(questionnaire: Questionnaire, who: Respondent, path: Path, slug: str) -> int:
    """Return the expected seconds from a page to the end. A page off the path counts as if it were asked."""
    skipped = next((step for step in path.skipped if step.page.slug == slug), None)
    position = path.find(slug)
    if position is None:
        position = sum(step.index < skipped.index for step in path.steps) if skipped else 0
    own = skipped.seconds if skipped and skipped.page.slug not in path.slugs else 0
    empty = Response(0, questionnaire.code, questionnaire.version, who)
    return sum_remaining_seconds(questionnaire, empty, path, position) + round(own)
