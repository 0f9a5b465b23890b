"""When a questionnaire can be answered at an institution. Every rule about opening and closing uses a `Period`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from survey_engine.model.questionnaire import Institution, Questionnaire

State = Literal["early", "open", "grace", "closed"]
"""Before the first day · anybody may begin · who has begun may go on · nobody may change an answer."""


@dataclass(frozen=True, slots=True)
class Period:
    """The first and last day at an institution, and the time after it in which a response that has begun may go on."""

    opens: date | None
    closes: date | None
    zone: ZoneInfo
    grace: timedelta = timedelta()
    """Time that passes, also where clocks change."""

    @property
    def end(self) -> datetime | None:
        """The end of the grace period, in the time zone; None if it never closes."""
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
    """Return the period of an institution; None for one without its own dates and time zone.

    Args: timezone: of institutions without their own.
    """
    zone = institution.find_zone(timezone) if institution else ZoneInfo(timezone)
    return Period(*questionnaire.find_period(institution), zone, timedelta(minutes=grace_minutes))
