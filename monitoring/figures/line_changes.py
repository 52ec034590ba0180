"""New figures of a few lines, added to the rows that they belong to. Pure, in whole pence.

People type a few figures at a time. A frame of all lines of their service, as compute_figures adds
them up, takes longer to make than the few sums that change.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from monitoring.figures.calculations import (
    ADDED,
    COUNTS,
    GIVEN_SUMS,
    LARGEST_SUM,
    NIL_WHERE_EMPTY,
    SUMS,
    Row,
    TooLarge,
)


@dataclass(frozen=True)
class LineChange:
    """New figures of a line, which belongs to the row `key`.

    `before` and `after` have the columns of positions for compute_figures; `before` is None for a
    line that the row does not count yet.
    """

    key: str
    before: Row | None
    after: Row


def refigure(
    rows: Mapping[str, Row], changes: Iterable[LineChange], anew: Collection[str] = ()
) -> dict[str, Row]:
    """Return the rows after new figures of some lines: their rows and those above change.

    `rows` by key, parents before children, have parent_key and FIGURES as compute_figures made
    them, None where a figure is missing: the rows of the lines, those above and all children of
    these. Rows of `anew` are added up from the changes alone, which then have all of their lines,
    each without a figure before; a row without a forecast afterwards must be one of them. Figures
    that do not depend on forecasts or planned use stay. The result is that of compute_figures.
    Raise `TooLarge` as it does.
    """
    after = {key: dict(row) for key, row in rows.items()}
    for key in anew:
        after[key] |= {name: 0 if name in SUMS else None for name in ADDED}
    changes = list(changes)
    for change in changes:
        for line, sign in ((change.before, -1), (change.after, 1)):
            if line is not None:
                _add_line(after[change.key], line, sign, rows[change.key]["lines"])
    changed = {change.key for change in changes}
    for key in changed:
        _replace_row(after[key], _without_forecasts(after[key]))
    above = {after[key]["parent_key"] for key in changed}
    for key in reversed(after):
        if key in above:
            _replace_row(after[key], _sum_rows(r for r in after.values() if r["parent_key"] == key))
            above.add(after[key]["parent_key"])
    return after


def without_forecast_left(rows: Mapping[str, Row], changes: Iterable[LineChange]) -> set[str]:
    """Return the keys of rows none of whose lines has a forecast after these changes."""
    without = {change.key: rows[change.key]["lines_without_forecast"] for change in changes}
    for change in changes:
        before = change.before or change.after
        without[change.key] += (change.after["forecast"] is None) - (before["forecast"] is None)
    return {key for key, count in without.items() if count >= rows[key]["lines"]}


def _add_line(row: Row, line: Row, sign: int, lines: int) -> None:
    """Add a line's figures to its row, or take them off; `lines` is the number of the row's."""
    for name, value in _figures_of_line(line).items():
        if value is None:
            continue
        if name not in COUNTS and abs(value) * lines >= LARGEST_SUM:
            raise TooLarge(f"the sum of {name} may be too large")
        row[name] = (row[name] or 0) + sign * value


def _figures_of_line(line: Row) -> Row:
    """Return what a line adds to each of ADDED; see line_variances for its variances."""
    forecast, budget = line["forecast"], line["current_budget"]
    planned = line["use_of_reserves"] + line["use_of_capital_receipts"]
    gross = None if forecast is None else forecast - budget
    return {
        **{name: line[name] for name in ("use_of_reserves", "use_of_capital_receipts")},
        **{name: line[name] for name in GIVEN_SUMS},
        "budget": budget,
        "lines": 1,
        "lines_without_forecast": int(forecast is None),
        "lines_carried": int(line["carried_from"] is not None),
        "lines_without_actual": int(line["actual_to_date"] is None),
        "lines_without_commitments": int(line["commitments"] is None),
        "budget_without_forecast": budget if forecast is None else 0,
        "gross_variance": gross,
        "net_variance": (planned or None) if gross is None else gross + planned,
    }


def _without_forecasts(row: Row) -> Row:
    """Return the sums of a row, without those that are missing where no line has a forecast."""
    sums = {name: row[name] for name in ADDED}
    if row["lines_without_forecast"] == row["lines"]:
        sums |= {"forecast": None, "gross_variance": None}
    return sums


def _sum_rows(children: Iterable[Row]) -> dict[str, int | None]:
    """Return the sums of the rows under a row: nil without lines, missing where none is given."""
    counted = [row for row in children if row["lines"]]
    sums: dict[str, int | None] = {}
    for name in ADDED:
        given = [row[name] for row in counted if row[name] is not None]
        is_nil = name in SUMS or (name in NIL_WHERE_EMPTY and not counted)
        sums[name] = sum(given) if given or is_nil else None
    return sums


def _replace_row(row: Row, sums: Mapping[str, int | None]) -> None:
    """Replace the sums of a row, and its movements from the previous report."""
    row.update(sums)
    net = sums["net_variance"]
    for name, before in (
        ("movement", row["previous_net_variance"]),
        ("movement_as_published", row["previous_as_published"]),
    ):
        row[name] = None if net is None or before is None else net - before
