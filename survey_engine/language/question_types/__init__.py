"""The question types, one module each: definition, variables and form reader.

To add a type, add a module and its entry in `QUESTION_TYPES`.
"""

from survey_engine.language.question_types.choice import CHOICE
from survey_engine.language.question_types.consent import CONSENT
from survey_engine.language.question_types.date import DATE
from survey_engine.language.question_types.grid import GRID
from survey_engine.language.question_types.information import INFORMATION
from survey_engine.language.question_types.mark import MARK
from survey_engine.language.question_types.multiple import MULTIPLE
from survey_engine.language.question_types.number import NUMBER
from survey_engine.language.question_types.open import OPEN
from survey_engine.language.question_types.panel import PANEL
from survey_engine.language.question_types.question_type import QuestionType
from survey_engine.language.question_types.yes_no import YES_NO

QUESTION_TYPES: dict[str, QuestionType] = {
    type_.name: type_ for type_ in (CHOICE, MULTIPLE, GRID, MARK, NUMBER, OPEN, YES_NO, DATE, INFORMATION, CONSENT, PANEL)
}
