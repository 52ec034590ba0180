"""Variances, roll-up and restated comparatives against a plain-loop oracle on random ledgers.

The oracle follows docs/rules.md only: "Annex A", "Restating the previous report", "Sign and
number". It walks lists and adds Python integers.
"""

from dataclasses import dataclass, field

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from monitoring.figures.calculations import (
    FIGURES,
    Previous,
    TooLarge,
    compute_figures,
    line_variances,
    plain_rows,
)
from monitoring.figures.line_changes import LineChange, refigure, without_forecast_left
from monitoring.structure.trees import ServiceRow, Tree

PENCE = st.integers(-10_000, 10_000) | st.integers(-(10**12), 10**12)
PLANNED = st.just(0) | PENCE
MISSING = st.none() | PENCE
AMOUNT = st.integers(1, 10**12)


@dataclass
class Line:
    """A budget line in one report; `service` is the id of where it stands in it."""

    service: int
    budget: int
    forecast: int | None
    reserves: int
    receipts: int
    original: int | None = None
    actual: int | None = None
    commitments: int | None = None
    carried: int | None = None

    @property
    def planned(self):
        return self.reserves + self.receipts

    @property
    def net(self):
        """What the line adds to the net variance of the nodes above it."""
        return (0 if self.forecast is None else self.forecast - self.budget) + self.planned

    @property
    def has_net(self):
        return self.forecast is not None or self.planned != 0


@dataclass
class Year:
    """A year between two reports, as a council restructures it."""

    services: dict[int, ServiceRow]
    before: dict[int, Line]
    now: dict[int, Line]
    today: dict[int, int]
    legs: list[tuple[int, int | None, int | None, int, int]] = field(default_factory=list)


@st.composite
def years(draw):
    """Directorates with services: some services split, merged, closed or moved between reports."""
    services = {1: ServiceRow(1, "TOP", "Council", None)}
    directorates = [2, 3]
    for number in directorates:
        services[number] = ServiceRow(number, f"D{number}", "Directorate", 1)
    old = list(range(4, 4 + draw(st.integers(2, 5))))
    for number in old:
        parent = draw(st.sampled_from(directorates))
        services[number] = ServiceRow(number, f"S{number}", "Service", parent)
    leaves = _restructure(draw, services, old, directorates)
    before = {number: draw(_line(old)) for number in range(draw(st.integers(0, 6)))}
    now, today = {}, {}
    for number in range(draw(st.integers(0, 3)), draw(st.integers(3, 9))):
        now[number] = draw(_line(leaves))
        today[number] = now[number].service
    for number, line in before.items():
        today.setdefault(number, line.service)
    ends = st.none() | st.sampled_from(sorted(today)) if today else st.none()
    leg = st.tuples(st.integers(1, 3), ends, ends, AMOUNT, st.just(0) | AMOUNT)
    return Year(services, before, now, today, draw(st.lists(leg, max_size=5)))


def _restructure(draw, services, old, directorates):
    """Change the services in place; the ids on which lines may hang today."""
    stays, *others = old
    leaves = [stays]
    for number in others:
        service = vars(services[number])
        change = draw(st.sampled_from(["stay", "move", "merge", "chain", "split", "close"]))
        if change == "move":
            services[number] = ServiceRow(
                **service | {"parent": draw(st.sampled_from(directorates))}
            )
        if change in ("stay", "move"):
            leaves.append(number)
        if change == "merge":
            services[number] = ServiceRow(**service | {"successor": stays, "named": False})
        if change == "chain":
            services[number] = ServiceRow(**service | {"successor": number + 100})
            services[number + 100] = ServiceRow(number + 100, f"C{number}", "", 2, successor=stays)
        if change == "close":
            services[number] = ServiceRow(**service | {"named": False})
        if change == "split":
            for part in (number + 200, number + 300):
                services[part] = ServiceRow(part, f"P{part}", "Part", number)
                leaves.append(part)
    return leaves


def _line(services):
    return st.builds(
        Line,
        service=st.sampled_from(services),
        budget=PENCE,
        forecast=MISSING,
        reserves=PLANNED,
        receipts=PLANNED,
        original=MISSING,
        actual=MISSING,
        commitments=MISSING,
        carried=st.none() | st.just(1),
    )


def path(year, service):
    """Ids of the open service where a service's lines stand today and of all above it."""
    service = year.services[service]
    open_ones = _open(year)
    while service.id not in open_ones:
        service = year.services[service.successor or service.parent]
    ids = []
    while service is not None:
        ids.append(service.id)
        service = year.services.get(service.parent)
    return ids


