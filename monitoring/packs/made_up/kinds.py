"""The kinds of service: their budget lines, when they spend, and where they go over or under."""

from collections.abc import Mapping
from dataclasses import dataclass

Months = tuple[float, ...]


def _monthly_shares(*weights: float) -> Months:
    """Return twelve monthly shares that add up to 1."""
    return tuple(weight / sum(weights) for weight in weights)


FLAT = _monthly_shares(*[1] * 12)
LATE = _monthly_shares(0.3, 0.8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1.9)
SCHOOL_DAYS = _monthly_shares(0.7, 1.1, 1.2, 0.9, 0.1, 1.1, 1.2, 1.2, 0.9, 1.1, 0.9, 1.6)
WINTER = _monthly_shares(0.3, 0.1, 0.1, 0.1, 0.1, 0.2, 0.5, 1.5, 2.6, 3.1, 2.4, 1.0)
SUMMER = _monthly_shares(1, 1.3, 1.4, 1.6, 1.7, 1.2, 0.8, 0.6, 0.6, 0.5, 0.6, 0.7)
HEATING = _monthly_shares(1.1, 0.7, 0.5, 0.4, 0.4, 0.5, 0.8, 1.2, 1.6, 1.8, 1.7, 1.3)
QUARTERS = _monthly_shares(1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0)
HALF_YEARS = _monthly_shares(0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1)


@dataclass(frozen=True)
class LineKind:
    """A budget line of a kind of service.

    `share` is its part of the service's net budget; income is negative. `over` and `under` are the
    parts of an overspend and of an underspend that fall on it.
    """

    account: str
    description: str
    share: float
    over: float = 0
    under: float = 0
    months: Months = FLAT


@dataclass(frozen=True)
class ServiceKind:
    """A kind of service: its lines, and how its forecast comes to its outturn.

    `shape` is the part of the outturn's variance that is forecast in months 1 to 12.
    """

    lines: tuple[LineKind, ...]
    shape: Months


_GROWS = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1.0, 1.1, 1.15, 1.12, 1.06, 1.02)
_KNOWN = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
_EMERGES = (0, 0, 0.05, 0.1, 0.3, 0.5, 0.6, 0.75, 0.85, 0.95, 1.0, 1.0)
_FALLS_BACK = (0.4, 0.8, 1.2, 1.4, 1.5, 1.5, 1.4, 1.3, 1.2, 1.1, 1.05, 1.0)

