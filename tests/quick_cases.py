"""Which cases of a long parametrised test run in the quick part of the suite."""

from collections.abc import Iterable

import pytest


def quick_first(values: Iterable, quick: int = 1) -> list:
    """Return all values, those after the first few marked as slow."""
    values = list(values)
    slow = [pytest.param(value, marks=pytest.mark.slow) for value in values[quick:]]
    return [*values[:quick], *slow]
