"""The subjective view of monitoring: budget and forecast by what money is spent on. Pure.

Amounts are whole pence. Each budget line falls under the subjective of its account.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

NOT_ANALYSED = "not-analysed"


@dataclass(frozen=True)
class LineAmounts:
    """A budget line: its row of the tree, its account, budget and forecast (None: not forecast)."""

    row: str
    account: str
    budget: int
    forecast: int | None


@dataclass(frozen=True)
class SubjectiveAmounts:
    """The budget and forecast of a service for one subjective; the forecast may be missing."""

    budget: int = 0
    forecast: int | None = None

    def with_line(self, line: LineAmounts) -> "SubjectiveAmounts":
        """Return the amounts with those of another line."""
        forecast = self.forecast
        if line.forecast is not None:
            forecast = (forecast or 0) + line.forecast
        return SubjectiveAmounts(self.budget + line.budget, forecast)


def subjective_of(account: str, rules: Sequence[tuple[str, str]]) -> str:
    """Return the code of an account's subjective by the longest rule that fits.

    `rules` are pairs of an account, or its beginning and a star, and the code of the subjective.
    An exact account is longer than any beginning. Without a rule it is not analysed.
    """
    best, found = -1, NOT_ANALYSED
    for pattern, code in rules:
        if pattern.endswith("*"):
            length = len(pattern) - 1 if account.startswith(pattern[:-1]) else -1
        else:
            length = len(pattern) + 1 if account == pattern else -1
        if length > best:
            best, found = length, code
    return found


def add_up_lines(
    lines: Iterable[LineAmounts], rules: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], SubjectiveAmounts]:
    """Return budget and forecast by row of the tree and code of the subjective."""
    codes: dict[str, str] = {}
    found: dict[tuple[str, str], SubjectiveAmounts] = {}
    for line in lines:
        if line.account not in codes:
            codes[line.account] = subjective_of(line.account, rules)
        key = (line.row, codes[line.account])
        found[key] = found.get(key, SubjectiveAmounts()).with_line(line)
    return found


def sum_amounts(parts: Iterable[SubjectiveAmounts]) -> SubjectiveAmounts:
    """Return amounts together; the forecast is missing where no part has one."""
    found = list(parts)
    forecasts = [each.forecast for each in found if each.forecast is not None]
    budget = sum(each.budget for each in found)
    return SubjectiveAmounts(budget, sum(forecasts) if forecasts else None)
