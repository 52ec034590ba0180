"""How values of indicators print: their decimals, unit, bands and counts. Pure."""

from council_finance.quantities import PARTS, decimals_needed, print_quantity
from council_finance.statements import Cell
from performance.indicators.report_rows import BenchmarkRow, IndicatorRow

_DIVISORS = {"": 1, "k": 1_000, "m": 1_000_000}
_BEFORE, _AFTER = {"pounds": "£"}, {"percent": "%", "days": " days"}
_STRICT = {"lower": "<", "higher": ">"}
_IN_THOUSANDS_FROM = 1_000 * PARTS
PRO_RATA = "pro_rata"
ARROWS = {"up": "↑", "same": "→", "down": "↓", "": ""}
DIRECTION_WORDS = {"up": "better", "same": "the same", "down": "worse", "": ""}


def print_value(row: IndicatorRow, number: int | None, decimals: int) -> str:
    """Return a value in the measure's unit: `5.0%`, `110.7k`; "" where there is none."""
    if number is None:
        return ""
    body = print_quantity(number, decimals, _DIVISORS[row.display])
    return f"{_BEFORE.get(row.unit, '')}{body}{row.display}{_AFTER.get(row.unit, '')}"


def print_exact(row: IndicatorRow, number: int | None, decimals: int) -> str:
    """Return a value with the decimals that it needs, and at least some, so that it is exact."""
    if number is None or row.display:
        return print_value(row, number, decimals)
    return print_value(row, number, max(decimals, decimals_needed(number)))


def print_target(row: IndicatorRow) -> str:
    """Return the target: `70%`, `56-61%`, `<8.1 (33 Adm's)`, `282.0 (Pro-rata)`."""
    if row.target is None:
        return _print_band(row)
    text = print_value(row, row.target, row.target_decimals)
    if row.target_is_strict:
        text = f"{_STRICT.get(row.polarity, '')}{text}"
    if row.target_count is not None:
        text += f" ({_print_count(row.target_count)} {row.count_label})".replace(" )", ")")
    return f"{text} (Pro-rata)" if row.target_basis == PRO_RATA else text


def _print_band(row: IndicatorRow) -> str:
    low = print_value(row, row.target_low, row.target_decimals)
    high = print_value(row, row.target_high, row.target_decimals)
    if low and high:
        unit = _AFTER.get(row.unit, "")
        return f"{low.removesuffix(unit)}-{high}"
    return f"at least {low}" if low else f"at most {high}" if high else ""


def print_actual(row: IndicatorRow) -> str:
    """Return the value: `5.2 (21 Adm's)`; of an awaited one when it is due."""
    text = print_value(row, row.actual, row.decimals)
    if text and row.actual_count is not None:
        return f"{text} ({_print_count(row.actual_count)} {row.count_label})".replace(" )", ")")
    return text or row.due


def print_future_target(row: IndicatorRow) -> str:
    """Return the target of a later year."""
    text = print_value(row, row.future_target, row.future_decimals)
    strict = text and row.target_is_strict
    return f"{_STRICT.get(row.polarity, '')}{text}" if strict else text


def print_benchmark(row: IndicatorRow, benchmark: BenchmarkRow, usual_period: str = "") -> str:
    """Return a comparator's value with its counts and period: `58% (15.2k out of 26.4k)`.

    The period is left out where it is the usual one of the column.
    """
    decimals = row.decimals if benchmark.decimals is None else benchmark.decimals
    text = print_value(row, benchmark.value, decimals)
    counts = _print_counts(row, benchmark)
    period = "" if benchmark.data_period == usual_period else benchmark.data_period
    beside = [f"({each})" for each in (counts, period) if each and text]
    quartile = f"({benchmark.quartile})" if benchmark.quartile and text else benchmark.quartile
    return " ".join(each for each in (text, *beside, quartile) if each)


def _print_counts(row: IndicatorRow, benchmark: BenchmarkRow) -> str:
    if benchmark.numerator is None:
        return ""
    if benchmark.denominator is None:
        return f"{_print_count(benchmark.numerator)} {row.count_label}".strip()
    in_thousands = benchmark.denominator >= _IN_THOUSANDS_FROM
    numerator, denominator = (
        f"{print_quantity(each, 1, 1_000)}k" if in_thousands else _print_count(each)
        for each in (benchmark.numerator, benchmark.denominator)
    )
    return f"{numerator} out of {denominator}"


def _print_count(number: int) -> str:
    return print_quantity(number, decimals_needed(number))


def number_cell(text: str, number: int | None, mark: str = "") -> Cell:
    """Return the cell of a number and its print; a text alone where there is no number."""
    return Cell(text, number=number if text else None, mark=mark)