def _open(year):
    found = set()
    for service in year.services.values():
        hangs = any(line.service == service.id for line in year.now.values())
        if service.successor is None and (service.named or hangs):
            while service is not None:
                found.add(service.id)
                service = year.services.get(service.parent)
    return found


def expected(year, node):
    """A node's figures by docs/rules.md, from the lines under it."""
    now = [line for line in year.now.values() if node in path(year, line.service)]
    forecast = [line for line in now if line.forecast is not None]
    without = [line for line in now if line.forecast is None]
    figures = {
        "budget": sum(line.budget for line in now),
        "use_of_reserves": sum(line.reserves for line in now),
        "use_of_capital_receipts": sum(line.receipts for line in now),
        "lines": len(now),
        "lines_without_forecast": len(without),
        "lines_carried": sum(line.carried is not None for line in now),
        "budget_without_forecast": sum(line.budget for line in without),
        "original_budget": _given([line.original for line in now]),
        "lines_without_actual": sum(line.actual is None for line in now),
        "lines_without_commitments": sum(line.commitments is None for line in now),
        "actual_to_date": _given([line.actual for line in now]),
        "commitments": _given([line.commitments for line in now]),
        "forecast": _given([line.forecast for line in forecast]) if now else 0,
        "gross_variance": sum(line.forecast - line.budget for line in forecast),
        "net_variance": sum(line.net for line in now),
        "previous_net_variance": restated(year, node),
    }
    if now and not forecast:
        figures["gross_variance"] = None
    if now and not any(line.has_net for line in now):
        figures["net_variance"] = None
    net = figures["net_variance"]
    figures["movement"] = None if net is None else net - figures["previous_net_variance"]
    return figures


def _given(values):
    given = [value for value in values if value is not None]
    return sum(given) if given else None


def restated(year, node):
    """Frozen lines where they stand today, then the virements on them."""
    total = 0
    for number, line in year.before.items():
        if node in path(year, year.today[number]):
            total += line.net
    for _, giver, receiver, amount, spending in year.legs:
        if receiver is not None and node in path(year, year.today[receiver]):
            total += spending - amount
        if giver is not None and node in path(year, year.today[giver]):
            total -= spending - amount
    return total


def positions_of(lines):
    def ints(name, dtype):
        return pd.array([getattr(line, name) for line in lines.values()], dtype=dtype)

    return pd.DataFrame(
        {
            "line": pd.array(list(lines), dtype="int64"),
            "service": ints("service", "int64"),
            "current_budget": ints("budget", "int64"),
            "use_of_reserves": ints("reserves", "int64"),
            "use_of_capital_receipts": ints("receipts", "int64"),
            "original_budget": ints("original", "Int64"),
            "actual_to_date": ints("actual", "Int64"),
            "commitments": ints("commitments", "Int64"),
            "forecast": ints("forecast", "Int64"),
            "carried_from": ints("carried", "Int64"),
        }
    )


def legs_of(year):
    names = ["virement", "from_line", "to_line", "amount", "forecast_amount"]
    lists = list(zip(*year.legs, strict=True)) or [[]] * len(names)
    kinds = ["int64", "Int64", "Int64", "int64", "int64"]
    return pd.DataFrame(
        {
            name: pd.array(list(values), dtype=kind)
            for name, values, kind in zip(names, lists, kinds, strict=True)
        }
    )


def previous_of(year):
    """The report before, with the figures it published for every node of its own tree."""
    lines = line_variances(positions_of(year.before))
    published: dict[int, int] = {}
    for line in year.before.values():
        published[line.service] = published.get(line.service, 0) + line.net
    published[1] = sum(line.net for line in year.before.values())
    frame = pd.DataFrame(
        {
            "line": lines["line"],
            "service": lines["line"].map(year.today).astype("int64"),
            "published_service": lines["service"],
            "net_variance": lines["net_variance"],
            "has_forecast": lines["forecast"].notna(),
        }
    )
    index = pd.Index(list(published), dtype="int64")
    return Previous(frame, pd.Series(list(published.values()), index=index, dtype="Int64"))


def worked_out(year, with_previous=True):
    hangs = {line.service for line in year.now.values()}
    return compute_figures(
        Tree.of(year.services.values(), hangs),
        positions_of(year.now),
        previous_of(year) if with_previous else None,
        legs_of(year),
        pd.Series(year.today, dtype="int64"),
    )


def plain(value):
    return None if value is pd.NA else int(value)


RANDOM = settings(derandomize=True, max_examples=15, deadline=None)


