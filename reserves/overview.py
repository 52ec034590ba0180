"""Whether the council can carry its forecast: the General Fund before and after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from council_finance.periods import CLOSE
from council_finance.statements import Display
from monitoring.selectors.facts import ReportFacts
from reserves.calculations import Balance, together
from reserves.selectors import balances, part_of

_MANY_YEARS = 20
_OVERSPEND, _UNDERSPEND = "overspend", "underspend"


@dataclass(frozen=True)
class Stat:
    """A key figure as components/stats.html draws it."""

    label: str
    value: str
    note: str = ""
    sense: str = ""
    word: str = ""


def effect_of_forecast(facts: ReportFacts) -> int | None:
    """What the forecast variance adds to the General Fund, in pence: an overspend is negative.

    None at the close, where it has been booked, and where nothing has been forecast.
    """
    net = facts.top["net_variance"]
    return None if net is None or facts.period.number == CLOSE else -net


@dataclass(frozen=True)
class Overview:
    """A report's reserves at a glance; amounts in pence."""

    facts: ReportFacts

    @cached_property
    def balances(self) -> dict[str, Balance]:
        """Every reserve's balance by its code."""
        return balances(part_of(self.facts), at_close=self.facts.period.number == CLOSE)

    @cached_property
    def display(self) -> Display:
        """How the General Fund's statement prints."""
        return self.facts.display("reserves-general-fund")

    def of(self, *kinds: str) -> list[dict]:
        """The reserves of these kinds."""
        return [each for each in part_of(self.facts)["reserves"] if each["kind"] in kinds]

    def together(self, *kinds: str) -> Balance:
        """All reserves of these kinds as one."""
        return together(self.balances[each["code"]] for each in self.of(*kinds))

    @cached_property
    def before(self) -> int:
        """What the General Fund closes at by what is budgeted and anticipated, or was booked."""
        return self.together("general_fund").closing

    @cached_property
    def effect(self) -> int:
        """What the forecast variance adds to it; nil at the close and without a forecast."""
        return effect_of_forecast(self.facts) or 0

    @property
    def after(self) -> int:
        """What the General Fund closes at after the forecast."""
        return self.before + self.effect

    @property
    def tenths_of_years(self) -> int | None:
        """How many tenths of years the General Fund carries such an overspend; None without one."""
        if self.display.rounded_pence(self.effect) >= 0:
            return None
        return max(0, 10 * self.before // -self.effect)

    @property
    def deficits(self) -> list[tuple[dict, int]]:
        """Reserves that close below nil, and at what."""
        found = ((each, self.balances[each["code"]].closing) for each in self.of(*_KINDS))
        return [(each, closing) for each, closing in found if closing < 0]


_KINDS = ("general_fund", "earmarked", "capital")


def sentence(overview: Overview) -> str:
    """The General Fund in a sentence."""
    if not overview.of("general_fund"):
        return "No General Fund has been brought in."
    words, effect = overview.display.in_words, overview.effect
    end = f"31 March {overview.facts.period.year.start + 1}"
    if overview.facts.period.number == CLOSE:
        return f"The General Fund closes the year at {words(overview.before)}."
    start = f"The General Fund is expected to hold {words(overview.before)} on {end}"
    if overview.facts.top["net_variance"] is None:
        return f"{start}. Nothing has been forecast yet."
    if overview.display.rounded_pence(effect) == 0:
        return f"{start}; the year is forecast on budget."
    sense = _OVERSPEND if effect < 0 else _UNDERSPEND
    return (
        f"{start}, and {words(overview.after)} after the forecast {sense} of {words(abs(effect))}."
    )


def stats(overview: Overview) -> list[Stat]:
    """The figures under the sentence."""
    return list(_stats(overview)) if overview.of(*_KINDS) else []


def _stats(overview: Overview) -> Iterator[Stat]:
    words = overview.display.in_words
    if overview.of("general_fund"):
        if overview.facts.period.number == CLOSE:
            yield Stat("General Fund at the close", words(overview.before))
        else:
            note = "with what is budgeted and anticipated"
            yield Stat("General Fund before the forecast", words(overview.before), note)
            yield Stat("General Fund after the forecast", words(overview.after), _fall(overview))
        yield _minimum(overview)
        if overview.tenths_of_years is not None:
            note = f"of an overspend of {words(-overview.effect)} a year"
            yield Stat("The General Fund would carry", _years(overview.tenths_of_years), note)
    if overview.of("earmarked"):
        earmarked = overview.together("earmarked")
        note = f"{words(earmarked.opening)} when the year began"
        yield Stat("Earmarked reserves at year end", words(earmarked.closing), note)


def _fall(overview: Overview) -> str:
    if overview.display.rounded_pence(overview.effect) == 0:
        return "the year is forecast on budget"
    sense = _OVERSPEND if overview.effect < 0 else _UNDERSPEND
    return f"{sense} of {overview.display.in_words(abs(overview.effect))}"


def _minimum(overview: Overview) -> Stat:
    minimum, words = overview.facts.settings.minimum_general_fund_pence, overview.display.in_words
    if minimum is None:
        return Stat("Minimum level", "Not set", "the council’s settings name none")
    beyond = overview.after - minimum
    if beyond < 0:
        return Stat("Minimum level", words(minimum), f"{words(-beyond)} short of it", "adverse")
    return Stat("Minimum level", words(minimum), f"{words(beyond)} above it")


def _years(tenths: int) -> str:
    if tenths > 10 * _MANY_YEARS:
        return f"More than {_MANY_YEARS} years"
    number = f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)
    return f"{number} year" if tenths == 10 else f"{number} years"
