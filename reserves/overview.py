"""Whether reserves can absorb the forecast: the General Fund before and after it, and others."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from council_finance.charts import Chart
from council_finance.key_figures import KeyFigure
from council_finance.periods import CLOSE
from council_finance.statements import Display
from monitoring.reports.selectors.report_data import ReportData
from reserves import charts
from reserves.calculations import Balance, add_balances
from reserves.report_rows import CAPITAL, EARMARKED, GENERAL_FUND, ReserveRow
from reserves.report_section import balances, section_of
from reserves.settings_tables import minimum_general_fund

_MANY_YEARS = 20
_OVERSPEND, _UNDERSPEND = "overspend", "underspend"


def effect_of_forecast(facts: ReportData) -> int | None:
    """Return what the forecast variance adds to the General Fund, in pence.

    An overspend is negative. None at the close, where the variance has been booked, and where
    nothing has been forecast.
    """
    net = facts.top.net_variance
    return None if net is None or facts.period.number == CLOSE else -net


@dataclass(frozen=True)
class ReservesOverview:
    """A report's reserves in brief; amounts in pence."""

    facts: ReportData

    @cached_property
    def balances(self) -> dict[str, Balance]:
        """The balance of each reserve by its code."""
        section = section_of(self.facts)
        return balances(section.reserves, section.movements, at_close=self.at_close)

    @property
    def at_close(self) -> bool:
        """Return whether the year has ended."""
        return self.facts.period.number == CLOSE

    @property
    def minimum(self) -> int | None:
        """The minimum level of the General Fund; None where the council has not set one."""
        return minimum_general_fund(self.facts.settings)

    @cached_property
    def display(self) -> Display:
        """The display of the General Fund's statement."""
        return self.facts.display("reserves-general-fund")

    def of_kinds(self, *kinds: str) -> list[ReserveRow]:
        """Return the reserves of these kinds."""
        return section_of(self.facts).of_kinds(*kinds)

    def total_of(self, *kinds: str) -> Balance:
        """Return the balance of all reserves of these kinds together."""
        return add_balances(self.balances[each.code] for each in self.of_kinds(*kinds))

    @cached_property
    def before(self) -> int:
        """The closing balance of the General Fund before the forecast variance."""
        return self.total_of(GENERAL_FUND).closing

    @cached_property
    def effect(self) -> int:
        """The forecast variance's effect on it; nil at the close and without a forecast."""
        return effect_of_forecast(self.facts) or 0

    @property
    def after(self) -> int:
        """The closing balance of the General Fund after the forecast variance."""
        return self.before + self.effect

    @property
    def tenths_of_years(self) -> int | None:
        """The years, in tenths, that the General Fund lasts at this overspend; None without one."""
        if self.display.rounded_pence(self.effect) >= 0:
            return None
        return max(0, 10 * self.before // -self.effect)

    @property
    def deficits(self) -> list[tuple[ReserveRow, int]]:
        """The reserves that close below nil, with their closing balances."""
        found = ((each, self.balances[each.code].closing) for each in self.of_kinds(*_KINDS))
        return [(each, closing) for each, closing in found if closing < 0]


_KINDS = (GENERAL_FUND, EARMARKED, CAPITAL)


def summary_sentence(overview: ReservesOverview) -> str:
    """Return the position of the General Fund in a sentence."""
    if not overview.of_kinds(GENERAL_FUND):
        return "No General Fund has been brought in."
    words, effect = overview.display.in_words, overview.effect
    end = f"31 March {overview.facts.period.year.start + 1}"
    if overview.at_close:
        return f"The General Fund closes the year at {words(overview.before)}."
    start = f"The General Fund is expected to hold {words(overview.before)} on {end}"
    if overview.facts.top.net_variance is None:
        return f"{start}. Nothing has been forecast yet."
    if overview.display.rounded_pence(effect) == 0:
        return f"{start}; the year is forecast on budget."
    sense = _OVERSPEND if effect < 0 else _UNDERSPEND
    return (
        f"{start}, and {words(overview.after)} after the forecast {sense} of {words(abs(effect))}."
    )


def key_figures(overview: ReservesOverview) -> list[KeyFigure]:
    """Return the key figures of the page of reserves."""
    return list(_list_key_figures(overview)) if overview.of_kinds(*_KINDS) else []


def _list_key_figures(overview: ReservesOverview) -> Iterator[KeyFigure]:
    words = overview.display.in_words
    if overview.of_kinds(GENERAL_FUND):
        if not overview.at_close:
            yield KeyFigure(
                "General Fund before the forecast",
                words(overview.before),
                note="with what is budgeted and anticipated",
            )
        yield general_fund_figure(overview)
        yield minimum_figure(overview)
        if overview.tenths_of_years is not None:
            overspend = words(-overview.effect)
            yield KeyFigure(
                "The General Fund would carry",
                _years_text(overview.tenths_of_years),
                note=f"of an overspend of {overspend} a year, this year’s included",
            )
    if overview.of_kinds(EARMARKED):
        yield _earmarked_figure(overview)


def how_long_it_lasts(overview: ReservesOverview) -> str:
    """Return how long the General Fund lasts if every year is forecast like this one.

    "" at the close, where the variance has been booked, and without a forecast.
    """
    if not overview.of_kinds(GENERAL_FUND) or effect_of_forecast(overview.facts) is None:
        return ""
    tenths = overview.tenths_of_years
    if tenths is None:
        return "No overspend is forecast, so the forecast takes nothing out of the General Fund."
    if overview.before <= 0:
        return "The General Fund holds nothing that could carry the forecast overspend."
    overspend = overview.display.in_words(-overview.effect)
    text = (
        f"With an overspend of {overspend} every year, this year’s included, the General Fund "
        f"would last {_duration_text(tenths)}"
    )
    if not overview.minimum:
        return f"{text}."
    if overview.before <= overview.minimum:
        return f"{text}; it is not above its minimum level as it is."
    spare = 10 * (overview.before - overview.minimum) // -overview.effect
    return f"{text}, and stay above its minimum level for {_duration_text(spare)}."


def reserves_charts(overview: ReservesOverview) -> dict[str, Chart]:
    """Return the charts of the overview by name; `minimum` only where the council has set one."""
    display, start, at_close = overview.display, overview.facts.period.year.start, overview.at_close
    effect = effect_of_forecast(overview.facts)
    found: dict[str, Chart] = {}
    if overview.of_kinds(GENERAL_FUND):
        fund = overview.total_of(GENERAL_FUND)
        found["fund"] = charts.general_fund(fund, effect, display, start=start, at_close=at_close)
        if overview.minimum is not None:
            found["minimum"] = charts.against_minimum(
                fund.closing, effect, overview.minimum, display, at_close=at_close
            )
    if overview.of_kinds(EARMARKED):
        found["earmarked"] = charts.earmarked(
            overview.total_of(EARMARKED),
            overview.facts.display("reserves-earmarked"),
            start=start,
            at_close=at_close,
        )
    return found


def headline_figures(overview: ReservesOverview) -> list[KeyFigure]:
    """Return up to three figures: the General Fund, its minimum level, and earmarked reserves."""
    found = []
    if overview.of_kinds(GENERAL_FUND):
        found.append(general_fund_figure(overview))
        if overview.minimum is not None:
            found.append(minimum_figure(overview))
    if overview.of_kinds(EARMARKED):
        found.append(_earmarked_figure(overview))
    return found


def general_fund_figure(overview: ReservesOverview) -> KeyFigure:
    """Return the General Fund after the forecast, at the close as it ends the year."""
    words = overview.display.in_words
    if overview.at_close:
        return KeyFigure("General Fund at the close", words(overview.before))
    label = "General Fund after the forecast"
    return KeyFigure(label, words(overview.after), note=_forecast_text(overview))


def _forecast_text(overview: ReservesOverview) -> str:
    if overview.display.rounded_pence(overview.effect) == 0:
        return "the year is forecast on budget"
    sense = _OVERSPEND if overview.effect < 0 else _UNDERSPEND
    return f"{sense} of {overview.display.in_words(abs(overview.effect))}"


def minimum_figure(overview: ReservesOverview) -> KeyFigure:
    """Return the minimum level, and how far the General Fund is above it or short of it."""
    label, minimum, words = "Minimum level", overview.minimum, overview.display.in_words
    if minimum is None:
        return KeyFigure(label, "Not set", note="the council’s settings name none")
    beyond = overview.after - minimum
    if beyond < 0:
        note = f"{words(-beyond)} short of it"
        return KeyFigure(label, words(minimum), sense="adverse", note=note)
    return KeyFigure(label, words(minimum), note=f"{words(beyond)} above it")


def _earmarked_figure(overview: ReservesOverview) -> KeyFigure:
    words, earmarked = overview.display.in_words, overview.total_of(EARMARKED)
    note = f"{words(earmarked.opening)} when the year began"
    return KeyFigure("Earmarked reserves at year end", words(earmarked.closing), note=note)


def _duration_text(tenths: int) -> str:
    words = _years_text(tenths)
    return f"{words[:1].lower()}{words[1:]}" if tenths else "less than a tenth of a year"


def _years_text(tenths: int) -> str:
    if tenths > 10 * _MANY_YEARS:
        return f"More than {_MANY_YEARS} years"
    number = f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)
    return f"{number} year" if tenths == 10 else f"{number} years"
