"""Schemes and reasons as pages print them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from capital.calculations import figures_of
from capital.report_rows import ReasonRow, SchemeRow
from capital.rules import REASON_LABELS
from council_finance.statements import Display
from council_finance.statements.display import NOT_GIVEN


@dataclass(frozen=True)
class PrintedScheme:
    """A line of the programme with its figures as printed; `programme` is its heading."""

    reference: str
    name: str
    programme: str
    is_variations: bool
    budget: str
    forecast: str
    variance: str
    sense: str
    rephasing: str
    cost: str
    unexplained: str
    total_variance: str
    total_sense: str
    completion: str


@dataclass(frozen=True)
class PrintedReason:
    """A reason of a scheme's variance as printed."""

    project: str
    kind: str
    amount: str
    total_amount: str
    reason: str


def print_schemes(
    lines: Iterable[SchemeRow], reasons: Mapping[str, Sequence[ReasonRow]], display: Display
) -> list[PrintedScheme]:
    """Return lines of the programme, with their reasons by reference, as printed in `display`."""
    return [_print_scheme(line, reasons.get(line.reference, ()), display) for line in lines]


def _print_scheme(line: SchemeRow, reasons: Sequence[ReasonRow], display: Display) -> PrintedScheme:
    figures = figures_of(line, reasons)
    return PrintedScheme(
        reference=line.reference,
        name=line.name,
        programme=line.programme,
        is_variations=line.is_variations,
        budget=print_amount(figures.budget, display),
        forecast=print_amount(figures.forecast, display),
        variance=print_amount(figures.variance, display),
        sense=display.sense(figures.variance),
        rephasing=print_amount(figures.rephasing, display),
        cost=print_amount(figures.cost, display),
        unexplained=print_amount(figures.unexplained, display),
        total_variance=print_amount(figures.total_variance, display),
        total_sense=display.sense(figures.total_variance),
        completion=line.completion or line.planned_completion,
    )


def print_reasons(reasons: Iterable[ReasonRow], display: Display) -> list[PrintedReason]:
    """Return reasons as printed."""
    return [
        PrintedReason(
            project=each.project,
            kind=REASON_LABELS[each.kind],
            amount=print_amount(each.amount, display),
            total_amount=print_amount(each.total_amount, display),
            reason=each.reason,
        )
        for each in reasons
    ]


def print_amount(pence: int | None, display: Display) -> str:
    """Return an amount as printed; a dash where it is not given."""
    return NOT_GIVEN if pence is None else display.amount(pence)
