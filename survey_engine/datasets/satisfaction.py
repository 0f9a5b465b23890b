"""Measures of satisfaction on a scale of 1 to 5, side by side: a mean is not a percentage of satisfied people."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""
_LEAST_MEAN = 3.3
"""Minimum mean from which institutions call a group satisfied."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """Answers of one group to one item."""

    counts: tuple[float, float, float, float, float]
    """Number, or sum of weights, of the answers 1 to 5."""
    effective: float
    """Effective number of answers: Kish's (Σw)² / Σw²; the number itself without weights."""
    outside: float = 0
    """Number, or sum of weights, of "does not apply"."""
    population: float | None = None
    """Size of the population from which the group answered; None for an infinite one."""

    @property
    def valid(self) -> float:
        """Number, or sum of weights, of the answers on the scale."""
        return sum(self.counts)

    @property
    def mean(self) -> float | None:
        """Mean from 1 to 5; None without answers on the scale."""
        return sum(code * count for code, count in enumerate(self.counts, 1)) / self.valid if self.valid else None

    @property
    def deviation(self) -> float | None:
        """Standard deviation of the sample: with Bessel's correction for the effective number."""
        if self.mean is None or self.effective <= 1:
            return None
        variance = sum((code - self.mean) ** 2 * count for code, count in enumerate(self.counts, 1)) / self.valid
        return sqrt(variance * self.effective / (self.effective - 1))

    @property
    def share_4_5(self) -> float | None:
        """Share of the answers 4 and 5: the national definition (OCW, Werkagenda)."""
        return self._share(self.counts[3] + self.counts[4])

    @property
    def share_3(self) -> float | None:
        return self._share(self.counts[2])

    @property
    def share_1_2(self) -> float | None:
        return self._share(self.counts[0] + self.counts[1])

    @property
    def mean_at_least_3_3(self) -> bool | None:
        """Whether the mean of the group is at least 3.3: the institutions' definition of a satisfied group, not of satisfied persons."""
        return None if self.mean is None else self.mean >= _LEAST_MEAN

    @property
    def share_not_applicable(self) -> float | None:
        """Share of answers outside the scale, such as "does not apply", in all answers. No other measure counts these answers."""
        return self.outside / (self.valid + self.outside) if self.valid + self.outside else None

    @property
    def margin_of_share(self) -> float | None:
        """Largest margin of error (95 %) of a share: z · √(0.25 / n) · √((N − n) / (N − 1)).

        Cochran, Sampling Techniques, 3rd ed., 2.5 and 3.2. It assumes a random sample, so it excludes the error of self-selection.
        """
        return Z95 * sqrt(0.25 / self.effective) * self._correction() if self.effective else None

    @property
    def margin_of_mean(self) -> float | None:
        """Margin of error (95 %) of the mean: z · s / √n · √((N − n) / (N − 1))."""
        return None if self.deviation is None else Z95 * self.deviation / sqrt(self.effective) * self._correction()

    def _share(self, count: float) -> float | None:
        return count / self.valid if self.valid else None

    def _correction(self) -> float:
        """Return the finite population correction; 0 if everybody answered."""
        if self.population is None:
            return 1.0
        if self.population <= 1:
            return 0.0
        return sqrt(max(0.0, self.population - self.effective) / (self.population - 1))


SATISFACTION_MEASURES = (
    *("mean", "share_4_5", "share_3", "share_1_2", "mean_at_least_3_3", "share_not_applicable"),
    *("margin_of_share", "margin_of_mean"),
)
"""Measures of a distribution, in the order of tables."""
