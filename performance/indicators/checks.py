"""Checks of indicators: what was declared, and what counts give, against the values."""

from collections.abc import Iterator

from council_finance import registry
from council_finance.quantities import PARTS, as_fraction, nearest_quantity, round_quantity
from council_finance.statements.casting import AGREES, DIFFERS, ROUNDING, Check
from council_finance.statuses import NOT_REPORTED
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.selectors.statements import statement
from performance.indicators.printing import print_value
from performance.indicators.report_rows import BenchmarkRow, IndicatorRow
from performance.indicators.rules import UNRATED
from performance.indicators.selectors.report_indicators import indicators_of
from performance.indicators.settings_tables import performance_scheme
from performance.indicators.statements.performance import NAME as PERFORMANCE
from performance.indicators.statements.summary import NAME as SUMMARY

_HUNDREDS = 100 * PARTS


@registry.check("indicators-declared")
def indicators_declared(facts: ReportData) -> Iterator[Check]:
    """Compare declared statuses and directions with those that follow from the figures."""
    for row in indicators_of(facts):
        if row.declared and row.derived and row.derived not in UNRATED:
            yield _compare_words(row, "status", row.declared, row.derived)
        if row.declared_direction and row.derived_direction:
            yield _compare_words(
                row, "direction of travel", row.declared_direction, row.derived_direction
            )


def _compare_words(row: IndicatorRow, noun: str, declared: str, derived: str) -> Check:
    agrees = declared == derived
    figures = "as the figures give it" if agrees else f"the figures give {derived}"
    joined = ", " if agrees else "; "
    name = f"{row.reference}: the {noun} is declared {declared}{joined}{figures}"
    return Check.of_words(name, PERFORMANCE, agrees=agrees)


@registry.check("indicators-rated")
def indicators_rated(facts: ReportData) -> Iterator[Check]:
    """Name each indicator with a target and a value that no rule rates."""
    if not performance_scheme(facts.settings).rules:
        return
    for row in indicators_of(facts):
        if row.has_target and row.rated is not None and not row.derived:
            name = f"{row.reference}: no rule of the settings gives a status"
            yield Check.of_words(name, PERFORMANCE, agrees=False)


@registry.check("indicators-counts")
def indicators_counts(facts: ReportData) -> Iterator[Check]:
    """Compare values and comparators with the counts that they are worked out from."""
    for row in indicators_of(facts):
        own = BenchmarkRow("", row.actual, row.decimals, row.numerator, row.denominator, "", "", "")
        for benchmark in (own, *row.benchmarks):
            if row.unit == "percent" and benchmark.denominator and benchmark.numerator is not None:
                yield from _compare_counts(row, benchmark)


def _compare_counts(row: IndicatorRow, benchmark: BenchmarkRow) -> Iterator[Check]:
    """Compare a percentage with its counts; those in whole hundreds may have been rounded."""
    numerator, denominator = benchmark.numerator or 0, benchmark.denominator or 0
    if benchmark.value is None:
        return
    decimals = row.decimals if benchmark.decimals is None else benchmark.decimals
    share = nearest_quantity(100 * as_fraction(numerator) / as_fraction(denominator))
    printed = round_quantity(benchmark.value, decimals)
    whose = f" ({benchmark.comparator})" if benchmark.comparator else ""
    counts = " of ".join(f"{each // PARTS:,}" for each in (numerator, denominator))
    name = (
        f"{row.reference}{whose}: {counts} is {print_value(row, share, decimals)}, "
        f"{print_value(row, printed, decimals)} is given"
    )
    if round_quantity(share, decimals) == printed:
        status = AGREES
    else:
        status = ROUNDING if _may_be_rounded(numerator, denominator, printed) else DIFFERS
    yield Check(name, PERFORMANCE, 0, 0, status, has_amounts=False)


def _may_be_rounded(numerator: int, denominator: int, percent: int) -> bool:
    """Return True where counts rounded to hundreds can give the percentage."""
    if numerator % _HUNDREDS or denominator % _HUNDREDS:
        return False
    half = _HUNDREDS // 2
    least = 100 * as_fraction(numerator - half) / as_fraction(denominator + half)
    most = 100 * as_fraction(numerator + half) / as_fraction(denominator - half)
    return least <= as_fraction(percent) <= most


@registry.check("indicators-summary")
def indicators_summary(facts: ReportData) -> Iterator[Check]:
    """Compare the counts of the summary's services, and of its statuses, with its total."""
    made = statement(facts, SUMMARY)
    if not made.rows:
        return
    *services, total = made.rows
    for column in made.columns:
        parts = sum(row.cells[column.key].number or 0 for row in services)
        agrees = parts == total.cells[column.key].number
        yield Check.of_words(f"{column.label}: the services add up", SUMMARY, agrees=agrees)
    across = sum(total.cells[c.key].number or 0 for c in made.columns if c.key != "total")
    agrees = across == total.cells["total"].number
    yield Check.of_words("The statuses add up to the total", SUMMARY, agrees=agrees)


@registry.check("indicators-awaited")
def indicators_awaited(facts: ReportData) -> Iterator[Check]:
    """Record the indicators with a target that have no value, and are not awaited."""
    missing = [
        row.reference
        for row in indicators_of(facts)
        if row.status == NOT_REPORTED and row.actual is None and not row.due
    ]
    if missing:
        name = f"Not reported and not awaited: {', '.join(missing)}"
        yield Check.of_words(name, PERFORMANCE, agrees=True)
