"""Sentences about activity: why a variance is, and what today's volume costs in a year. Pure."""

from collections.abc import Sequence

from council_finance.quantities import plain_quantity, print_quantity
from council_finance.statements import Display
from performance.activity.report_rows import GroupRow
from performance.activity.totals import ActivityTotal

PEOPLE = "people"


def volume_name(group: GroupRow) -> str:
    """Return what a group counts, such as placements; people where it has no name."""
    return group.volume_name or PEOPLE


def describe_variance(name: str, total: ActivityTotal, display: Display) -> str:
    """Return how far the forecast is from the budget, in a sentence."""
    variance = total.variance
    if variance is None:
        return f"{name}: no forecast in this period."
    if not variance:
        return f"{name}: the forecast is on budget."
    amount = display.in_words(abs(variance))
    return f"{name}: the forecast is {amount} {'over' if variance > 0 else 'under'} budget."


def describe_cause(total: ActivityTotal, counted: str, display: Display) -> str:
    """Return the parts of the variance, the largest first, and which of them it mainly is."""
    parts = [
        part
        for part in (
            _describe_part(total.volume_effect, f"more {counted}", f"fewer {counted}", display),
            _describe_part(total.unit_cost_effect, "dearer care", "cheaper care", display),
            _describe_part(total.other_effect, "money without a volume", "", display),
        )
        if part is not None
    ]
    if not parts:
        return ""
    parts.sort(key=lambda part: -abs(part[0]))
    listed = _join_parts([text for _, text in parts])
    return f"{listed[0].upper()}{listed[1:]}."


def _describe_part(
    pence: int | None, more: str, less: str, display: Display
) -> tuple[int, str] | None:
    if not pence:
        return None
    cause = more if pence > 0 or not less else less
    verb = "adds" if pence > 0 else "takes off"
    if cause.startswith(("more ", "fewer ")):
        verb = "add" if pence > 0 else "take off"
    return pence, f"{cause} {verb} {display.in_words(abs(pence))}"


def _join_parts(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def main_cause(total: ActivityTotal, counted: str) -> str:
    """Return in a few words which part of the variance is the largest; "" where none is."""
    parts = {
        "volume": total.volume_effect or 0,
        "price": total.unit_cost_effect or 0,
        "other": total.other_effect or 0,
    }
    name, pence = max(parts.items(), key=lambda part: abs(part[1]))
    if not pence:
        return ""
    words = {
        "volume": (f"More {counted}", f"Fewer {counted}"),
        "price": ("Dearer care", "Cheaper care"),
        "other": ("Money without a volume", "Money without a volume"),
    }
    return words[name][0 if pence > 0 else 1]


def describe_run_rate(total: ActivityTotal, counted: str, display: Display) -> str:
    """Return what today's volume costs in a full year, beside budget and forecast of those lines.

    Only lines with a volume, a unit cost and known units a year are part of it, and where all of
    the group's have them the money that is not yet on a line.
    """
    priced = ActivityTotal([line for line in total.lines if line.exit_run_rate is not None])
    rate = priced.exit_run_rate
    if rate is None:
        return ""
    unpriced = [line for line in total.lines if line.volume and line.exit_run_rate is None]
    adjustments = [line for line in total.lines if line.is_adjustment and not unpriced]
    compared = ActivityTotal([*priced.lines, *adjustments])
    volume = priced.volume(lambda line: line.volume) or 0
    sentence = (
        f"Today’s {plain_volume(volume)} {counted} cost {display.in_words(rate)} in a full year, "
        "which is where next year starts"
    )
    against = [
        _compare_amount(rate, amount, word, display)
        for amount, word in (
            (compared.budget, "this year’s budget"),
            (compared.forecast, "the forecast"),
        )
        if amount is not None
    ]
    return f"{sentence}: {' and '.join(against)}." if against else f"{sentence}."


def _compare_amount(rate: int, amount: int, word: str, display: Display) -> str:
    if rate == amount:
        return f"the same as {word}"
    sense = "more" if rate > amount else "less"
    return f"{display.in_words(abs(rate - amount))} {sense} than {word} of these lines"


def plain_volume(quantity: int) -> str:
    """Return a volume for a sentence: `1,592`, `374.57`."""
    decimals = len(plain_quantity(quantity).partition(".")[2])
    return print_quantity(quantity, decimals)
