"""What holds for every saving, whether a file brought it or a person typed it. Pure.

Amounts are whole pence and positive; None is not given. Rules: "Savings" of the domain page.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from council_finance.money import plain_pounds
from council_finance.statuses import NOT_REPORTED, savings_status
from monitoring.council_settings import CouncilSettings

UP, SAME, DOWN = "up", "same", "down"


@dataclass(frozen=True)
class Status:
    """A saving's status; `derived` is the one that was overridden, nothing where none was."""

    word: str
    derived: str = ""


def statuses(settings: CouncilSettings) -> tuple[str, ...]:
    """The words of the council's scheme in its order; none where it has no scheme."""
    by_rules = dict.fromkeys(rule.status for rule in settings.savings_rules)
    return settings.savings_declared or tuple(by_rules)


def known_status(settings: CouncilSettings, text: str) -> str | None:
    """A status as the scheme spells it, written in any case; None where the scheme has none so."""
    words = {word.casefold(): word for word in statuses(settings)}
    return words.get(text.strip().casefold())


def status_of(
    settings: CouncilSettings,
    agreed: int,
    forecast: int | None,
    *,
    declared: str = "",
    override: str = "",
) -> Status:
    """The status that a saving has under the council's scheme; none without a scheme.

    Without a forecast a derived status is Not reported, whatever was overridden.
    """
    if settings.savings_declared:
        return Status(declared or NOT_REPORTED)
    if not settings.savings_rules:
        return Status("")
    derived = savings_status(settings.savings_rules, agreed, forecast)
    if override and override != derived and forecast is not None:
        return Status(override, derived)
    return Status(derived)


def direction_of(
    settings: CouncilSettings, given: str, now: Mapping, before: Mapping | None
) -> str:
    """Where a saving is going: as given, else against the previous report; "" where unknown.

    `now` and `before` have `status` and `forecast`. Declared statuses stand from the worst to the
    best; where the status did not change, or is derived, the forecast tells.
    """
    if given or before is None:
        return given
    ranks = {word: place for place, word in enumerate(settings.savings_declared)}
    places = [ranks.get(each["status"]) for each in (before, now)]
    if None not in places and places[0] != places[1]:
        return _compared(*places)
    if before["forecast"] is not None and now["forecast"] is not None:
        return _compared(before["forecast"], now["forecast"])
    return SAME if None not in places else ""


def _compared(before: int, now: int) -> str:
    return SAME if now == before else UP if now > before else DOWN


def agreed_fault(pence: int) -> str:
    """What is wrong with an agreed saving; nothing where it is positive."""
    return "" if pence > 0 else "the agreed saving is positive"


def investment_fault(pence: int) -> str:
    """What is wrong with an investment; nothing where it is nil or positive."""
    return "" if pence >= 0 else "an investment is nil or positive"


def declared_fault(settings: CouncilSettings, text: str) -> str:
    """What is wrong with a status that was given; nothing where the scheme has it, or none is."""
    if not text or known_status(settings, text):
        return ""
    if not statuses(settings):
        return "the council’s settings have no status scheme for savings"
    return f"one of {', '.join(statuses(settings))} was expected"


def phasing_note(forecast: int | None, quarters: list[int | None]) -> str:
    """That the quarters do not add up to the forecast; nothing where they do, or are not given."""
    if forecast is None or None in quarters or sum(quarters) == forecast:
        return ""
    return (
        f"its quarters add up to {plain_pounds(sum(quarters))}, its forecast is "
        f"{plain_pounds(forecast)}"
    )