@pytest.mark.slow
@settings(RANDOM, max_examples=50)
@given(years())
def test_every_node_is_what_the_oracle_adds_up(year):
    figures = worked_out(year)
    for node in figures.tree.nodes:
        if node.kind != "closed":
            found = figures.nodes.loc[node.key]
            wanted = expected(year, node.service.id)
            assert {name: plain(found[name]) for name in wanted} == wanted, node.key


@pytest.mark.slow
@RANDOM
@given(years(), st.data())
def test_new_forecasts_of_one_service_give_what_the_whole_pass_gives(year, data):
    before = worked_out(year)
    parents = {node.key: node.parent_key for node in before.tree.nodes}
    nodes = before.nodes.assign(parent_key=pd.Series(parents))
    homes = {number: before.tree.home_keys[line.service] for number, line in year.now.items()}
    assume(homes)
    key = data.draw(st.sampled_from(sorted(set(homes.values()))))
    here = [number for number, home in homes.items() if home == key]
    old = plain_rows(positions_of({number: year.now[number] for number in here}))
    for number in here:
        year.now[number].forecast = data.draw(MISSING)
        year.now[number].carried = data.draw(st.none() | st.just(1))
        year.now[number].reserves = data.draw(PLANNED)
    after = plain_rows(worked_out(year).nodes[list(FIGURES)])
    new = plain_rows(positions_of({number: year.now[number] for number in here}))
    rows = dict(zip(nodes.index, plain_rows(nodes), strict=True))
    changes = [LineChange(key, *each) for each in zip(old, new, strict=True)]
    anew = [LineChange(key, None, each) for each in new]
    assert figures_of(refigure(rows, anew, {key})) == after
    if not without_forecast_left(rows, changes):
        assert figures_of(refigure(rows, changes)) == after


def figures_of(rows):
    return [{name: row[name] for name in FIGURES} for row in rows.values()]


@pytest.mark.slow
@RANDOM
@given(years())
def test_a_first_report_has_no_comparative_rather_than_nil(year):
    nodes = worked_out(year, with_previous=False).nodes
    for name in ("previous_as_published", "previous_net_variance", "movement"):
        assert nodes[name].isna().all()
    assert plain(nodes.loc["TOP", "net_variance"]) == expected(year, 1)["net_variance"]


@pytest.mark.slow
@RANDOM
@given(years())
def test_restated_total_less_virements_from_outside_is_the_published_total(year):
    top = worked_out(year).nodes.loc["TOP"]
    outside = 0
    for _, giver, receiver, amount, spending in year.legs:
        outside += (receiver is not None) * (spending - amount)
        outside -= (giver is not None) * (spending - amount)
    published = sum(line.net for line in year.before.values())
    assert plain(top["previous_net_variance"]) - outside == published
    assert plain(top["previous_as_published"]) == published


@pytest.mark.slow
@RANDOM
@given(years())
def test_rows_without_children_add_up_to_the_top(year):
    figures = worked_out(year)
    ends = [node.key for node in figures.tree.nodes if node.kind != "node"]
    for name in ("budget", "lines", "previous_net_variance", "lines_without_forecast"):
        assert sum(figures.nodes.loc[ends, name]) == figures.nodes.loc["TOP", name]


@pytest.mark.slow
@RANDOM
@given(years())
def test_what_restates_a_row_is_told_line_by_line(year):
    """Published where it stood + what moved in or out + virements = restated."""
    figures = worked_out(year)
    told = figures.restatements
    published = {}
    for line in year.before.values():
        key = year.services[line.service].code
        published[key] = published.get(key, 0) + line.net
    for node in figures.tree.nodes:
        if node.kind == "node":
            continue
        here = told[told["key"] == node.key]["effect"].sum()
        total = published.get(node.key, 0) + int(here)
        assert total == plain(figures.nodes.loc[node.key, "previous_net_variance"])


@pytest.mark.slow
@RANDOM
@given(years())
def test_lines_forecast_in_only_one_report_are_named(year):
    changes = worked_out(year).forecast_changes
    wanted = set()
    for number in year.before.keys() & year.now.keys():
        was, is_now = year.before[number].forecast, year.now[number].forecast
        if (was is None) != (is_now is None):
            wanted.add((number, "first" if was is None else "no longer"))
    assert set(zip(changes["line"], changes["change"], strict=True)) == wanted


