"""Signs read from the report's own figures: its course, one-off money, savings and the base."""

from collections.abc import Iterable

from council_finance.money import plain_pounds
from council_finance.periods import period_name
from council_finance.registry import Finding, SignState, find_report_figure, warning_sign
from monitoring.mitigations.calculations import ONE_OFF
from monitoring.mitigations.selectors import PartsByCode, frozen_parts, stated_parts
from monitoring.published.models import Report
from monitoring.published.report_rows import ReportRow
from monitoring.published.selectors.published_data import frozen_of
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.budget_reconciliation import reconcile
from monitoring.warning_signs.selectors import compared_report, movements_of_year, state_of
from monitoring.warning_signs.settings_tables import sign_settings


@warning_sign(
    "forecast-worse",
    title="The forecast got worse in each report of the year",
    rule="The movement of the council’s net variance, after restating the report before, is "
    "adverse in every report of the year that has one.",
)
def forecast_worse(facts: ReportData) -> Finding:
    """Judge the movements of the year's reports up to this one."""
    least = sign_settings(facts.settings).worse_reports
    display = facts.display("annex-a")
    moved = movements_of_year(facts)
    threshold = f"at least {least} reports with a movement"
    if len(moved) < least:
        missing = f"The year has {len(moved)} so far."
        return Finding(SignState.NOT_JUDGED, "Too few reports to compare.", threshold, missing)
    worse = [number for number, pence in moved.items() if pence > 0]
    listed = "; ".join(
        f"{period_name(number).lower()} {'worse' if pence > 0 else 'better'} by "
        f"{display.in_words(abs(pence))}"
        if pence
        else f"{period_name(number).lower()} unchanged"
        for number, pence in moved.items()
    )
    figure = f"{len(worse)} of {len(moved)} reports were worse than the one before: {listed}."
    return Finding(state_of(len(worse) == len(moved)), figure, threshold)


@warning_sign(
    "savings-against-headroom",
    title="Savings fall short by much of what the General Fund could absorb",
    rule="The shortfall of savings is more than a share of the General Fund headroom: its balance "
    "after the forecast, less its minimum level. Without headroom any shortfall is a sign.",
    after="forecast-worse",
)
def savings_against_headroom(facts: ReportData) -> Finding:
    """Compare the savings' shortfall with the headroom, which two apps register by name."""
    percent = sign_settings(facts.settings).savings_percent_of_headroom
    threshold = f"more than {percent}% of the headroom"
    shortfall, no_shortfall = find_report_figure("savings-shortfall", facts)
    headroom, no_headroom = find_report_figure("general-fund-headroom", facts)
    if shortfall is None or headroom is None:
        missing = " ".join(filter(None, (no_shortfall, no_headroom)))
        figure = "The two figures cannot be compared."
        return Finding(SignState.NOT_JUDGED, figure, threshold, missing)
    words = facts.display("annex-a").in_words
    shown = shortfall > 0 and shortfall * 100 > percent * max(headroom, 0)
    share = f", {shortfall * 100 // headroom}% of it" if shortfall > 0 and headroom > 0 else ""
    figure = (
        f"Savings fall short by {words(max(shortfall, 0))}{share}; the General Fund headroom is "
        f"{words(headroom)}."
    )
    return Finding(state_of(shown), figure, threshold)


@warning_sign(
    "recurring-on-one-off",
    title="More one-off money holds the forecast",
    rule="Planned use of reserves and receipts, and mitigations stated as one-off, rose since the "
    "last report. What they pay for returns next year unless it is one-off too.",
    after="savings-against-headroom",
)
def recurring_on_one_off(facts: ReportData) -> Finding:
    """Compare the one-off money in the forecast with that of the report before."""
    limit, words = sign_settings(facts.settings).one_off_money_above, facts.display("annex-a")
    threshold = f"a rise of more than {plain_pounds(limit)}"
    parts, before = stated_parts(facts), compared_report(facts)
    now = _sum_one_off_money(facts.top, parts)
    silent = [
        each for stated in parts.values() for each in stated if each.is_mitigation and each.amount
    ]
    unclear = -sum(each.amount for each in silent if not each.lasting)
    missing = (
        f"Mitigations of {words.in_words(unclear)} do not say whether they are one-off."
        if unclear
        else "No service has stated its mitigations."
        if not parts
        else ""
    )
    figure = f"The forecast holds {words.in_words(now)} of one-off money"
    if before is None:
        missing = f"This is the first report of the year. {missing}".strip()
        return Finding(SignState.NOT_JUDGED, f"{figure}.", threshold, missing)
    then = _sum_one_off_money(frozen_of(before).rows[0], frozen_parts(before))
    name = before.period.name.lower()
    figure = f"{figure}; it was {words.in_words(then)} in {name}."
    return Finding(state_of(now - then > limit), figure, threshold, missing)


