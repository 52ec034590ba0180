"""Charts of the capital programme: from original budget to forecast, and a scheme's reports. Pure.

Amounts are whole pence.
"""

from collections.abc import Iterator, Mapping, Sequence

from capital.calculations import Reconciliation, SchemeFigures
from council_finance.charts import Chart, ChartTable, Mark, WaterfallStep, waterfall
from council_finance.money import plain_pounds
from council_finance.statements import Display


def original_to_forecast(
    way: Reconciliation,
    schemes: SchemeFigures,
    variations: SchemeFigures,
    display: Display,
    labels: Mapping[str, str],
    *,
    at_close: bool,
) -> Chart | None:
    """Return the steps from original to revised budget and to the forecast.

    `schemes` and `variations` are the figures of the two kinds of lines; `labels` name the kinds
    of changes. None without a budget and a forecast.
    """
    if way.budget is None or schemes.forecast is None or schemes.variance is None:
        return None
    # Lines without a forecast stay at their budget, so that the steps add up.
    end = "Outturn" if at_close else "Forecast"
    forecast = way.budget + schemes.variance + (variations.variance or 0)
    steps = [
        _build_step("Original budget", way.original or 0, display, standing=True),
        *_change_steps(way, display, labels),
        _build_step("Revised budget", way.budget, display, standing=True),
        *_variance_steps(schemes, variations, display),
        _build_step(end, forecast, display, standing=True),
    ]
    side = "above" if forecast > way.budget else "below"
    title = f"The {end.lower()} is {display.in_words(abs(forecast - way.budget))} {side} the budget"
    if forecast == way.budget:
        title = f"The {end.lower()} is the revised budget"
    elif schemes.unexplained:
        title = f"{title}; {display.in_words(abs(schemes.unexplained or 0))} is not explained"
    rows = tuple((step.mark.label, step.mark.text) for step in steps)
    return Chart(
        name="capital-way",
        title=title,
        unit=f"From original budget to {end.lower()} of this year, {display.unit_label}",
        figure=waterfall(steps),
        table=ChartTable(("Step", display.unit_label), rows[:-1], rows[-1]),
    )


def _change_steps(
    way: Reconciliation, display: Display, labels: Mapping[str, str]
) -> Iterator[WaterfallStep]:
    for kind, label in labels.items():
        if way.by_kind.get(kind):
            yield _build_step(label, way.by_kind[kind], display)
    if way.other:
        yield _build_step("Other changes", way.other, display)


def _variance_steps(
    schemes: SchemeFigures, variations: SchemeFigures, display: Display
) -> Iterator[WaterfallStep]:
    for label, pence in (
        ("Slippage" if schemes.rephasing <= 0 else "Brought forward", schemes.rephasing),
        ("Cost", schemes.cost),
        ("Not explained", schemes.unexplained),
        ("Variations budget", variations.variance),
    ):
        if pence:
            yield _build_step(label, pence, display)


def _build_step(
    label: str, pence: int, display: Display, *, standing: bool = False
) -> WaterfallStep:
    mark = Mark(label, pence, display.amount(pence), f"{label}: {plain_pounds(pence)}")
    return WaterfallStep(mark, standing=standing)


def funding_by_kind(changes: Sequence[tuple[str, int]], display: Display) -> Chart | None:
    """Return who pays for the variance: the change of each kind of funding since the budget.

    `changes` are labels and amounts; more funding is positive. None without any change.
    """
    moved = [(label, pence) for label, pence in changes if pence]
    if not moved:
        return None
    total = sum(pence for _, pence in moved)
    steps = [_build_step(label, pence, display) for label, pence in moved]
    steps.append(_build_step("Variance of the programme", total, display, standing=True))
    most = max(moved, key=lambda each: abs(each[1]))
    side = "more" if most[1] > 0 else "less"
    rows = tuple((step.mark.label, step.mark.text) for step in steps)
    return Chart(
        name="capital-funding-kinds",
        title=f"{most[0]} pays {display.in_words(abs(most[1]))} {side} than budgeted",
        unit=f"Change of funding by kind, {display.unit_label}",
        figure=waterfall(steps, more_is="favourable"),
        table=ChartTable(("Kind", display.unit_label), rows[:-1], rows[-1]),
    )
