"""The question types, one file each: its YAML, its columns, how it reads a form. A new type is a file and a line here."""

from survey_engine.questions.choice import CHOICE
from survey_engine.questions.consent import CONSENT
from survey_engine.questions.date import DATE
from survey_engine.questions.grid import GRID
from survey_engine.questions.information import INFORMATION
from survey_engine.questions.mark import MARK
from survey_engine.questions.multiple import MULTIPLE
from survey_engine.questions.number import NUMBER
from survey_engine.questions.open import OPEN
from survey_engine.questions.panel import PANEL
from survey_engine.questions.question_type import QuestionType
from survey_engine.questions.yes_no import YES_NO

QUESTION_TYPES: dict[str, QuestionType] = {
    type_.name: type_ for type_ in (CHOICE, MULTIPLE, GRID, MARK, NUMBER, OPEN, YES_NO, DATE, INFORMATION, CONSENT, PANEL)
}
