"""The forecast methods that apps register: each works out the forecasts of budget lines."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from council_finance.registry.order import Register


@dataclass(frozen=True, slots=True)
class WorkedForecast:
    """A line's forecast for the year as a method works it out, in pence.

    `why` says in a few words what the forecast is made of; where there is none (`pence` None),
    what is missing.
    """

    pence: int | None
    why: str


MethodFunction = Callable[[Any, Collection[int]], Mapping[int, WorkedForecast]]


class ForecastMethodEntry(NamedTuple):
    """A registered method: its name on pages, what it does in a sentence, and its function."""

    label: str
    meaning: str
    work_out: MethodFunction


_methods: Register[ForecastMethodEntry] = Register("forecast method", "forecast_method")


def forecast_method(
    name: str, *, label: str, meaning: str, after: str = ""
) -> Callable[[MethodFunction], MethodFunction]:
    """Register a method by which a line's forecast may be worked out.

    The function takes a period (`monitoring.models.Period`) and the ids of its lines for which the
    method is chosen, and returns a forecast for each; it reads all of them with a few queries.
    """

    def decorate(function: MethodFunction) -> MethodFunction:
        _methods.add(name, ForecastMethodEntry(label, meaning, function), after=after)
        return function

    return decorate


def forecast_methods() -> dict[str, ForecastMethodEntry]:
    """Return the methods that apps registered by name, in order."""
    return _methods.in_order()
