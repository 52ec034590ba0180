"""The chart of aged debt by how long it is overdue. Pure."""

from collections.abc import Container, Mapping

from council_finance.charts import Chart, ChartTable, Mark, bars
from council_finance.money import plain_pounds
from council_finance.statements import Display


def by_age(sums: Mapping[str, int], display: Display, *, long_overdue: Container[str]) -> Chart:
    """Return the bars of what is owed in each band; `sums` gives pence by band, youngest first.

    The page has the same figures in the total of its statement.
    """
    marks = [
        Mark(
            f"{words[:1].upper()}{words[1:]}",
            pence,
            display.amount(pence),
            plain_pounds(pence),
            "adverse" if words in long_overdue else "",
        )
        for words, pence in sums.items()
    ]
    return Chart(
        name="aged-debt",
        title=_chart_title(sums, display),
        unit=f"What is owed to the council, {display.unit_label}; over 90 days in orange",
        figure=bars(marks),
        table=ChartTable(
            ("Overdue", display.unit_label),
            tuple((mark.label, mark.text) for mark in marks),
            ("Total", display.amount(sum(sums.values()))),
        ),
        figures_at="aged-debt-caption",
    )


def _chart_title(sums: Mapping[str, int], display: Display) -> str:
    words, most = max(sums.items(), key=lambda each: each[1])
    total = sum(sums.values())
    start = "Most of the debt" if 2 * most > total else "The largest part of the debt"
    return f"{start} is {words}: {display.in_words(most)} of {display.in_words(total)}"
