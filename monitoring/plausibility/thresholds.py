"""The figures from which on the rules of the rule book ask. Pure."""

from dataclasses import dataclass

_POUND = 100


@dataclass(frozen=True)
class Thresholds:
    """The figures from which on the rules ask, in pence, per cent or reports; a setting.

    Nil for `round_to` or `unchanged_reports` means that the rule does not ask at all.
    """

    moved_above: int = 100_000 * _POUND
    moved_percent_above: int = 10
    below_actual_above: int = 10_000 * _POUND
    sign_from: int = 10_000 * _POUND
    factor_above: int = 50_000 * _POUND
    round_to: int = 100_000 * _POUND
    unchanged_reports: int = 3
    unchanged_above: int = 100_000 * _POUND
    planned_use_from: int = 10_000 * _POUND
