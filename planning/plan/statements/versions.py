"""What differs between versions of the plan, what is at risk in it, and its scenarios."""

from collections.abc import Iterator

from council_finance import registry
from council_finance.periods import financial_year_label, financial_year_slug
from council_finance.statements import Cell, Column, CrossCast, Display, Footnote, Row, Statement
from monitoring.reports.selectors.year_data import YearData
from monitoring.reports.statements.rows import with_rounding_note
from planning.plan.calculations import Roll
from planning.plan.marks import SIGNS
from planning.plan.report_rows import IN_NET, PlanRow
from planning.plan.scenarios import Scenario, slug_of
from planning.plan.selectors.plan_data import PlanView, plan_of
from planning.plan.statement_parts import amount_cell, version_notes, year_cells, year_columns
from planning.plan.statements.items import SAVINGS_ITEMS

CHANGES, AT_RISK, SCENARIOS = "mtfs-changes", "mtfs-at-risk", "mtfs-scenarios"
_TITLES = {
    CHANGES: "Medium-term plan: changes from the version before",
    AT_RISK: "Medium-term plan: savings at risk",
    SCENARIOS: "Medium-term plan: scenarios",
}


@registry.statement(CHANGES, title=_TITLES[CHANGES], of_year=True, after=SAVINGS_ITEMS)
def mtfs_changes(facts: YearData) -> Statement:
    """Return the last year's cumulative amount of each item, against the version before."""
    plan, display = plan_of(facts), facts.display(CHANGES)
    unit = display.unit_label
    columns = (
        Column("previous", "Version before", unit),
        Column("current", "This version", unit),
        Column("change", "Change", unit),
        Column("mark", "Mark"),
    )
    return with_rounding_note(
        Statement(
            name=CHANGES,
            title=_TITLES[CHANGES],
            header=facts.header,
            display=display,
            columns=columns,
            rows=tuple(_change_rows(plan, display)) if plan.previous else (),
            footnotes=tuple(_change_notes(plan)),
            row_heading="Item",
            cross_casts=(CrossCast("change", (("current", 1), ("previous", -1))),),
        )
    )


def _change_rows(plan: PlanView, display: Display) -> Iterator[Row]:
    """Yield a row for each item of either version, and their total."""
    before, now = plan.previous_roll, plan.roll
    if before is None:
        return
    here = {item.reference for item in now.items}
    dropped = [item for item in before.tops(*IN_NET) if item.reference not in here]
    items = [*now.tops(*IN_NET), *dropped]
    for item in items:
        pair = _last_amount(before, item.reference), _last_amount(now, item.reference)
        mark = "dropped" if item in dropped else SIGNS[plan.marks[item.reference]] or "new"
        label = f"{item.reference} {item.title}"
        yield Row(item.reference, label, "line", _change_cells(pair, mark, display))
    totals = _sum_last(before, before.tops(*IN_NET)), _sum_last(now, now.tops(*IN_NET))
    keys = tuple(item.reference for item in items)
    yield Row("total", "Total", "total", _change_cells(totals, "", display), sum_of=keys)


def _last_amount(roll: Roll, reference: str) -> int | None:
    found = roll.cumulative.get(reference)
    return found[-1] if found else None


def _sum_last(roll: Roll, items: list[PlanRow]) -> int:
    return sum(_last_amount(roll, item.reference) or 0 for item in items)


def _change_cells(
    pair: tuple[int | None, int | None], mark: str, display: Display
) -> dict[str, Cell]:
    before, now = pair
    return {
        "previous": amount_cell(before, display),
        "current": amount_cell(now, display),
        "change": Cell.of_amount((now or 0) - (before or 0), display),
        "mark": Cell(mark),
    }


def _change_notes(plan: PlanView) -> Iterator[Footnote]:
    yield from version_notes(plan.version)
    if plan.previous is not None:
        yield Footnote("", f"Compared with: {plan.previous.version or plan.previous.name}.")
        yield Footnote("", "* unchanged, ** amended, new: added, dropped: no longer in the plan.")
    elif plan.version is not None:
        yield Footnote("", "No other version of the plan is stored to compare with.")


@registry.statement(AT_RISK, title=_TITLES[AT_RISK], of_year=True, after=CHANGES)
def mtfs_at_risk(facts: YearData) -> Statement:
    """Return the savings that may not be delivered, with the reason, and their total."""
    plan, display = plan_of(facts), facts.display(AT_RISK)
    years = plan.settings.years
    return with_rounding_note(
        Statement(
            name=AT_RISK,
            title=_TITLES[AT_RISK],
            header=facts.header,
            display=display,
            columns=(
                Column("reason", "Reason"),
                *year_columns(years, display),
                Column("amount", "By the last year", display.unit_label),
            ),
            rows=tuple(_risk_rows(plan, display)),
            footnotes=version_notes(plan.version),
            row_heading="Saving",
        )
    )


def _risk_rows(plan: PlanView, display: Display) -> Iterator[Row]:
    found, years = plan.at_risk, plan.settings.years
    for each in found:
        cells = year_cells(years, each.amounts, display)
        last = amount_cell(each.amounts[-1], display)
        words = {"reason": Cell(each.reason), "amount": last}
        yield Row(each.key, each.label, "line", words | cells)
    if found:
        sums = [sum(each.amounts[place] or 0 for each in found) for place in range(len(years))]
        words = {"reason": Cell(""), "amount": amount_cell(sums[-1], display)}
        keys = tuple(each.key for each in found)
        cells = words | year_cells(years, sums, display)
        yield Row("total", "Total", "total", cells, sum_of=keys)


@registry.statement(SCENARIOS, title=_TITLES[SCENARIOS], of_year=True, after=AT_RISK)
def mtfs_scenarios(facts: YearData) -> Statement:
    """Return net budget, funding and gap of the plan and of each scenario, year by year."""
    plan, display = plan_of(facts), facts.display(SCENARIOS)
    has_any = bool(plan.version and plan.section.scenarios)
    found = plan.scenarios if has_any else []
    years = plan.settings.years
    columns = tuple(
        Column(
            _scenario_key(scenario.name, year),
            f"{scenario.name}, {financial_year_label(year)}",
            display.unit_label,
        )
        for scenario in found
        for year in years
    )
    rows = tuple(_scenario_rows(found, years, display)) if found else ()
    notes = () if found else (Footnote("", "No scenarios are stored for this year."),)
    return Statement(
        name=SCENARIOS,
        title=_TITLES[SCENARIOS],
        header=facts.header,
        display=display,
        columns=columns,
        rows=rows,
        footnotes=notes,
        row_heading="Line",
    )


def _scenario_key(name: str, year: int) -> str:
    return f"{slug_of(name)}-{financial_year_slug(year)}"


def _scenario_rows(
    scenarios: list[Scenario], years: tuple[int, ...], display: Display
) -> Iterator[Row]:
    for key, label, kind in (
        ("net", "Net budget", "line"),
        ("funding", "Funding", "line"),
        ("cumulative_gap", "Cumulative gap", "total"),
    ):
        cells = {
            _scenario_key(scenario.name, year): amount_cell(getattr(summary, key), display)
            for scenario in scenarios
            for year, summary in zip(years, scenario.summary, strict=True)
        }
        yield Row(key, label, kind, cells)
