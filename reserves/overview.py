"""Whether the council can carry its forecast: the General Fund before and after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from council_finance.charts import Chart
from council_finance.periods import CLOSE
from council_finance.statements import Display
from monitoring.reports.selectors.report_data import ReportData
from reserves import charts
from reserves.calculations import Balance, together
from reserves.selectors import balances, part_of
from reserves.settings_tables import minimum_general_fund

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


def effect_of_forecast(facts: ReportData) -> int | None:
    """What the forecast variance adds to the General Fund, in pence: an overspend is negative.

    None at the close, where it has been booked, and where nothing has been forecast.
    """
    net = facts.top["net_variance"]
    return None if net is None or facts.period.number == CLOSE else -net


@dataclass(frozen=True)
class Overview:
    """A report's reserves at a glance; amounts in pence."""

    facts: ReportData

    @cached_property
    def balances(self) -> dict[str, Balance]:
        """Every reserve's balance by its code."""
        return balances(part_of(self.facts), at_close=self.at_close)

    @property
    def at_close(self) -> bool:
        """Whether the year has ended."""
        return self.facts.period.number == CLOSE

    @property
    def minimum(self) -> int | None:
        """The level that the council holds the General Fund at, in pence; None where not set."""
        return minimum_general_fund(self.facts.settings)

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
    if overview.at_close:
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
        if not overview.at_close:
            note = "with what is budgeted and anticipated"
            yield Stat("General Fund before the forecast", words(overview.before), note)
        yield _fund(overview)
        yield _minimum(overview)
        if overview.tenths_of_years is not None:
            note = f"of an overspend of {words(-overview.effect)} a year, this year’s included"
            yield Stat("The General Fund would carry", _years(overview.tenths_of_years), note)
    if overview.of("earmarked"):
        yield _earmarked(overview)


def lasting(overview: Overview) -> str:
    """For how long the General Fund lasts if every year is forecast like this one.

    Nothing at the close, where the variance has been booked, and without a forecast.
    """
    if not overview.of("general_fund") or effect_of_forecast(overview.facts) is None:
        return ""
    tenths = overview.tenths_of_years
    if tenths is None:
        return "No overspend is forecast, so the forecast takes nothing out of the General Fund."
    if overview.before <= 0:
        return "The General Fund holds nothing that could carry the forecast overspend."
    overspend = overview.display.in_words(-overview.effect)
    text = (
        f"With an overspend of {overspend} every year, this year’s included, the General Fund "
        f"would last {_for_years(tenths)}"
    )
    if not overview.minimum:
        return f"{text}."
    if overview.before <= overview.minimum:
        return f"{text}; it is not above its minimum level as it is."
    spare = 10 * (overview.before - overview.minimum) // -overview.effect
    return f"{text}, and stay above its minimum level for {_for_years(spare)}."


def drawings(overview: Overview) -> dict[str, Chart]:
    """The charts of the overview by their names; the minimum’s where the council has set one."""
    display, place = overview.display, {"start": overview.facts.period.year.start}
    place["at_close"] = overview.at_close
    effect, found = effect_of_forecast(overview.facts), {}
    if overview.of("general_fund"):
        fund = overview.together("general_fund")
        found["fund"] = charts.general_fund(fund, effect, display, **place)
        if overview.minimum is not None:
            found["minimum"] = charts.against_minimum(
                fund.closing, effect, overview.minimum, display, at_close=overview.at_close
            )
    if overview.of("earmarked"):
        display = overview.facts.display("reserves-earmarked")
        found["earmarked"] = charts.earmarked(overview.together("earmarked"), display, **place)
    return found


def _fall(overview: Overview) -> str:
    if overview.display.rounded_pence(overview.effect) == 0:
        return "the year is forecast on budget"
    sense = _OVERSPEND if overview.effect < 0 else _UNDERSPEND
    return f"{sense} of {overview.display.in_words(abs(overview.effect))}"


def _minimum(overview: Overview) -> Stat:
    minimum, words = overview.minimum, overview.display.in_words
    if minimum is None:
        return Stat("Minimum level", "Not set", "the council’s settings name none")
    beyond = overview.after - minimum
    if beyond < 0:
        return Stat("Minimum level", words(minimum), f"{words(-beyond)} short of it", "adverse")
    return Stat("Minimum level", words(minimum), f"{words(beyond)} above it")


def headlines(overview: Overview) -> list[Stat]:
    """Three figures at most: what is left of the General Fund, its minimum, earmarked reserves."""
    found = []
    if overview.of("general_fund"):
        found.append(_fund(overview))
        if overview.minimum is not None:
            found.append(_minimum(overview))
    if overview.of("earmarked"):
        found.append(_earmarked(overview))
    return found


def _fund(overview: Overview) -> Stat:
    words = overview.display.in_words
    if overview.at_close:
        return Stat("General Fund at the close", words(overview.before))
    return Stat("General Fund after the forecast", words(overview.after), _fall(overview))


def _earmarked(overview: Overview) -> Stat:
    words, earmarked = overview.display.in_words, overview.together("earmarked")
    note = f"{words(earmarked.opening)} when the year began"
    return Stat("Earmarked reserves at year end", words(earmarked.closing), note)


def _for_years(tenths: int) -> str:
    words = _years(tenths)
    return f"{words[:1].lower()}{words[1:]}" if tenths else "less than a tenth of a year"


def _years(tenths: int) -> str:
    if tenths > 10 * _MANY_YEARS:
        return f"More than {_MANY_YEARS} years"
    number = f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)
    return f"{number} year" if tenths == 10 else f"{number} years"
