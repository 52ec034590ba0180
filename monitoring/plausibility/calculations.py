"""The rule book: rules that question figures which may be wrong. Pure.

A rule looks at the facts of many figures at once and says of each whether it asks. The same rules
question figures as they are entered, in a file's check, and at review.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd

from monitoring.plausibility.thresholds import Thresholds

FORECAST, RESERVES, RECEIPTS = "forecast", "use_of_reserves", "use_of_capital_receipts"
MEASURES = (FORECAST, RESERVES, RECEIPTS)
"""The figures that are questioned, by the names of columns of positions."""

FACTOR, SIGN, BELOW_ACTUAL = "factor", "sign", "below-actual"
MOVED, ROUND, UNCHANGED = "moved", "round", "unchanged"
VANISHED = "planned-use-vanished"
SAME_FIGURES = "same-figures"
"""The names of the rules, with which answers are stored."""

FACTORS = (1000, 100)
MONTHS = 12
CLOSE = 13


EarlierForecasts = Callable[[Sequence[int]], pd.DataFrame]
"""Return the forecasts of lines, given by id, in all earlier months of the year with figures.

Rows are indexed by line; there is a column for each month, the latest first; Int64 pence, NA where
the line had no forecast.
"""


class Month(NamedTuple):
    """The month whose figures are questioned; `earlier` reads forecasts of the months before."""

    number: int
    earlier: EarlierForecasts

    @property
    def is_close(self) -> bool:
        """Return True at the close, where the outturn is no longer a forecast."""
        return self.number == CLOSE

    @property
    def has_run_rate(self) -> bool:
        """Return True where spending to date suggests a figure for the year."""
        return 1 <= self.number <= MONTHS


Asks = Callable[[pd.DataFrame, Thresholds, Month], pd.Series]
"""A rule's condition: a boolean for each row of the facts of one measure, as of `facts_of`."""


class Rule(NamedTuple):
    """A rule: the measures it looks at, its condition, and how far the figure may be wrong.

    `about` names the columns of the facts that the question is about: where one of them changes, it
    is another question. `unless` are rules whose question already covers this one.
    """

    name: str
    measures: tuple[str, ...]
    asks: Asks
    effect: Callable[[pd.DataFrame, Month], pd.Series]
    about: tuple[str, ...]
    unless: tuple[str, ...] = ()


