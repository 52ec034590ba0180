"""A question about a figure, in words. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pandas as pd

from council_finance.money import plain_pounds
from monitoring.plausibility.calculations import (
    ABOUT,
    BELOW_ACTUAL,
    FACTOR,
    FACTORS,
    FORECAST,
    MOVED,
    RECEIPTS,
    RESERVES,
    ROUND,
    SAME_FIGURES,
    SIGN,
    UNCHANGED,
    VANISHED,
    Month,
    run_rate,
)

MEASURE_WORDS = {
    FORECAST: "forecast",
    RESERVES: "planned use of reserves",
    RECEIPTS: "planned use of capital receipts",
}

RULE_TITLES = {
    FACTOR: "Off by a factor of 1,000 or 100",
    SIGN: "Sign turned",
    VANISHED: "Planned use has gone",
    BELOW_ACTUAL: "Forecast below actual to date",
    MOVED: "Moved far",
    ROUND: "Round for the first time",
    UNCHANGED: "Unchanged while spending runs past it",
    SAME_FIGURES: "Last month’s figures again",
}
"""The name of each rule, as pages and the audit trail show it."""


class Question(NamedTuple):
    """A question that a rule asks about a figure of a line, or (line None) about a whole month.

    `effect` is the pence by which the figure may be wrong; `figures` are those that the question is
    about, in pence. With other figures it is another question.
    """

    rule: str
    measure: str
    line: int | None
    effect: int
    figures: Mapping[str, int]
    sentence: str

    @property
    def key(self) -> str:
        """Return a text that no other question has; a form sends back which were shown."""
        figures = ".".join(f"{value}" for value in self.figures.values())
        return f"{self.line or 0}.{self.measure}.{self.rule}.{figures}"

    @property
    def title(self) -> str:
        """Return the name of the rule."""
        return RULE_TITLES[self.rule]


class Naming(NamedTuple):
    """What sentences need to know besides the figures: the months' names, and the reports counted.

    `before` names the nearest earlier month within a sentence: `month 2`.
    """

    month: Month
    before: str
    unchanged_reports: int


def describe_question(row: Any, naming: Naming) -> Question:
    """Return the question of a row of `find_questions`."""
    figures = {name: int(getattr(row, name)) for name in ABOUT[row.rule]}
    return Question(
        rule=row.rule,
        measure=row.measure,
        line=int(row.line),
        effect=int(row.effect),
        figures=figures,
        sentence=_SENTENCES[row.rule](row, naming),
    )


def same_figures_question(same: int, counted: int, sentence: str) -> Question:
    """Return the question that asks whether a month's figures are those of the month before."""
    figures = {"same": same, "counted": counted}
    return Question(SAME_FIGURES, "", None, 0, figures, sentence)


def _name_figure(row: Any) -> str:
    words = MEASURE_WORDS[row.measure]
    return "The forecast" if row.measure == FORECAST else words[:1].upper() + words[1:]


def _describe_reference(row: Any, naming: Naming) -> str:
    amount = plain_pounds(int(row.reference))
    if pd.isna(row.before) or row.before == 0:
        return f"the budget is {amount}"
    return f"in {naming.before} it was {amount}"


def _ask_about_factor(row: Any, naming: Naming) -> str:
    small, large = sorted((abs(int(row.now)), abs(int(row.reference))))
    factor = min(FACTORS, key=lambda each: abs(large - small * each))
    size = "less" if abs(int(row.now)) == small else "more"
    unit = "thousands of pounds" if factor == FACTORS[0] else "pence"
    return (
        f"{_name_figure(row)} is {plain_pounds(int(row.now))}, and "
        f"{_describe_reference(row, naming)}: about {factor:,} times {size}. "
        f"Is one of them in {unit}?"
    )


def _ask_about_sign(row: Any, naming: Naming) -> str:
    return (
        f"{_name_figure(row)} is {plain_pounds(int(row.now))}, and "
        f"{_describe_reference(row, naming)}. Is the sign right?"
    )


def _ask_about_vanished(row: Any, naming: Naming) -> str:
    before = plain_pounds(int(row.before))
    return (
        f"{_name_figure(row)} was {before} in {naming.before} and is nil now. "
        "Is it no longer planned?"
    )


def _ask_about_actual(row: Any, naming: Naming) -> str:
    return (
        f"The forecast for the year is {plain_pounds(int(row.now))}, and "
        f"{plain_pounds(int(row.actual))} is spent already. Is a credit expected?"
    )


def _ask_about_movement(row: Any, naming: Naming) -> str:
    return (
        f"The forecast was {plain_pounds(int(row.before))} in {naming.before} and is "
        f"{plain_pounds(int(row.now))} now. What has changed?"
    )


def _ask_about_round(row: Any, naming: Naming) -> str:
    return (
        f"The forecast is a round {plain_pounds(int(row.now))}, and never was round before "
        f"({plain_pounds(int(row.before))} in {naming.before}). Is it an estimate?"
    )


def _ask_about_standstill(row: Any, naming: Naming) -> str:
    rate = run_rate(int(row.actual), naming.month.number)
    return (
        f"The forecast is {plain_pounds(int(row.now))} as in the {naming.unchanged_reports} "
        f"reports before, while spending so far comes to {plain_pounds(rate)} by the end of the "
        "year at its rate. Is the forecast still right?"
    )


_SENTENCES: dict[str, Callable[[Any, Naming], str]] = {
    FACTOR: _ask_about_factor,
    SIGN: _ask_about_sign,
    VANISHED: _ask_about_vanished,
    BELOW_ACTUAL: _ask_about_actual,
    MOVED: _ask_about_movement,
    ROUND: _ask_about_round,
    UNCHANGED: _ask_about_standstill,
}