@pytest.mark.slow
@RANDOM
@given(years())
def test_inputs_stay_as_they_were_and_pence_are_never_floats(year):
    positions, legs, previous = positions_of(year.now), legs_of(year), previous_of(year)
    services = pd.Series(year.today, dtype="int64")
    given_in = [positions, legs, previous.lines]
    copies = [frame.copy(deep=True) for frame in given_in]
    published = previous.published.copy(deep=True)
    tree = Tree.of(year.services.values(), {line.service for line in year.now.values()})
    figures = compute_figures(tree, positions, previous, legs, services)
    for frame, copy in zip(given_in, copies, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
    pd.testing.assert_series_equal(previous.published, published)
    pd.testing.assert_series_equal(services, pd.Series(year.today, dtype="int64"))
    assert list(figures.nodes.columns) == list(FIGURES)
    assert {str(kind) for kind in figures.nodes.dtypes} == {"Int64"}
    assert not any(isinstance(effect, float) for effect in figures.restatements["effect"])


def council(now, before=None, legs=()):
    """One service under a council, with lines by number."""
    services = {1: ServiceRow(1, "TOP", "Council", None), 2: ServiceRow(2, "S", "Service", 1)}
    today = dict.fromkeys([*now, *(before or {})], 2)
    return Year(services, before or {}, now, today, list(legs))


def line(budget=0, forecast=0, reserves=0, receipts=0, **given):
    return Line(2, budget, forecast, reserves, receipts, **given)


@pytest.mark.parametrize(
    "name", ["budget", "forecast", "reserves", "receipts", "original", "actual", "commitments"]
)
@pytest.mark.parametrize("sign", [1, -1])
def test_sums_that_might_not_fit_are_refused_instead_of_wrapping(name, sign):
    huge = {number: line(**{name: sign * 2**61}) for number in range(4)}
    with pytest.raises(TooLarge):
        worked_out(council(huge))


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63)])
def test_a_variance_that_would_wrap_is_refused(value):
    with pytest.raises(TooLarge):
        worked_out(council({1: line(budget=value, forecast=-(value // 2))}))


def test_huge_frozen_variances_and_virements_are_refused():
    with pytest.raises(TooLarge):
        worked_out(council({1: line()}, {n: line(forecast=2**60) for n in range(4)}))
    with pytest.raises(TooLarge):
        worked_out(council({1: line()}, {1: line()}, [(n, None, 1, 2**62, 0) for n in range(4)]))


def test_a_ledger_at_the_limit_of_single_amounts_is_added_up_exactly():
    limit = 999_999_999_999
    many = {number: line(limit, -limit, -limit, -limit) for number in range(1000)}
    top = worked_out(council(many)).nodes.loc["TOP"]
    assert (top["budget"], top["net_variance"]) == (1000 * limit, -4000 * limit)


def test_somersets_transfer_from_contingency_to_school_transport():
    """Month 3 of 2019/20: +0.557 is restated to +0.059; at +0.064 the movement is +0.005."""
    services = {1: ServiceRow(1, "TOP", "Council", None)}
    services |= {n: ServiceRow(n, code, code, 1) for n, code in ((2, "CLC"), (3, "CONT"))}
    before = {1: Line(2, 0, 557, 0, 0), 2: Line(3, 7226, 5956, 0, 0)}
    now = {1: Line(2, 498, 562, 0, 0), 2: Line(3, 6728, 6066, 0, 0)}
    year = Year(services, before, now, {1: 2, 2: 3}, [(1, 2, 1, 498, 0)])
    nodes = worked_out(year).nodes
    columns = ["previous_as_published", "previous_net_variance", "net_variance", "movement"]
    assert nodes.loc["CLC", columns].to_list() == [557, 59, 64, 5]
    assert nodes.loc["CLC", "movement_as_published"] == -493
    assert nodes.loc["CONT", columns].to_list() == [-1270, -772, -662, 110]
    assert nodes.loc["TOP", "previous_net_variance"] == nodes.loc["TOP", "previous_as_published"]


@pytest.mark.parametrize(
    ("before", "now", "published", "previous", "movement"),
    [
        ({1: line(0, 5), 2: line(0, 7)}, {1: line(0, 5)}, 12, 12, -7),
        ({1: line(0, 5)}, {1: line(0, 5), 2: line(0, 7)}, 5, 5, 7),
        ({1: line(0, None)}, {1: line(0, 7)}, None, 0, 7),
        ({1: line(0, 7)}, {1: line(0, None)}, 7, 7, None),
    ],
)
def test_lines_that_vanish_are_new_or_lose_their_forecast(
    before, now, published, previous, movement
):
    year = council(now, before)
    given_before = previous_of(year)
    if published is None:
        given_before.published.loc[:] = pd.NA
    row = compute_figures(
        Tree.of(year.services.values(), {2}),
        positions_of(now),
        given_before,
        legs_of(year),
        pd.Series(year.today),
    ).nodes.loc["S"]
    assert plain(row["previous_as_published"]) == published
    assert plain(row["previous_net_variance"]) == previous
    assert plain(row["movement"]) == movement
