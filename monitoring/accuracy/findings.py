"""The accuracy of the council's forecasts in a sentence, and its chart."""

from council_finance.charts import Chart
from council_finance.periods import CLOSE, financial_year_label, period_name
from council_finance.statements import Display
from monitoring.accuracy.charts import errors_by_month
from monitoring.accuracy.selectors import NAME, errors_by_key, years_of
from monitoring.reports.selectors.report_data import ReportData


def accuracy_sentence(facts: ReportData) -> str:
    """Return how far the council's forecasts were out on average, beside the present one."""
    found, display = errors_by_key(facts)[facts.top.key], facts.display(NAME)
    at_close = facts.period.number == CLOSE
    if at_close and not years_of(facts):
        return "This close was published before the errors of its year’s forecasts were kept."
    if found.bias is None or found.size is None:
        return "There is no closed year with reports to judge this forecast by."
    if at_close:
        reports = f"{found.count} report{'' if found.count == 1 else 's'}"
        return (
            f"The year’s forecasts were out by {display.in_words(found.size)} on average over "
            f"{reports}, and {_describe_bias(found.bias, display)}."
        )
    years = f"{found.count} year{'' if found.count == 1 else 's'}"
    name = period_name(facts.period.number).lower()
    text = (
        f"In {years}, the forecast of {name} was out by {display.in_words(found.size)} on average, "
        f"and {_describe_bias(found.bias, display)}."
    )
    now = facts.top.net_variance
    if now is None:
        return text
    return f"{text} The present one is a net variance of {display.in_words(now)}."


def _describe_bias(bias: int, display: Display) -> str:
    if display.rounded_pence(bias) == 0:
        return "as often too high as too low"
    way = "too high" if bias > 0 else "too low"
    return f"on balance {way} by {display.in_words(abs(bias))}"


def accuracy_chart(facts: ReportData) -> Chart | None:
    """Return the chart of the council's errors by month; None without a year to judge by."""
    key = facts.top.key
    years = [
        (
            year.start,
            {number: errors[key] for number, errors in year.errors.items() if key in errors},
        )
        for year in reversed(years_of(facts))
    ]
    given = [(start, errors) for start, errors in years if errors]
    if not given:
        return None
    display, (start, errors) = facts.display(NAME), given[0]
    first = min(errors)
    way = "too high" if errors[first] > 0 else "too low"
    title = (
        f"{financial_year_label(start)}: the forecast of {period_name(first).lower()} was "
        f"{display.in_words(abs(errors[first]))} {way}"
    )
    return errors_by_month(given, display, title=title)