def _sum_one_off_money(top: ReportRow, parts: PartsByCode) -> int:
    """Return planned use of reserves and receipts, and one-off mitigations, as positive pence."""
    mitigations = sum(
        each.amount
        for stated in parts.values()
        for each in stated
        if each.is_mitigation and each.lasting == ONE_OFF
    )
    return -(top.planned_use + mitigations)


@warning_sign(
    "base-restated",
    title="The base is restated without an explanation",
    rule="Budgets differ from the approved ones by more than virements explain. Services’ "
    "unexplained changes are added without their signs, so that they cannot cancel.",
    after="recurring-on-one-off",
)
def base_restated(facts: ReportData) -> Finding:
    """Add up the changes of services' budgets that no virement explains."""
    limit, display = (
        sign_settings(facts.settings).unexplained_budget_above,
        facts.display("annex-a"),
    )
    threshold = f"more than {plain_pounds(limit)}"
    if facts.top.original_budget is None:
        missing = "The ledger’s files have no approved budgets."
        return Finding(SignState.NOT_JUDGED, "No approved budget is known.", threshold, missing)
    figures = reconcile(facts)
    changes = [figures[node.key]["other_changes"] or 0 for node in facts.leaves]
    total, net = sum(map(abs, changes)), sum(changes)
    figure = (
        f"No virement explains changes of {display.in_words(total)} in {_count_changed(changes)}; "
        f"together they change the net budget by {display.in_words(net)}."
        if total
        else "Virements explain every change since the approved budget."
    )
    return Finding(state_of(total > limit), figure, threshold)


def _count_changed(changes: Iterable[int]) -> str:
    count = sum(change != 0 for change in changes)
    return f"{count:,} service{'' if count == 1 else 's'}"


@warning_sign(
    "debt-cost",
    title="The cost of debt takes a growing share",
    rule="The forecast cost of debt, as a share of the current net budget, is above the threshold, "
    "or is higher than in the last report of the year before by a point or more.",
    after="base-restated",
)
def debt_cost(facts: ReportData) -> Finding:
    """Judge the share of the services that the settings name as the cost of debt."""
    settings = sign_settings(facts.settings)
    threshold = f"more than {settings.debt_cost_percent}% of the net budget, or a point more"
    now = _debt_share(facts.nodes, settings.debt_cost_services)
    if now is None:
        missing = (
            "None of the services named in the settings has a forecast in this report."
            if settings.debt_cost_services
            else "The settings name no services that hold the cost of debt."
        )
        return Finding(SignState.NOT_JUDGED, "The cost of debt is not known.", threshold, missing)
    cost, budget = now
    words = facts.display("annex-a").in_words
    share = _tenths_of_percent(cost, budget)
    figure = (
        f"The cost of debt is {words(cost)} of a net budget of {words(budget)}: {share / 10:.1f}%"
    )
    before, missing = _share_last_year(facts, settings.debt_cost_services)
    risen = False
    if before is not None:
        figure += f"; it was {before / 10:.1f}% in the last report of the year before"
        risen = share - before >= 10
    shown = cost * 100 > settings.debt_cost_percent * budget or risen
    return Finding(state_of(shown), f"{figure}.", threshold, missing)


def _debt_share(nodes: Iterable[ReportRow], codes: tuple[str, ...]) -> tuple[int, int] | None:
    """Return the forecast cost of debt and the net budget in pence; None where one is not known."""
    rows = {node.key: node for node in nodes}
    top = next(iter(rows.values()), None)
    costs = [rows[code].forecast for code in codes if code in rows]
    given = [cost for cost in costs if cost is not None]
    if not given or top is None or top.budget <= 0:
        return None
    return sum(given), top.budget


def _tenths_of_percent(cost: int, budget: int) -> int:
    return round(cost * 1000 / budget)


def _share_last_year(facts: ReportData, codes: tuple[str, ...]) -> tuple[int | None, str]:
    """Return the share in the year before in tenths of a percent, and what is missing for it."""
    reports = Report.objects.filter(period__year__start=facts.period.year.start - 1)
    last = reports.order_by("-period__number", "-version").first()
    share = _debt_share(frozen_of(last).rows, codes) if last else None
    if share is None:
        return None, "The year before has no report with these services, so a rise is not judged."
    return _tenths_of_percent(*share), ""