def facts_of(lines: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the facts of one measure of lines, with the index of `lines`.

    `lines` has columns line (id), current_budget, actual_to_date, and of each measure a column of
    its name and one that ends in _before: the nearest earlier month with figures. The facts are
    line, budget, actual, now, before, and reference: the figure before or, where a forecast had
    none or nil, the budget. Amounts are Int64 pence; NA is not given.
    """
    now, before = lines[measure].astype("Int64"), lines[f"{measure}_before"].astype("Int64")
    given = before.where((before != 0).fillna(False))
    budget = lines["current_budget"].astype("Int64")
    reference = given.fillna(budget) if measure == FORECAST else given
    return pd.DataFrame(
        {
            "line": lines["line"],
            "budget": budget,
            "actual": lines["actual_to_date"].astype("Int64"),
            "now": now,
            "before": before,
            "reference": reference,
        }
    )


def find_questions(lines: pd.DataFrame, thresholds: Thresholds, month: Month) -> pd.DataFrame:
    """Return a row for each question about the lines, the largest effect first.

    `lines` is as for facts_of. Columns: rule, measure, line, effect (int64 pence), those of
    facts_of, and `place`, the row's label in `lines`.
    """
    found = []
    for measure in MEASURES:
        rows = _rows_with_figures(lines, measure)
        if rows.empty:
            continue
        facts, asked = facts_of(rows, measure), dict[str, pd.Series]()
        for rule in RULES:
            if measure in rule.measures:
                asked[rule.name] = _ask_rule(rule, facts, thresholds, month, asked)
                if asked[rule.name].any():
                    found.append(_build_rows(rule, measure, facts[asked[rule.name]], month))
    if not found:
        return pd.DataFrame({name: [] for name in _COLUMNS})
    return pd.concat(found).sort_values(["effect", "line"], ascending=[False, True], kind="stable")


_COLUMNS = (
    *("rule", "measure", "effect", "place"),
    *("line", "budget", "actual", "now", "before", "reference"),
)


def _rows_with_figures(lines: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Leave out planned use that is nil now and before, which is that of most lines."""
    if measure == FORECAST:
        return lines
    now, before = (
        lines[name].astype("Int64").array.to_numpy("int64", na_value=0)
        for name in (measure, f"{measure}_before")
    )
    return lines[(now != 0) | (before != 0)]


def _ask_rule(
    rule: Rule,
    facts: pd.DataFrame,
    thresholds: Thresholds,
    month: Month,
    asked: dict[str, pd.Series],
) -> pd.Series:
    mask = rule.asks(facts, thresholds, month).fillna(False).astype(bool)
    if mask.any():
        for name in rule.unless:
            if name in asked:
                mask &= ~asked[name]
    return mask


def _build_rows(rule: Rule, measure: str, facts: pd.DataFrame, month: Month) -> pd.DataFrame:
    effect = rule.effect(facts, month).abs().astype("int64")
    return facts.assign(rule=rule.name, measure=measure, effect=effect, place=facts.index)


# The rules. Each first finds the few figures that it may ask about: there are many lines.


def _find_among(
    facts: pd.DataFrame, first: pd.Series, holds: Callable[[pd.DataFrame], pd.Series]
) -> pd.Series:
    """Return where a condition holds and, of those rows alone, a second one."""
    mask = first.fillna(False).astype(bool)
    if mask.any():
        mask[mask] = holds(facts[mask]).fillna(False).to_numpy(dtype=bool)
    return mask


def is_off_by_a_factor(facts: pd.DataFrame, thresholds: Thresholds, month: Month) -> pd.Series:
    """Ask where a figure is about 1,000 or 100 times the one before, or a part of it.

    About means within a fifth. 7,791 entered for 7,791,000 is a figure in thousands.
    """
    now, reference = facts["now"].abs(), facts["reference"].abs()
    return _find_among(
        facts, (now - reference).abs() > thresholds.factor_above, _differs_by_a_factor
    )


def _differs_by_a_factor(facts: pd.DataFrame) -> pd.Series:
    now, reference = facts["now"].abs(), facts["reference"].abs()
    mask = pd.Series(False, index=facts.index)
    for factor in FACTORS:
        mask |= _is_about(now * factor, reference) | _is_about(now, reference * factor)
    given = (now > 0) & (reference > 0)
    same_sign = (facts["now"] > 0) == (facts["reference"] > 0)
    return mask & given & same_sign


def _is_about(one: pd.Series, other: pd.Series) -> pd.Series:
    """Return where two amounts of pence differ by no more than a fifth."""
    return ((one * 5 >= other * 4) & (one * 4 <= other * 5)).fillna(False)


def has_sign_turned(facts: pd.DataFrame, thresholds: Thresholds, month: Month) -> pd.Series:
    """Ask where spending has become income, or the reverse; both amounts being of some size."""
    least = thresholds.sign_from

    def has_turned(facts: pd.DataFrame) -> pd.Series:
        now, reference = facts["now"], facts["reference"]
        turned = ((now > 0) & (reference < 0)) | ((now < 0) & (reference > 0))
        return turned & (now.abs() >= least) & (reference.abs() >= least)

    return _find_among(facts, (facts["now"] < 0) != (facts["reference"] < 0), has_turned)


def is_below_actual(facts: pd.DataFrame, thresholds: Thresholds, month: Month) -> pd.Series:
    """Ask where a line of spending is forecast to end below what is spent already.

    Lines of income, and lines with credits above their spending to date, are not asked about. At
    the close the outturn is the actual.
    """
    if month.is_close:
        return _ask_nowhere(facts)
    over = facts["actual"] - facts["now"]
    return _find_among(facts, over > thresholds.below_actual_above, _is_spending)


def _is_spending(facts: pd.DataFrame) -> pd.Series:
    spends = (facts["budget"] > 0) | ((facts["budget"] == 0) & (facts["before"].fillna(0) >= 0))
    return spends & (facts["actual"] > 0)


def has_moved(facts: pd.DataFrame, thresholds: Thresholds, month: Month) -> pd.Series:
    """Ask where a forecast moved by more than an amount and a percentage of the budget."""
    if month.is_close:
        return _ask_nowhere(facts)
    change = (facts["now"] - facts["before"]).abs()
    percent = thresholds.moved_percent_above
    return (change > thresholds.moved_above) & (change * 100 > facts["budget"].abs() * percent)


def is_round_at_last(facts: pd.DataFrame, thresholds: Thresholds, month: Month) -> pd.Series:
    """Ask where a forecast is a round amount, and neither the budget nor one before ever was."""
    step = thresholds.round_to
    if month.is_close or not step:
        return _ask_nowhere(facts)

    def is_first(facts: pd.DataFrame) -> pd.Series:
        mask = facts["before"].notna() & ~_is_multiple(facts["before"], step)
        mask &= ~_is_multiple(facts["budget"], step) | (facts["budget"] == 0)
        return _where_earlier(facts, mask, month, lambda each: ~_was_round(each, step))

    return _find_among(facts, (facts["now"] != 0) & _is_multiple(facts["now"], step), is_first)


def _is_multiple(amounts: pd.Series, step: int) -> pd.Series:
    return (amounts % step == 0).fillna(False)


def _was_round(earlier: pd.DataFrame, step: int) -> pd.Series:
    """Return the lines of which an earlier forecast, not nil, was round."""
    return ((earlier % step == 0) & (earlier != 0)).fillna(False).any(axis=1)


def has_stood_still(facts: pd.DataFrame, thresholds: Thresholds, month: Month) -> pd.Series:
    """Ask where a forecast is that of several reports before while spending runs past it.

    Spending runs past the forecast where the actual to date, at its rate so far, comes to more by
    the end of the year, by more than the threshold.
    """
    reports = thresholds.unchanged_reports
    if not reports or not month.has_run_rate:
        return _ask_nowhere(facts)

    def is_passed(facts: pd.DataFrame) -> pd.Series:
        past = run_rate(facts["actual"], month.number) - facts["now"]
        mask = (facts["actual"] > 0) & (facts["budget"] >= 0) & (past > thresholds.unchanged_above)
        return _where_earlier(facts, mask, month, lambda each: _stood_for(each, reports))

    return _find_among(facts, facts["now"] == facts["before"], is_passed)


Amounts = TypeVar("Amounts", int, pd.Series)


def run_rate(actual: Amounts, number: int) -> Amounts:
    """Return actual to date / months x 12 in pence, rounded down."""
    return actual * MONTHS // number


def _stood_for(earlier: pd.DataFrame, reports: int) -> pd.Series:
    """Return the lines whose last so many reports had one and the same forecast."""
    if earlier.shape[1] < reports:
        return pd.Series(False, index=earlier.index)
    last = earlier.iloc[:, :reports]
    return last.eq(last.iloc[:, 0], axis=0).fillna(False).all(axis=1)


def has_vanished(facts: pd.DataFrame, thresholds: Thresholds, month: Month) -> pd.Series:
    """Ask where there was planned use before and there is none now."""
    return (facts["now"] == 0) & (facts["before"].abs() >= thresholds.planned_use_from)


def _where_earlier(
    facts: pd.DataFrame, mask: pd.Series, month: Month, holds: Callable[[pd.DataFrame], pd.Series]
) -> pd.Series:
    """Limit a mask to lines whose earlier forecasts meet a condition; read only those lines'."""
    mask = mask.fillna(False).astype(bool)
    if not mask.any():
        return mask
    lines = facts.loc[mask, "line"]
    held = holds(month.earlier([int(line) for line in lines]))
    return mask & facts["line"].isin(held.index[held.to_numpy(dtype=bool)])


def _ask_nowhere(facts: pd.DataFrame) -> pd.Series:
    return pd.Series(False, index=facts.index)


def _distance_from_reference(facts: pd.DataFrame, month: Month) -> pd.Series:
    return facts["now"] - facts["reference"]


def _distance_from_before(facts: pd.DataFrame, month: Month) -> pd.Series:
    return facts["now"] - facts["before"]


def _distance_from_actual(facts: pd.DataFrame, month: Month) -> pd.Series:
    return facts["actual"] - facts["now"]


def _distance_from_run_rate(facts: pd.DataFrame, month: Month) -> pd.Series:
    return run_rate(facts["actual"], month.number) - facts["now"]


RULES = (
    Rule(FACTOR, MEASURES, is_off_by_a_factor, _distance_from_reference, ("now", "reference")),
    Rule(SIGN, MEASURES, has_sign_turned, _distance_from_reference, ("now", "reference")),
    Rule(VANISHED, (RESERVES, RECEIPTS), has_vanished, _distance_from_before, ("now", "before")),
    Rule(
        *(BELOW_ACTUAL, (FORECAST,), is_below_actual, _distance_from_actual, ("now", "actual")),
        (FACTOR, SIGN),
    ),
    Rule(
        *(MOVED, (FORECAST,), has_moved, _distance_from_before, ("now", "before")),
        (FACTOR, SIGN, BELOW_ACTUAL),
    ),
    Rule(
        ROUND,
        (FORECAST,),
        is_round_at_last,
        _distance_from_before,
        ("now", "before"),
        (FACTOR, SIGN, MOVED),
    ),
    Rule(UNCHANGED, (FORECAST,), has_stood_still, _distance_from_run_rate, ("now", "actual")),
)
"""Every rule, in the order in which they are asked: an earlier one may cover a later one."""

ABOUT = {rule.name: rule.about for rule in RULES}


def count_still(now: pd.Series, before: pd.Series) -> tuple[int, int]:
    """Return how many lines have the figure of the month before, and how many can be compared.

    Both are Int64 pence with one index. A line counts where both figures are given and the one
    before is not nil.
    """
    counted = (now.notna() & before.notna() & (before != 0)).fillna(False)
    same = counted & (now == before).fillna(False)
    return int(np.count_nonzero(same)), int(np.count_nonzero(counted))
