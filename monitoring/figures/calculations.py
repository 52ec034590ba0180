"""Variances, roll-up and comparatives. Pure: frames in, frames out, in whole pence.

Expenditure is positive, income negative; variance = forecast - current budget, positive is
adverse. Rules: "Annex A" and "Restating the previous report" in docs/rules.md, from Somerset
County Council's report for month 3 of 2019/20 and Brighton & Hove's practice of restructuring.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from monitoring.structure.trees import Tree

SUMS = (
    "budget",
    "use_of_reserves",
    "use_of_capital_receipts",
    "lines",
    "lines_without_forecast",
    "lines_carried",
    "lines_without_actual",
    "lines_without_commitments",
    "budget_without_forecast",
)
"""Columns of a row that are nil where it has no lines."""

Row = dict[str, Any]
"""A row with its figures by name, None where one is missing; parent_key is a text."""

COUNTS = tuple(name for name in SUMS if name.startswith("lines"))
"""Columns of a row that count lines; the others are in pence."""

GIVEN_SUMS = ("original_budget", "actual_to_date", "commitments", "forecast")
"""Columns of a row that are missing where no line under it gives the figure."""

FIGURES = (
    *SUMS,
    *GIVEN_SUMS,
    "gross_variance",
    "net_variance",
    "previous_as_published",
    "previous_net_variance",
    "movement",
    "movement_as_published",
)

ADDED = (*SUMS, *GIVEN_SUMS, "gross_variance", "net_variance")
"""Columns of a row that are added up, from its lines and from the rows under it."""

NIL_WHERE_EMPTY = ("forecast", "gross_variance", "net_variance")
"""Those of GIVEN_SUMS and the variances that are nil where a row has no lines."""

MONEY = frozenset(
    {
        "original_budget",
        "current_budget",
        "actual_to_date",
        "commitments",
        "forecast",
        "use_of_reserves",
        "use_of_capital_receipts",
        "gross_variance",
        "net_variance",
        "amount",
        "forecast_amount",
    }
)
"""Columns in pence that are added up, in lines, legs and the previous report."""

LARGEST_SUM = 2**61
"""Sums from here on are refused: they might not fit in 64 bits."""


class TooLarge(OverflowError):
    """Raised where a sum might not fit in 64 bits."""


class Previous(NamedTuple):
    """The previous report, as it was published.

    `lines` has columns line (id), service (id, the line's service today), published_service
    (id), net_variance (Int64 pence), has_forecast (bool). `published` is the published net
    variance by service id of every node of the frozen tree (Int64; NA: it had none).
    """

    lines: pd.DataFrame
    published: pd.Series


class Figures(NamedTuple):
    """The figures of a period.

    `nodes` is indexed by row key in the order of the tree, with the columns FIGURES (Int64 pence
    or counts). `restatements` has columns key, cause ("virement", "moved in" or "moved out"),
    virement (id or NA), service (id of the other one, or NA), lines (count), effect (pence): why
    the previous figure of a service is not the published one. `forecast_changes` has columns key,
    line (id), change ("first" or "no longer").
    """

    tree: Tree
    nodes: pd.DataFrame
    restatements: pd.DataFrame
    forecast_changes: pd.DataFrame


def line_variances(positions: pd.DataFrame) -> pd.DataFrame:
    """Return the positions with gross and net variance, in pence; positive is adverse.

    `positions` has columns current_budget, use_of_reserves, use_of_capital_receipts (int64) and
    forecast (Int64). A line without a forecast has no gross variance; its planned use of reserves
    and receipts still counts, so that every total casts across.
    """
    gross = positions["forecast"] - positions["current_budget"]
    planned = positions["use_of_reserves"] + positions["use_of_capital_receipts"]
    net = (gross.fillna(0) + planned).where(gross.notna() | (planned != 0))
    return positions.assign(gross_variance=gross, net_variance=net.astype("Int64"))


def virement_effects(legs: pd.DataFrame) -> pd.DataFrame:
    """Return the effect of each leg on the previous variance of its lines, in pence.

    `legs` has columns virement (id), from_line, to_line (Int64 ids; NA: outside), amount,
    forecast_amount (int64 pence, positive). The receiver's restated previous = previous +
    forecast_amount - amount; the giver's the opposite. Columns virement, line, effect.
    """
    effect = legs["forecast_amount"] - legs["amount"]
    ends = [
        pd.DataFrame({"virement": legs["virement"], "line": legs[end], "effect": sign * effect})
        for end, sign in (("to_line", 1), ("from_line", -1))
    ]
    return pd.concat(ends).dropna(subset=["line"]).astype({"line": "int64", "effect": "Int64"})


def compute_figures(
    tree: Tree,
    positions: pd.DataFrame,
    previous: Previous | None,
    legs: pd.DataFrame,
    line_services: pd.Series,
) -> Figures:
    """Return the figures of every row of today's tree, with restated comparatives.

    `positions`: line, service (ids), current_budget, use_of_reserves, use_of_capital_receipts
    (int64 pence), original_budget, actual_to_date, commitments, forecast (Int64), carried_from
    (Int64, the period that a forecast is carried from). `legs`: the approved virements that the
    previous report did not reflect, as for virement_effects. `line_services`: today's service id
    of each line of `legs`, by line id. Raise `TooLarge` where a sum might not fit in 64 bits.
    """
    guard_sums(positions)
    guard_sums(legs)
    if previous is not None:
        guard_sums(previous.lines)
    lines = line_variances(positions)
    guard_sums(lines[["gross_variance", "net_variance"]])
    effects = virement_effects(legs)
    effects = effects.assign(service=effects["line"].map(line_services).astype("int64"))
    used = _services_used(lines, previous, effects)
    tree = tree.with_strays(used)
    nodes = _roll_up(tree, _own_figures(lines, tree.home_keys))
    if previous is None:
        blank = pd.array([pd.NA] * len(nodes), dtype="Int64")
        nodes = nodes.assign(**{name: blank for name in FIGURES if name not in nodes})
        return Figures(tree, nodes[list(FIGURES)], _no_restatements(), _no_changes())
    effects = effects.assign(key=effects["service"].map(tree.home_keys))
    nodes = _compare_with_previous(tree, nodes, previous, effects)
    restatements = pd.concat([_virements_by_key(effects), _moves_by_key(tree, previous.lines)])
    changes = _forecast_changes(lines, previous.lines)
    changes = changes.assign(key=changes["service"].map(tree.home_keys))
    return Figures(tree, nodes[list(FIGURES)], restatements, changes[["key", "line", "change"]])


def guard_sums(lines: pd.DataFrame) -> None:
    """Raise `TooLarge` where a sum over the lines might pass 64 bits, which wraps silently."""
    for name in MONEY.intersection(lines.columns):
        most, least = lines[name].max(), lines[name].min()
        largest = 0 if pd.isna(most) else max(int(most), -int(least))
        if largest * len(lines) >= LARGEST_SUM:
            raise TooLarge(f"the sum of {name} may be too large")


def _services_used(
    lines: pd.DataFrame, previous: Previous | None, effects: pd.DataFrame
) -> set[int]:
    used = set(lines["service"].unique())
    if previous is not None:
        used |= set(previous.lines["service"].unique()) | set(effects["service"].unique())
    return {int(service) for service in used}


def _own_figures(lines: pd.DataFrame, homes: dict[int, str]) -> pd.DataFrame:
    """Return the sums of the lines at each row itself, without the rows under it."""
    without = lines["forecast"].isna()
    columns = lines.assign(
        budget=lines["current_budget"],
        lines=1,
        lines_without_forecast=without.astype("int64"),
        lines_carried=lines["carried_from"].notna().astype("int64"),
        lines_without_actual=lines["actual_to_date"].isna().astype("int64"),
        lines_without_commitments=lines["commitments"].isna().astype("int64"),
        budget_without_forecast=lines["current_budget"].where(without, 0),
    )
    grouped = columns.groupby("service", sort=False)
    given = grouped[[*GIVEN_SUMS, "gross_variance", "net_variance"]].sum(min_count=1)
    return _by_row(grouped[list(SUMS)].sum().join(given), homes)


def _by_row(services: pd.DataFrame, homes: dict[int, str]) -> pd.DataFrame:
    """Add sums by service up to sums by row key, missing where none of a row's is given."""
    return services.groupby(services.index.map(homes), sort=False).sum(min_count=1)


def _roll_up(tree: Tree, own: pd.DataFrame) -> pd.DataFrame:
    """Sum own figures to every row above: nil without lines, missing where none is given."""
    return _nil_where_empty(_sum_upwards(tree, own, list(ADDED)))


def _nil_where_empty(summed: pd.DataFrame) -> pd.DataFrame:
    summed[list(SUMS)] = summed[list(SUMS)].fillna(0)
    empty = summed["lines"] == 0
    for name in NIL_WHERE_EMPTY:
        summed[name] = summed[name].mask(empty, 0)
    return summed


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows, None where a figure is missing: for a few, pandas would take longer."""
    columns = {
        name: column.array.to_numpy(object, na_value=None).tolist()
        if column.dtype == "Int64"
        else column.tolist()
        for name, column in frame.items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _sum_upwards(tree: Tree, own: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    pairs = tree.ancestry
    values = own[columns].astype("Int64").reindex(pairs["key"]).set_index(pairs.index)
    summed = values.groupby(pairs["ancestor"].to_numpy(), sort=False).sum(min_count=1)
    return summed.reindex(tree.keys).astype("Int64")


def _compare_with_previous(
    tree: Tree, nodes: pd.DataFrame, previous: Previous, effects: pd.DataFrame
) -> pd.DataFrame:
    """Add the previous net variance as published and restated, and the movement from each."""
    by_service = previous.lines.groupby("service", sort=False)[["net_variance"]].sum(min_count=1)
    own = _by_row(by_service, tree.home_keys)
    own["effect"] = effects.groupby("key", sort=False)["effect"].sum()
    extra = effects.loc[~effects["key"].isin(own.index)].groupby("key")[["effect"]].sum()
    own = pd.concat([own, extra])
    sums = _sum_upwards(tree, own, ["net_variance", "effect"]).fillna(0)
    restated = sums["net_variance"] + sums["effect"]
    services = pd.Series(tree.published_services, index=tree.keys, dtype="Int64")
    as_published = services.map(previous.published.to_dict()).astype("Int64")
    net = nodes["net_variance"]
    return nodes.assign(
        previous_as_published=as_published,
        previous_net_variance=restated,
        movement=net - restated,
        movement_as_published=net - as_published,
    )


def _virements_by_key(effects: pd.DataFrame) -> pd.DataFrame:
    """Return effects by service and virement, without those that cancel within a service."""
    summed = effects.groupby(["key", "virement"], as_index=False, sort=False)["effect"].sum()
    summed = summed[summed["effect"] != 0]
    return summed.assign(cause="virement", service=pd.NA, lines=pd.NA)


def _moves_by_key(tree: Tree, before: pd.DataFrame) -> pd.DataFrame:
    """Return previous variances of lines that have moved, for both services."""
    homes, own_keys = tree.home_keys, tree.key_of_service
    gone = [service for service in homes if homes[service] != own_keys[service]]
    may_have_moved = before["service"] != before["published_service"]
    moved = before[may_have_moved | before["service"].isin(gone)]
    moved = moved.assign(
        key=moved["service"].map(homes), published_key=moved["published_service"].map(own_keys)
    )
    moved = moved[moved["key"] != moved["published_key"]]
    if moved.empty:
        return _no_restatements()
    ids = {node.key: node.service.id for node in tree.nodes}
    ends = []
    for cause, here, other, sign in (
        ("moved in", "key", moved["published_service"], 1),
        ("moved out", "published_key", moved["key"].map(ids), -1),
    ):
        frame = moved.assign(here=moved[here], service=other)
        grouped = frame.groupby(["here", "service"], as_index=False, sort=False)
        summed = grouped.agg(lines=("line", "size"), effect=("net_variance", "sum"))
        summed = summed.rename(columns={"here": "key"})
        ends.append(summed.assign(cause=cause, virement=pd.NA, effect=sign * summed["effect"]))
    both = pd.concat(ends)
    return both[both["key"].isin(ids)]


def _forecast_changes(lines: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of both reports that have a forecast in only one of them.

    Most lines have one in both: the few without one are looked up among the others.
    """
    has_now, had = lines["forecast"].notna(), before["has_forecast"].astype(bool)
    first = lines["line"].isin(before.loc[~had, "line"])
    lost = before.loc[had & before["line"].isin(lines.loc[~has_now, "line"]), "line"]
    changed = np.where(has_now, first, lines["line"].isin(lost))
    return lines[changed].assign(change=np.where(has_now[changed], "first", "no longer"))


def _no_restatements() -> pd.DataFrame:
    return pd.DataFrame(columns=["key", "cause", "virement", "service", "lines", "effect"])


def _no_changes() -> pd.DataFrame:
    return pd.DataFrame(columns=["key", "line", "change"])
