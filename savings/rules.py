"""Rules that hold for every saving, whether a file brought it or a person typed it. Pure.

Amounts are whole pence and positive; None is not given. Source: "Savings" in docs/rules.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from council_finance.money import plain_pounds
from council_finance.statuses import NOT_REPORTED
from monitoring.structure.council_settings import CouncilSettings
from savings.scheme import savings_status
from savings.settings_tables import savings_scheme

UP, SAME, DOWN = "up", "same", "down"


@dataclass(frozen=True)
class SavingStatus:
    """A saving's status; `derived` is the one that was overridden, "" where none was."""

    word: str
    derived: str = ""


@dataclass(frozen=True)
class Outlook:
    """A saving's status and forecast in one report."""

    status: str
    forecast: int | None


def statuses(settings: CouncilSettings) -> tuple[str, ...]:
    """Return the statuses of the council's scheme in its order; none without a scheme."""
    by_rules = dict.fromkeys(rule.status for rule in savings_scheme(settings).rules)
    return savings_scheme(settings).declared or tuple(by_rules)


def known_status(settings: CouncilSettings, text: str) -> str | None:
    """Return a status as the scheme spells it, whatever its case; None where it has none such."""
    words = {word.casefold(): word for word in statuses(settings)}
    return words.get(text.strip().casefold())


def status_of(
    settings: CouncilSettings,
    agreed: int,
    forecast: int | None,
    *,
    declared: str = "",
    override: str = "",
) -> SavingStatus:
    """Return a saving's status under the council's scheme; an empty one without a scheme.

    Without a forecast a derived status is Not reported, even where it was overridden.
    """
    if savings_scheme(settings).declared:
        return SavingStatus(declared or NOT_REPORTED)
    if not savings_scheme(settings).rules:
        return SavingStatus("")
    derived = savings_status(savings_scheme(settings).rules, agreed, forecast)
    if override and override != derived and forecast is not None:
        return SavingStatus(override, derived)
    return SavingStatus(derived)


def direction_of(
    settings: CouncilSettings, given: str, now: Outlook, before: Outlook | None
) -> str:
    """Return the direction of travel: as given, else against the previous report; "" if unknown.

    Declared statuses are listed from the worst to the best and are compared first. Where the
    status did not change, or is derived, the forecasts are compared.
    """
    if given or before is None:
        return given
    ranks = {word: rank for rank, word in enumerate(savings_scheme(settings).declared)}
    rank_before, rank_now = ranks.get(before.status), ranks.get(now.status)
    ranked = rank_before is not None and rank_now is not None
    if rank_before is not None and rank_now is not None and rank_before != rank_now:
        return _compare_figures(rank_before, rank_now)
    if before.forecast is not None and now.forecast is not None:
        return _compare_figures(before.forecast, now.forecast)
    return SAME if ranked else ""


def _compare_figures(before: int, now: int) -> str:
    return SAME if now == before else UP if now > before else DOWN


def agreed_fault(pence: int) -> str:
    """Return the fault of an agreed saving that is not positive; "" where there is none."""
    return "" if pence > 0 else "the agreed saving is positive"


def investment_fault(pence: int) -> str:
    """Return the fault of a negative investment; "" where there is none."""
    return "" if pence >= 0 else "an investment is nil or positive"


def declared_fault(settings: CouncilSettings, text: str) -> str:
    """Return the fault of a status that the scheme does not have; "" where there is none."""
    if not text or known_status(settings, text):
        return ""
    if not statuses(settings):
        return "the council’s settings have no status scheme for savings"
    return f"one of {', '.join(statuses(settings))} was expected"


def phasing_note(forecast: int | None, quarters: Sequence[int | None]) -> str:
    """Return a note where the quarters do not add up to the forecast.

    "" where they do, or where the forecast or a quarter is not given.
    """
    given = [pence for pence in quarters if pence is not None]
    if forecast is None or len(given) < len(quarters) or sum(given) == forecast:
        return ""
    return (
        f"its quarters add up to {plain_pounds(sum(given))}, its forecast is "
        f"{plain_pounds(forecast)}"
    )
