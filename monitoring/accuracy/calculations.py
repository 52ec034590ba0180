"""Errors of forecasts against the outturn. Pure.

An error is the forecast's net variance less that of the outturn, in pence: positive where the
forecast was too high, so that the year ended better than it said; negative where it ended worse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from council_finance.money import round_half_away

VariancesByKey = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Errors:
    """The errors of a row over several forecasts, in pence; None where there is no forecast.

    `last` is that of the latest one, `bias` their mean and `size` the mean without their signs.
    """

    last: int | None
    bias: int | None
    size: int | None
    count: int


def errors_of(forecast: VariancesByKey, outturn: VariancesByKey) -> dict[str, int]:
    """Return the error of each row that has both a forecast and an outturn."""
    found = {}
    for key, pence in forecast.items():
        result = outturn.get(key)
        if pence is not None and result is not None:
            found[key] = pence - result
    return found


def sum_up(errors: Sequence[int | None]) -> Errors:
    """Return the errors of a row summed up; they are in order, the latest last."""
    given = [each for each in errors if each is not None]
    if not given:
        return Errors(None, None, None, 0)
    return Errors(
        last=errors[-1],
        bias=round_half_away(sum(given), len(given)),
        size=round_half_away(sum(abs(each) for each in given), len(given)),
        count=len(given),
    )