KINDS: Mapping[str, ServiceKind] = {
    "care": ServiceKind(
        (
            LineKind("51100", "Care packages and placements", 1.16, 0.85, 0.9),
            LineKind("51300", "Direct payments", 0.12, 0.05),
            LineKind("10100", "Salaries", 0.05),
            LineKind("40100", "Supplies and services", 0.01),
            LineKind("40700", "Equipment", 0.01),
            LineKind("91200", "Contributions from people who receive care", -0.22, 0.05, 0.1),
            LineKind("92100", "Contributions from the health service", -0.13, 0.05),
        ),
        _GROWS,
    ),
    "placement": ServiceKind(
        (
            LineKind("52100", "Placements", 0.84, 0.9, 0.9),
            LineKind("52300", "Allowances", 0.14, 0.1, 0.1),
            LineKind("10100", "Salaries", 0.06),
            LineKind("30200", "Travel", 0.01),
            LineKind("40100", "Supplies and services", 0.02),
            LineKind("92100", "Contributions from health and education", -0.07),
        ),
        _GROWS,
    ),
    "lodging": ServiceKind(
        (
            LineKind("52500", "Nightly charges and leases", 1.25, 1, 0.9),
            LineKind("10100", "Salaries", 0.05),
            LineKind("20100", "Repairs", 0.08),
            LineKind("40100", "Supplies and services", 0.02),
            LineKind("91600", "Rents and housing benefit", -0.4, 0, 0.1),
        ),
        _GROWS,
    ),
    "transport": ServiceKind(
        (
            LineKind("31100", "Taxis and minibuses under contract", 0.8, 0.9, 0.8, SCHOOL_DAYS),
            LineKind("31200", "Buses under contract", 0.13, 0, 0.2, SCHOOL_DAYS),
            LineKind("10300", "Passenger assistants", 0.07, 0.1, 0, SCHOOL_DAYS),
            LineKind("31400", "Personal travel budgets", 0.03, 0, 0, SCHOOL_DAYS),
            LineKind("91300", "Contributions from parents", -0.03, 0, 0, QUARTERS),
        ),
        _EMERGES,
    ),
    "team": ServiceKind(
        (
            LineKind("10100", "Salaries", 0.87, -0.5, 1.5),
            LineKind("10200", "Agency staff", 0.03, 1.5, -0.5),
            LineKind("10600", "Training", 0.01),
            LineKind("30200", "Travel", 0.02),
            LineKind("40100", "Supplies and services", 0.05, 0, 0, LATE),
            LineKind("40300", "Telephones and licences", 0.02, 0, 0, QUARTERS),
            LineKind("92500", "Recharges to other bodies", -0.02, 0, 0, QUARTERS),
            LineKind("10700", "Recruitment", 0.02),
        ),
        _KNOWN,
    ),
    "contract": ServiceKind(
        (
            LineKind("50100", "Payments to contractors", 0.84, 1, 1, LATE),
            LineKind("10100", "Salaries", 0.14),
            LineKind("40100", "Supplies and services", 0.06),
            LineKind("40500", "Materials", 0.05),
            LineKind("30100", "Vehicles and fuel", 0.03),
            LineKind("91100", "Fees and charges", -0.08),
            LineKind("92300", "Other grants and contributions", -0.04, 0, 0, QUARTERS),
        ),
        _EMERGES,
    ),
    "winter": ServiceKind(
        (
            LineKind("50100", "Gritting and snow clearance", 0.62, 0.8, 1, WINTER),
            LineKind("40500", "Salt", 0.2, 0.2, 0, WINTER),
            LineKind("10100", "Salaries", 0.12),
            LineKind("30100", "Vehicles and fuel", 0.06, 0, 0, WINTER),
        ),
        (0, 0, 0, 0, 0, 0, 0.1, 0.3, 0.6, 1.1, 1.1, 1.0),
    ),
    "energy": ServiceKind(
        (
            LineKind("20200", "Electricity", 0.6, 0.6, 0.6, HEATING),
            LineKind("20300", "Gas", 0.35, 0.4, 0.4, HEATING),
            LineKind("20400", "Water", 0.05, 0, 0, QUARTERS),
        ),
        _FALLS_BACK,
    ),
    "venue": ServiceKind(
        (
            LineKind("10100", "Salaries", 0.84, 0.2, 1),
            LineKind("10200", "Agency staff", 0.03, 0.2),
            LineKind("20100", "Repairs", 0.07),
            LineKind("20200", "Energy", 0.13, 0.4, 0, HEATING),
            LineKind("20500", "Rates and insurance", 0.08, 0, 0, QUARTERS),
            LineKind("40100", "Supplies and services", 0.1, 0, 0, LATE),
            LineKind("91100", "Fees and charges", -0.22, 0.2, 0, SUMMER),
            LineKind("91400", "Hire of rooms", -0.03),
        ),
        _FALLS_BACK,
    ),
    "trading": ServiceKind(
        (
            LineKind("10100", "Salaries", 0.5, 0, 0.2),
            LineKind("20100", "Repairs", 0.12, 0.1),
            LineKind("40100", "Supplies and services", 0.12),
            LineKind("50100", "Payments to contractors", 0.16, 0.1),
            LineKind("40600", "Bank and card charges", 0.02),
            LineKind("91100", "Fees and charges", -1.72, 0.8, 0.8, SUMMER),
            LineKind("91500", "Rents and licences", -0.2, 0, 0, QUARTERS),
        ),
        _EMERGES,
    ),
    "grant": ServiceKind(
        (LineKind("93100", "Government grant", -1, 1, 1, QUARTERS),),
        _KNOWN,
    ),
    "single": ServiceKind(
        (LineKind("60100", "Payments", 1, 1, 1, HALF_YEARS),),
        _FALLS_BACK,
    ),
    "financing": ServiceKind(
        (
            LineKind("70100", "Interest on borrowing", 0.52, 0.5, 1, HALF_YEARS),
            LineKind("70200", "Minimum revenue provision", 0.5, 0.5, 0, HALF_YEARS),
            LineKind("91900", "Interest from other bodies", -0.02, 0, 0, QUARTERS),
        ),
        _KNOWN,
    ),
    "reserve": ServiceKind(
        (LineKind("79000", "Held for allocation", 1, 1, 1, HALF_YEARS),),
        (0, 0, 0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.0, 1.0),
    ),
}
"""Shares of a service with a net income budget are of the budget's size: they add up to -1 there.

For the other kinds they add up to 1.
"""
