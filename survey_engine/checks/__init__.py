"""What must hold before anyone may see a questionnaire. A new check is a function in a file here and a name in CHECKS."""

from collections.abc import Callable, Iterable

from survey_engine.checks.blocks import check_blocks
from survey_engine.checks.editions import check_linked_sections
from survey_engine.checks.modules import check_modules
from survey_engine.checks.offers import check_asked_twice, check_offers
from survey_engine.checks.profiles import check_profiles
from survey_engine.checks.references import check_conditions, check_placeholders
from survey_engine.model import Questionnaire
from survey_engine.problems import Problem

CHECKS: tuple[Callable[[Questionnaire], Iterable[Problem]], ...] = (
    check_conditions,
    check_placeholders,
    check_linked_sections,
    check_modules,
    check_offers,
    check_asked_twice,
    check_blocks,
    check_profiles,
)
