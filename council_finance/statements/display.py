"""A council's choices of print: unit, sign of a favourable figure, decimals. Pure."""

from dataclasses import dataclass

from council_finance.money import plain_pounds, round_half_away

UNIT_LABELS = {"m": "£m", "k": "£000", "pounds": "£"}
PENCE_PER_UNIT = {"m": 100_000_000, "k": 100_000, "pounds": 100}
DECIMALS = {"m": 3, "k": 0, "pounds": 0}
"""The decimals of a unit where the council gives none."""
MOST_DECIMALS = {"m": 8, "k": 5, "pounds": 2}
"""The decimals of a unit down to the penny."""
_SUFFIXES = {"m": "m", "k": "k", "pounds": ""}

NOT_GIVEN = "\N{EN DASH}"


@dataclass(frozen=True)
class Display:
    """A council's choices of how figures print, for all statements or for one of them."""

    unit: str = "k"
    favourable: str = "minus"
    percent_decimals: int = 1
    percent_of_nil_budget: str = NOT_GIVEN
    unit_decimals: int | None = None

    @property
    def decimals(self) -> int:
        """Return the number of decimals with which amounts print."""
        return DECIMALS[self.unit] if self.unit_decimals is None else self.unit_decimals

    @property
    def pence_per_step(self) -> int:
        """Return the pence of the last printed digit: £1,000 for £m with three decimals."""
        return int(PENCE_PER_UNIT[self.unit] // 10**self.decimals)

    @property
    def unit_label(self) -> str:
        """Return the unit in a column's heading: `£m`, `£000` or `£`."""
        return UNIT_LABELS[self.unit]

    def amount(self, pence: int) -> str:
        """Return an amount as printed: rounded once, half away from zero, nil without a sign."""
        steps = round_half_away(pence, self.pence_per_step)
        return self._add_sign(_decimal_text(abs(steps), self.decimals), steps)

    def in_words(self, pence: int) -> str:
        """Return an amount for a sentence, in the council's unit: `£0.497m`, `-£498k`, `£1,234`."""
        magnitude = self.amount(abs(pence))
        sign = "-" if pence < 0 and self.rounded_pence(pence) else ""
        return f"{sign}£{magnitude}{_SUFFIXES[self.unit]}"

    def variance_in_words(self, pence: int) -> str:
        """Return a variance for a sentence: `an overspend of £498k`, or `a nil variance`."""
        if self.rounded_pence(pence) == 0:
            return "a nil variance"
        sense = "an overspend" if pence > 0 else "an underspend"
        return f"{sense} of {self.in_words(abs(pence))}"

    def distinct_words(self, *pence: int) -> list[str]:
        """Return the amounts of one sentence as `in_words`, or exact where that would mislead.

        They are exact, in pounds, where one would print as nil or two different ones alike.
        """
        printed = [self.rounded_pence(each) for each in pence]
        nil = any(each and not shown for each, shown in zip(pence, printed, strict=True))
        alike = len(set(printed)) < len(set(pence))
        return [plain_pounds(each) if nil or alike else self.in_words(each) for each in pence]

    def rounded_pence(self, pence: int) -> int:
        """Return the amount as printed, in pence, which is what readers add up."""
        return round_half_away(pence, self.pence_per_step) * self.pence_per_step

    def sense(self, pence: int | None) -> str:
        """Return `adverse` or `favourable`; nothing for what prints as nil or has no value."""
        if pence is None or self.rounded_pence(pence) == 0:
            return ""
        return "adverse" if pence > 0 else "favourable"

    def percent(self, part: int, whole: int) -> str:
        """Return `part` as a printed percentage of the absolute value of `whole`, both in pence."""
        if whole == 0:
            return self.percent_of_nil_budget
        steps = round_half_away(part * 100 * 10**self.percent_decimals, abs(whole))
        return self._add_sign(f"{_decimal_text(abs(steps), self.percent_decimals)}%", steps)

    def _add_sign(self, magnitude: str, steps: int) -> str:
        if steps >= 0:
            return magnitude
        return f"({magnitude})" if self.favourable == "brackets" else f"-{magnitude}"


def _decimal_text(steps: int, decimals: int) -> str:
    """Return a number of steps as printed: 1234 with two decimals is `12.34`."""
    whole, rest = divmod(steps, 10**decimals)
    return f"{whole:,}.{rest:0{decimals}d}" if decimals else f"{whole:,}"
