"""The chart of the plan: from the base through growth and savings to the net budget. Pure."""

from collections.abc import Sequence

from council_finance.charts import Chart, ChartTable, Mark, WaterfallStep, waterfall
from council_finance.money import plain_pounds
from council_finance.periods import financial_year_label
from council_finance.statements import Display
from planning.plan.calculations import YearSummary
from planning.plan.report_rows import GROWTH, INFLATION, SAVING, TRANSFER

_STEPS = (
    (TRANSFER, "Transfers"),
    (INFLATION, "Inflation"),
    (GROWTH, "Growth"),
    (SAVING, "Savings"),
)


def base_to_net(
    summary: Sequence[YearSummary], years: Sequence[int], display: Display
) -> Chart | None:
    """Return the waterfall of all years together; None where the base is not known."""
    if not summary or summary[0].base is None or summary[-1].net is None:
        return None
    base, net = summary[0].base, summary[-1].net
    first, last = financial_year_label(years[0]), financial_year_label(years[-1])
    steps = [WaterfallStep(_build_mark(f"Base of {first}", base, display), standing=True)]
    for kind, label in _STEPS:
        amount = sum(year.changes[kind] or 0 for year in summary)
        if amount:
            steps.append(WaterfallStep(_build_mark(label, amount, display)))
    steps.append(WaterfallStep(_build_mark(f"Net budget of {last}", net, display), standing=True))
    rows = tuple((step.mark.label, step.mark.text) for step in steps)
    verb = "grows" if net >= base else "falls"
    was, now = display.distinct_words(base, net) if base != net else [display.in_words(base)] * 2
    return Chart(
        name="plan",
        title=f"The net budget {verb} from {was} to {now} by {last}",
        unit=f"What changes it from {first} to {last}, {display.unit_label}",
        figure=waterfall(steps),
        table=ChartTable(("Step", display.unit_label), rows[:-1], rows[-1]),
    )


def _build_mark(label: str, pence: int, display: Display) -> Mark:
    return Mark(label, pence, display.amount(pence), exact=plain_pounds(pence))
