"""A variance before and after mitigations, split into one-off and recurring. Pure.

Amounts are pence; positive is adverse. The net variance is that after mitigations, which are in
the forecast already: before = gross variance - mitigations, and not stated = net variance - one-off
- recurring. So the parts always add up, and nothing is guessed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ONE_OFF, RECURRING, MITIGATION = "one_off", "recurring", "mitigation"
PARTS = (ONE_OFF, RECURRING, MITIGATION)


@dataclass(frozen=True, slots=True)
class StatedPart:
    """A part of a variance, or a mitigation, as it was stated; `lasting` is "" where it is not."""

    part: str
    amount: int
    description: str = ""
    lasting: str = ""

    @property
    def is_mitigation(self) -> bool:
        """Tell whether it is a mitigation rather than a part of the variance."""
        return self.part == MITIGATION

    @property
    def says_none(self) -> bool:
        """Tell whether it states that there are no mitigations."""
        return self.is_mitigation and not self.description and not self.amount


@dataclass(frozen=True, slots=True)
class Underlying:
    """The underlying position of a row, in pence; None is not stated, or has no forecast."""

    before: int | None
    mitigations: int | None
    use_of_reserves: int
    use_of_capital_receipts: int
    net_variance: int | None
    one_off: int | None
    recurring: int | None
    not_stated: int | None


def split_variance(
    *,
    gross: int | None,
    net: int | None,
    use_of_reserves: int,
    use_of_capital_receipts: int,
    stated: Sequence[StatedPart],
) -> Underlying:
    """Return the underlying position of a service; without a forecast nothing of it is known."""
    if gross is None:
        stated = ()
    mitigations = _sum_given(each.amount for each in stated if each.is_mitigation)
    one_off = _sum_given(each.amount for each in stated if each.part == ONE_OFF)
    recurring = _sum_given(each.amount for each in stated if each.part == RECURRING)
    return Underlying(
        before=None if gross is None else gross - (mitigations or 0),
        mitigations=mitigations,
        use_of_reserves=use_of_reserves,
        use_of_capital_receipts=use_of_capital_receipts,
        net_variance=net,
        one_off=one_off,
        recurring=recurring,
        not_stated=None if net is None else net - (one_off or 0) - (recurring or 0),
    )


def add_up(rows: Sequence[Underlying]) -> Underlying:
    """Return the sum of rows; a figure that no row has is None."""
    return Underlying(
        before=_sum_given(row.before for row in rows),
        mitigations=_sum_given(row.mitigations for row in rows),
        use_of_reserves=sum(row.use_of_reserves for row in rows),
        use_of_capital_receipts=sum(row.use_of_capital_receipts for row in rows),
        net_variance=_sum_given(row.net_variance for row in rows),
        one_off=_sum_given(row.one_off for row in rows),
        recurring=_sum_given(row.recurring for row in rows),
        not_stated=_sum_given(row.not_stated for row in rows),
    )


def _sum_given(amounts: Iterable[int | None]) -> int | None:
    """Return the sum of the amounts that are given; None where none is."""
    given = [each for each in amounts if each is not None]
    return sum(given) if given else None


def with_rest(parts: Sequence[StatedPart], net: int, rest: str) -> list[StatedPart]:
    """Return the parts with what is left of the net variance stated as `rest` ("": as they are).

    `rest` is one_off or recurring, and takes the place of a part of that name that has no amount.
    """
    if not rest:
        return list(parts)
    left = net - sum(each.amount for each in parts if not each.is_mitigation)
    return [*parts, StatedPart(rest, left)]


def excess_of(parts: Iterable[StatedPart], net: int) -> int:
    """Return by how much one-off and recurring parts go beyond the net variance, in pence.

    Nil where they leave nothing, or leave a rest of the variance's own sign, which is not stated.
    """
    left = net - sum(each.amount for each in parts if not each.is_mitigation)
    same_sign = left == 0 or (net != 0 and (left > 0) == (net > 0))
    return 0 if same_sign else -left
