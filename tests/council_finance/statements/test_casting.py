"""Does a table add up: agrees, differs by rounding only, or differs."""

import pytest

from council_finance.statements import CrossCast, Display, Row
from council_finance.statements.casting import Check, cast_statement
from tests.statements import cells, made

K = 100_000


def rows(parts, total):
    """Rows of budget and variance pairs and a total over them."""
    keys = [f"S{number}" for number in range(len(parts))]
    services = [
        Row(key, key, "service", cells(*part)) for key, part in zip(keys, parts, strict=True)
    ]
    return (*services, Row("T", "Total", "total", cells(*total), 0, tuple(keys)))


def found(statement):
    return [(c.name, c.expected_pence, c.actual_pence, c.status) for c in cast_statement(statement)]


BUDGET, VARIANCE = (f"Total: {label} is the sum of its rows" for label in ("Budget", "Variance"))


@pytest.mark.parametrize(
    ("parts", "total", "budget", "variance"),
    [
        ([(K, K), (2 * K, -K)], (3 * K, 0), (3 * K, 3 * K, "agrees"), (0, 0, "agrees")),
        (
            [(K // 2, 0), (K // 2, 0)],
            (K, 0),
            (2 * K, K, "rounding"),
            (0, 0, "agrees"),
        ),
        (
            [(K, 40_000), (K, 40_000)],
            (2 * K, 80_000),
            (2 * K, 2 * K, "agrees"),
            (0, K, "rounding"),
        ),
        ([(K, 1), (K, 1)], (2 * K, 3), (2 * K, 2 * K, "agrees"), (2, 3, "differs")),
        ([(K, None), (K, 5)], (2 * K, 5), (2 * K, 2 * K, "agrees"), (5, 5, "agrees")),
    ],
)
def test_a_total_is_cast_column_by_column(parts, total, budget, variance):
    statement = made(rows(parts, total), cross_casts=())
    assert found(statement) == [(BUDGET, *budget), (VARIANCE, *variance)]


def test_a_total_without_a_figure_is_not_cast():
    statement = made(rows([(K, None)], (K, None)), cross_casts=())
    assert found(statement) == [(BUDGET, K, K, "agrees")]


@pytest.mark.parametrize(
    ("budget", "variance", "expected", "status"),
    [(K, -K, -K, "agrees"), (K, K, -K, "differs"), (K, -K + 1, -K, "differs")],
)
def test_a_row_is_cast_across_with_the_signs_of_its_parts(budget, variance, expected, status):
    statement = made(
        (Row("H", "Heading", "heading"), Row("A", "A", "service", cells(budget, variance))),
        cross_casts=(CrossCast("variance", (("budget", -1),)),),
    )
    assert found(statement) == [("A: Variance across the row", expected, variance, status)]


def test_a_row_with_a_missing_figure_is_not_cast_across():
    statement = made(
        (Row("A", "A", "service", cells(K, None)),),
        cross_casts=(
            CrossCast("variance", (("budget", 1),)),
            CrossCast("budget", (("variance", 1),)),
        ),
    )
    assert found(statement) == []


def test_rounding_is_that_of_the_statements_own_unit():
    statement = made(rows([(50, 0), (50, 0)], (100, 0)), cross_casts=(), display=Display("pounds"))
    assert found(statement)[0] == (BUDGET, 200, 100, "rounding")


@pytest.mark.parametrize(("actual", "status"), [(500, "agrees"), (501, "differs")])
def test_two_figures_are_compared_to_the_penny_and_told_in_pounds(actual, status):
    assert Check.compare("a tie", "annex-a", 500, actual).to_data() == {
        "name": "a tie",
        "statement": "annex-a",
        "expected": 5.0,
        "actual": actual / 100,
        "difference": (actual - 500) / 100,
        "status": status,
    }
