"""Checks that the capital programme agrees with its funding, and its reasons with its variances."""

from collections.abc import Iterator, Sequence

from capital.calculations import add_given, difference
from capital.report_rows import ReasonRow, SchemeRow
from capital.report_section import section_of
from capital.rules import COLUMN_WORDS
from capital.statements.funding import NAME as FUNDING
from capital.statements.reasons import NAME as REASONS
from capital.statements.variations import NAME as VARIATIONS
from capital.statements.variations import uses_of
from council_finance import registry
from council_finance.statements.casting import Check
from monitoring.reports.selectors.report_data import ReportData


@registry.check("capital-funding")
def funding_equals_expenditure(facts: ReportData) -> Iterator[Check]:
    """Compare funding with expenditure in the original budget, the revised one and the forecast."""
    for balance in section_of(facts).balances:
        if balance.is_whole:
            title = f"Capital funding equals expenditure in {COLUMN_WORDS[balance.column]}"
            spent, paid = balance.expenditure or 0, balance.funding or 0
            yield Check.compare(title, FUNDING, spent, paid)


@registry.check("capital-variations")
def variations_within_budget(facts: ReportData) -> Iterator[Check]:
    """Check that no more of a variations budget is used than there is: it never goes above nil."""
    for use in uses_of(facts):
        line = use.line
        if line.budget is not None and line.forecast is not None:
            title = f"{line.name}: no more than the variations budget is used"
            used = line.forecast - line.budget
            yield Check.compare(title, VARIATIONS, min(used, max(0, -line.budget)), used)


@registry.check("capital-reasons")
def reasons_within_variance(facts: ReportData) -> Iterator[Check]:
    """Check that reasons explain no more than a scheme's variance, this year and as a whole.

    The schemes whose reasons do not are counted in one check; every other is listed.
    """
    section = section_of(facts)
    if not section.reasons:
        return
    for words, pairs in (
        ("this year’s variance", _year_pairs(section.schemes, section.reasons_by_scheme)),
        ("the whole scheme’s variance", _total_pairs(section.schemes, section.reasons_by_scheme)),
    ):
        yield from _compare_pairs(words, pairs)


Pair = tuple[str, int, int]
"""A scheme's name, its variance, and the part of it that reasons name; amounts in pence."""


def _year_pairs(
    schemes: Sequence[SchemeRow], reasons: dict[str, list[ReasonRow]]
) -> Iterator[Pair]:
    for scheme in schemes:
        named = add_given(each.amount for each in reasons.get(scheme.reference, ()))
        variance = difference(scheme.forecast, scheme.budget)
        if named is not None and variance is not None:
            yield scheme.name, variance, named


def _total_pairs(
    schemes: Sequence[SchemeRow], reasons: dict[str, list[ReasonRow]]
) -> Iterator[Pair]:
    for scheme in schemes:
        named = add_given(each.total_amount for each in reasons.get(scheme.reference, ()))
        variance = difference(scheme.total_forecast, scheme.total_budget)
        if named is not None and variance is not None:
            yield scheme.name, variance, named


def _compare_pairs(words: str, pairs: Iterator[Pair]) -> Iterator[Check]:
    within: list[int] = []
    for name, variance, named in pairs:
        most = max(min(named, max(variance, 0)), min(variance, 0))
        if most == named:
            within.append(named)
        else:
            title = f"{name}: the reasons explain no more than {words}"
            yield Check.compare(title, REASONS, variance, named)
    if within:
        count = "1 scheme" if len(within) == 1 else f"{len(within)} schemes"
        title = f"The reasons of {count} explain no more than {words}"
        yield Check.compare(title, REASONS, sum(within), sum(within))
