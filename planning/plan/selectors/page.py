"""The plan on one screen: its sentences, chart and tables, from what the statements read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from council_finance import registry
from council_finance.charts import Chart
from council_finance.money import round_half_away
from council_finance.periods import financial_year_label
from council_finance.statements import Display
from council_finance.statements.presenting import PageStatement, for_page
from monitoring.reports.selectors.year_data import YearData
from planning.plan.charts import base_to_net
from planning.plan.report_rows import (
    FUNDING_TIME_LIMITED,
    GROWTH,
    NON_RECURRENT,
    RISK,
    SAVING,
    UNDER_DEVELOPMENT,
    FundingRow,
    PlanRow,
)
from planning.plan.selectors.plan_data import PlanView, plan_of
from planning.plan.selectors.pressures import describe_pressures, unfunded_pressures

_SUMMARY = "mtfs-summary"
_TABLES = (_SUMMARY, "mtfs-growth", "mtfs-savings", "mtfs-at-risk", "mtfs-scenarios")
_MORE = (
    *("mtfs-changes", "plan-to-ledger", "savings-brought-forward", "external-funding"),
    *("funding-programme", "council-tax", "council-tax-changes", "capital-plan"),
)
_PASSING = (FUNDING_TIME_LIMITED, NON_RECURRENT)


@dataclass(frozen=True)
class OutsideItem:
    """An item that counts in no total, with its range in words."""

    item: PlanRow
    range_text: str


@dataclass(frozen=True)
class EndingFund:
    """A source that does not last: its last year, and what it pays then, in words."""

    source: FundingRow
    last_year: str
    amount: str


@dataclass(frozen=True)
class PlanPage:
    """Everything that the page of the plan shows."""

    plan: PlanView
    sentences: list[str]
    chart: Chart | None
    tables: list[PageStatement]
    more: list[tuple[str, str]]
    outside: list[OutsideItem]
    ending: list[EndingFund]
    confidence: str
    pressures: list[str]


def plan_page(facts: YearData, *, links: bool) -> PlanPage:
    """Return the page of a year's plan; with `links` items lead to their own pages."""
    plan, display = plan_of(facts), facts.display(_SUMMARY)
    made = {name: _make_statement(name, facts) for name in (*_TABLES, *_MORE)}
    address = _item_addresses(plan, facts.year.start) if links else {}
    pressures = unfunded_pressures(facts.year.start - 1) if plan.version and links else []
    return PlanPage(
        plan=plan,
        sentences=plan_sentences(facts),
        chart=plan_chart(facts),
        tables=[for_page(made[name], address) for name in _TABLES if made[name].rows],
        more=[(name, made[name].title) for name in _MORE if made[name].rows],
        outside=[_describe_outside(item, display) for item in _items_outside(plan)],
        ending=list(_ending_funds(plan, display)),
        confidence=_describe_confidence(plan, display),
        pressures=describe_pressures(pressures),
    )


def plan_sentences(facts: YearData) -> list[str]:
    """Return the findings of a year's plan in sentences; none without a plan."""
    return list(_build_sentences(plan_of(facts), facts.display(_SUMMARY)))


def plan_chart(facts: YearData) -> Chart | None:
    """Return the way from the base to the net budget; None without a plan or a base."""
    plan = plan_of(facts)
    if not plan.version:
        return None
    return base_to_net(plan.summary, plan.settings.years, facts.display(_SUMMARY))


def _make_statement(name: str, facts: YearData) -> Any:
    return registry.statement_entry(name).make(facts)


def _item_addresses(plan: PlanView, start: int) -> dict[str, str]:
    return {
        item.reference: reverse("plan-item", args=[start, item.reference])
        for item in plan.roll.items
    }


def _build_sentences(plan: PlanView, display: Display) -> Iterator[str]:
    """Yield the findings: net budget, growth and savings, gap, and what may not be delivered."""
    if plan.version is None or not plan.summary:
        return
    last = financial_year_label(plan.settings.years[-1])
    growth, savings = (_sum_steps(plan, kind) for kind in (GROWTH, SAVING))
    amounts = f"{display.in_words(growth)} of growth and {display.in_words(-savings)} of savings"
    end = plan.summary[-1]
    if end.net is not None:
        yield f"By {last} the plan has {amounts}, and a net budget of {display.in_words(end.net)}."
    else:
        yield f"By {last} the plan has {amounts}. Its base budget is not known."
    if end.gap_before_reserves is not None and end.cumulative_gap is not None:
        before, after = end.gap_before_reserves, end.cumulative_gap
        yield (
            f"In {last} {_describe_gap(before, display)} before reserves and "
            f"{_describe_gap(after, display)} after them."
        )
    for gap in plan.section.gaps:
        whose = "the council" if gap.scope == "council" else gap.scope
        year = financial_year_label(gap.year)
        yield f"The plan quotes a gap of {display.in_words(gap.gap)} of {whose} in {year}."
    if plan.at_risk:
        at_risk = sum(each.amounts[-1] or 0 for each in plan.at_risk)
        yield (
            f"{display.in_words(-at_risk)} of the savings of {last} is assumed and may not be "
            "delivered."
        )


def _sum_steps(plan: PlanView, kind: str) -> int:
    return sum(year.changes[kind] or 0 for year in plan.summary)


def _describe_gap(pence: int, display: Display) -> str:
    if pence == 0:
        return "it is balanced"
    return f"{display.in_words(abs(pence))} is {'short' if pence > 0 else 'left'}"


def _items_outside(plan: PlanView) -> list[PlanRow]:
    return [item for item in plan.roll.items if item.type in (UNDER_DEVELOPMENT, RISK)]


def _describe_outside(item: PlanRow, display: Display) -> OutsideItem:
    ends = [display.in_words(each) for each in (item.low, item.high) if each is not None]
    given = [display.in_words(pence) for pence in item.amounts.values()]
    return OutsideItem(item, " to ".join(ends) or (f"up to {given[-1]}" if given else "not given"))


def _ending_funds(plan: PlanView, display: Display) -> Iterator[EndingFund]:
    """Yield the sources that do not last, by the last year in which they pay."""
    found = [
        (max(year for year, pence in source.amounts.items() if pence), source)
        for source in plan.funding
        if source.recurrence in _PASSING and any(source.amounts.values())
    ]
    for year, source in sorted(found, key=lambda each: (each[0], each[1].reference)):
        label = source.last_year or financial_year_label(year)
        yield EndingFund(source, label, display.in_words(source.amounts[year]))


def _describe_confidence(plan: PlanView, display: Display) -> str:
    """Return how much of the savings to expect, by the council's own years or by its setting."""
    if plan.version is None:
        return ""
    history = plan.section.deliveries
    years = ", ".join(financial_year_label(each.year) for each in history)
    rate = plan.delivery_rate
    if rate is None:
        had = f" ({years})" if years else ""
        return (
            f"There is too little history to judge the savings by: {len(history)} closed "
            f"{'year' if len(history) == 1 else 'years'} with delivered savings{had}; two are "
            "needed."
        )
    source = (
        "the settings say so"
        if plan.settings.delivery_rate_percent is not None
        else f"as in {years}"
    )
    expected = round_half_away(-_sum_steps(plan, SAVING) * rate, 100)
    return (
        f"{rate}% of savings is delivered, {source}: of this plan that is "
        f"{display.in_words(expected)}."
    )
