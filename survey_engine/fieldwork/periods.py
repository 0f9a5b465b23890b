"""Period in which a questionnaire can be answered at an institution. Every rule about opening and closing uses `Period`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from survey_engine.model.questionnaire import Institution, Questionnaire

State = Literal["early", "open", "grace", "closed"]
"""Before the first day · persons may begin · only begun responses may continue · no answer may change."""


@dataclass(frozen=True, slots=True)
class Period:
    """The first and last day at an institution, and the grace period in which a begun response may continue."""

    opens: date | None
    closes: date | None
    zone: ZoneInfo
    grace: timedelta = timedelta()
    """Elapsed time: a change of clocks makes it neither longer nor shorter."""

    @property
    def end(self) -> datetime | None:
        """End of the grace period, in the institution's time zone; None without a last day."""
        return (self._begin_day(self.closes + timedelta(days=1)) + self.grace).astimezone(self.zone) if self.closes else None

    def find_state(self, now: datetime) -> State:
        """Return who may answer now."""
        if self.opens and now < self._begin_day(self.opens):
            return "early"
        if self.closes is None:
            return "open"
        midnight = self._begin_day(self.closes + timedelta(days=1))
        return "open" if now < midnight else "grace" if now < midnight + self.grace else "closed"

    def _begin_day(self, day: date) -> datetime:
        """Return the first moment of a day, in UTC."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)


def make_period(questionnaire: Questionnaire, institution: Institution | None, timezone: str, grace_minutes: int = 0) -> Period:
    """Return the period of an institution, or with None that of the questionnaire.

    Args: timezone: for institutions without their own.
    """
    zone = institution.find_zone(timezone) if institution else ZoneInfo(timezone)
    return Period(*questionnaire.find_period(institution), zone, timedelta(minutes=grace_minutes))
