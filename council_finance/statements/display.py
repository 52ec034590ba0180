"""How a council prints its figures: unit, sign of a favourable figure, decimals. Pure."""

from dataclasses import dataclass

from council_finance.money import round_half_away

UNIT_LABELS = {"m": "£m", "k": "£000", "pounds": "£"}
PENCE_PER_STEP = {"m": 100_000, "k": 100_000, "pounds": 100}
"""How much the last printed digit is worth: £m has three decimals, so £1,000 like £000."""
_SUFFIXES = {"m": "m", "k": "k", "pounds": ""}

NOT_GIVEN = "\N{EN DASH}"


@dataclass(frozen=True)
class Display:
    """A council's choices for print, or for one statement of it."""

    unit: str = "k"
    favourable: str = "minus"
    percent_decimals: int = 1
    percent_of_nil_budget: str = NOT_GIVEN

    @property
    def unit_label(self) -> str:
        """`£m`, `£000` or `£`: what stands in the column's heading."""
        return UNIT_LABELS[self.unit]

    def amount(self, pence: int) -> str:
        """Print an amount, rounded once, half away from zero; what rounds to nil has no sign."""
        steps = round_half_away(pence, PENCE_PER_STEP[self.unit])
        if self.unit == "m":
            whole, rest = divmod(abs(steps), 1000)
            return self._signed(f"{whole:,}.{rest:03d}", steps)
        return self._signed(f"{abs(steps):,}", steps)

    def in_words(self, pence: int) -> str:
        """An amount within a sentence, in the council's unit: `£0.497m`, `-£498k`, `£1,234`."""
        magnitude = self.amount(abs(pence))
        sign = "-" if pence < 0 and self.rounded_pence(pence) else ""
        return f"{sign}£{magnitude}{_SUFFIXES[self.unit]}"

    def rounded_pence(self, pence: int) -> int:
        """The amount as printed, in pence: what a reader with a calculator adds up."""
        step = PENCE_PER_STEP[self.unit]
        return round_half_away(pence, step) * step

    def sense(self, pence: int | None) -> str:
        """`adverse`, `favourable`, or nothing for what prints as nil or has no value."""
        if pence is None or self.rounded_pence(pence) == 0:
            return ""
        return "adverse" if pence > 0 else "favourable"

    def percent(self, part: int, whole: int) -> str:
        """Print `part` as a percentage of the absolute value of `whole` (both in pence)."""
        if whole == 0:
            return self.percent_of_nil_budget
        scale = 10**self.percent_decimals
        steps = round_half_away(part * 100 * scale, abs(whole))
        units, rest = divmod(abs(steps), scale)
        decimals = f".{rest:0{self.percent_decimals}d}" if self.percent_decimals else ""
        return self._signed(f"{units:,}{decimals}%", steps)

    def _signed(self, magnitude: str, steps: int) -> str:
        if steps >= 0:
            return magnitude
        return f"({magnitude})" if self.favourable == "brackets" else f"-{magnitude}"
