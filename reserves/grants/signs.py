"""The warning sign of a deficit on a ring-fenced grant, such as the Dedicated Schools Grant."""

from dataclasses import dataclass

from council_finance.registry import Finding, SignState, warning_sign
from monitoring.reports.selectors.report_data import ReportData
from reserves.grants.report_rows import REVENUE
from reserves.grants.report_section import section_of as grants_of
from reserves.overview import ReservesOverview
from reserves.report_rows import GENERAL_FUND
from reserves.report_section import section_of as reserves_of
from reserves.sign_settings import reserve_signs


@dataclass(frozen=True)
class DeficitBalance:
    """A grant or a reserve with its balance at the start and the end of the year, in pence."""

    name: str
    opening: int
    closing: int


@warning_sign(
    "dsg-deficit",
    title="The deficit on a ring-fenced grant grows beside a thin General Fund",
    rule="Ring-fenced revenue grants in deficit, such as the Dedicated Schools Grant, or the "
    "reserves and grants that the settings name for it, end the year in a deeper deficit than they "
    "began it, and it is more than a share of the General Fund after the forecast.",
    after="reserves-falling",
)
def dsg_deficit(facts: ReportData) -> Finding:
    """Judge the deficit balances against the General Fund after the forecast."""
    settings = reserve_signs(facts.settings)
    percent = settings.dsg_percent_of_general_fund
    threshold = f"more than {percent}% of the General Fund"
    overview = ReservesOverview(facts)
    found = _find_balances(facts, overview, settings.dsg_balances)
    if missing := _describe_missing(overview, found, settings.dsg_balances):
        figure = "The balance of ring-fenced grants is not known."
        return Finding(SignState.NOT_JUDGED, figure, threshold, missing)
    words, fund = overview.display.in_words, overview.after
    opening = sum(each.opening for each in found)
    closing = sum(each.closing for each in found)
    steps = "; ".join(
        f"{each.name}: {words(each.opening)} at the start, {words(each.closing)} at the end"
        for each in found
    )
    figure = (
        f"{steps or 'No ring-fenced grant is in deficit'}. The General Fund after the forecast is "
        f"{words(fund)}."
    )
    shown = closing < min(opening, 0) and -closing * 100 > percent * max(fund, 0)
    return Finding(SignState.SHOWN if shown else SignState.NOT_SHOWN, figure, threshold)


def _find_balances(
    facts: ReportData, overview: ReservesOverview, codes: tuple[str, ...]
) -> list[DeficitBalance]:
    """Return the grants and reserves of these codes; without codes the ring-fenced in deficit."""
    grants = [
        DeficitBalance(grant.name, grant.opening or 0, grant.carried_forward)
        for grant in grants_of(facts).of_kind(REVENUE)
        if grant.carried_forward is not None
        and (grant.reference in codes if codes else grant.ring_fenced and grant.carried_forward < 0)
    ]
    reserves = [
        DeficitBalance(each.name, each.opening, overview.balances[each.code].closing)
        for each in reserves_of(facts).reserves
        if each.code in codes
    ]
    return [*grants, *reserves]


def _describe_missing(
    overview: ReservesOverview, found: list[DeficitBalance], codes: tuple[str, ...]
) -> str:
    """Return what is missing to judge the sign; "" where nothing is."""
    if codes and not found:
        return "The report has no balance of the grants and reserves that the settings name."
    if not overview.of_kinds(GENERAL_FUND):
        return "There is no General Fund to compare it with."
    has_grants = any(each.carried_forward is not None for each in grants_of(overview.facts).grants)
    if not codes and not has_grants:
        return "No grant has a balance, and the settings name no grant or reserve."
    return ""
