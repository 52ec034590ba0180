"""What every open period's figures have to be: plain loops over what was brought in and typed.

Follows the rules of the files, of the structure and of Annex A, and uses nothing of the product:
dictionaries, lists and Python integers. `Oracle` is told each act that the product took.
"""

from collections import Counter, defaultdict
from copy import deepcopy
from dataclasses import dataclass, field

UNPLACED = "UNALLOCATED"
LAST = 2_000_000_000
SUMMED = (
    *("lines", "lines_without_forecast", "lines_carried", "budget_without_forecast", "budget"),
    *("lines_without_actual", "lines_without_commitments"),
    *("use_of_reserves", "use_of_capital_receipts"),
)
GIVEN = ("original_budget", "actual_to_date", "commitments")
TYPED = ("forecast", "reserves", "receipts")
NIL_WHERE_EMPTY = ("forecast", "gross_variance", "net_variance")

Line = tuple[str, str]
"""Cost centre and account."""


@dataclass
class Service:
    """A service of the register, by code; `named`: the last tree named it."""

    code: str
    parent: str
    order: int
    named: bool = True
    successor: str = ""


@dataclass
class Row:
    """A line's figures in a period, in pence; None: not given (of planned use only in a file)."""

    budget: int
    original: int | None
    actual: int | None
    commitments: int | None
    forecast: int | None
    reserves: int | None
    receipts: int | None
    carried_from: int | None = None

    @property
    def gross(self) -> int | None:
        """Forecast less budget."""
        return None if self.forecast is None else self.forecast - self.budget

    @property
    def net(self) -> int | None:
        """The same after planned use, which counts without a forecast too."""
        planned = self.reserves + self.receipts
        return planned or None if self.gross is None else self.gross + planned


@dataclass
class FileRow:
    """A row of a ledger's file; `service` "" is a blank cell."""

    line: Line
    service: str
    row: Row


@dataclass
class Virement:
    """An approved transfer between lines; an end may be outside."""

    reference: str
    period: int
    giver: Line | None
    receiver: Line | None
    amount: int
    spending: int
    reverses: str = ""


@dataclass
class Report:
    """What a published report froze."""

    rows: dict[Line, Row]
    homes: dict[Line, str]
    net: dict[str, int | None]
    reflects: set[str]


@dataclass
class Period:
    """`rows` None: no figures yet; `typed` are people's figures that hold, by line and name."""

    rows: dict[Line, Row] | None = None
    typed: dict[tuple[Line, str], int] = field(default_factory=dict)
    published: bool = False
    report: Report | None = None

    def effective(self) -> dict[Line, Row]:
        """The rows with typed figures in their place."""
        rows = deepcopy(self.rows)
        for (line, name), pence in self.typed.items():
            if line in rows:
                setattr(rows[line], name, pence)
                if name == "forecast":
                    rows[line].carried_from = None
        return rows


@dataclass
class Node:
    """A row of a period's table."""

    key: str
    service: str
    parent: str
    level: int
    kind: str
    figures: dict[str, int | None] = field(default_factory=dict)
    restated: Counter = field(default_factory=Counter)
    lines_changed: Counter = field(default_factory=Counter)


@dataclass
class Tree:
    """Every service as it stands today, and the codes of the open ones."""

    services: dict[str, Service]
    open: set[str]

    @property
    def parents(self) -> set[str]:
        """Codes of open services with others under them."""
        return {self.services[code].parent for code in self.open} - {""}

    def home(self, code: str) -> str:
        """Where a service's lines stand: after its successors, else at its nearest open parent."""
        seen = set()
        while code not in self.open and code not in seen:
            seen.add(code)
            step = self.services[code].successor or self.services[code].parent
            if not step:
                return min(each for each in self.open if not self.services[each].parent)
            code = step
        return code

    def leaves(self) -> list[str]:
        """Open services on which a file may put lines."""
        return sorted(self.open - self.parents)

    def children(self, parent: str) -> list[Service]:
        """Open services under one, in their order."""
        found = [self.services[code] for code in self.open if self.services[code].parent == parent]
        return sorted(found, key=lambda service: (service.order, service.code))

    def under(self, code: str) -> set[str]:
        """A service and all open ones under it."""
        return {code}.union(*(self.under(child.code) for child in self.children(code)))


class Oracle:
    """A council's year."""

    def __init__(self):
        self.services: dict[str, Service] = {}
        self.places: dict[Line, str] = {}
        self.periods = {number: Period() for number in range(14)}
        self.virements: list[Virement] = []

    # What stands where

    def open_periods(self) -> list[int]:
        """Numbers of the periods that have figures and are not published."""
        return [n for n, p in self.periods.items() if p.rows is not None and not p.published]

    def tree(self) -> "Tree":
        """Today's services, under one top."""
        services = {code: deepcopy(service) for code, service in self.services.items()}
        in_order = sorted(services.values(), key=lambda s: (s.order, s.code))
        tops = [service for service in in_order if not service.parent]
        top = next((s for s in tops if s.named and not s.successor), None)
        former = {service.code for service in tops if top and service is not top}
        for service in services.values():
            if service.code in former or service.parent in former:
                service.parent = top.code
        held = {self.places[line] for n in self.open_periods() for line in self.periods[n].rows}
        found: set[str] = set()
        for service in services.values():
            if not service.successor and (service.named or service.code in held):
                code = service.code
                while code:
                    found.add(code)
                    code = services[code].parent
        return Tree(services, found)

    # What is told

    def tell_services(self, rows: list[Service]) -> None:
        """services.csv was stored."""
        for service in self.services.values():
            service.named = False
        self.services |= {row.code: deepcopy(row) for row in rows}
        top = next(row.code for row in rows if not row.parent and not row.successor)
        self.services[UNPLACED] = Service(UNPLACED, top, LAST, named=False)

    def tell_file(self, number: int, file: list[FileRow], scope: str = "") -> None:
        """position.csv was stored, whole or for a service."""
        period, tree = self.periods[number], self.tree()
        inside = tree.under(scope) if scope else tree.open
        kept = {
            line: row
            for line, row in (period.rows or {}).items()
            if scope and tree.home(self.places[line]) not in inside
        }
        earlier_periods = [n for n, p in self.periods.items() if n < number and p.rows is not None]
        earlier = self.periods[max(earlier_periods)].effective() if earlier_periods else {}
        placed = {each.line: self._placed(each, file) for each in file}
        for each in file:
            row = deepcopy(each.row)
            for name in TYPED:
                given = getattr(row, name)
                if given is not None and period.typed.get((each.line, name)) != given:
                    period.typed.pop((each.line, name), None)
            for name in ("reserves", "receipts"):
                if getattr(row, name) is None:
                    before = earlier.get(each.line)
                    setattr(row, name, getattr(before, name) if before else 0)
            if row.forecast is None and each.line in earlier:
                row.forecast = earlier[each.line].forecast
                row.carried_from = None if row.forecast is None else max(earlier_periods)
            kept[each.line] = row
        for line, place in placed.items():
            later = (p.rows for n, p in self.periods.items() if n > number and p.rows is not None)
            if line not in self.places or not any(line in rows for rows in later):
                self.places[line] = place
        period.rows = kept

    def _placed(self, row: FileRow, file: list[FileRow]) -> str:
        """A blank service is that of the cost centre so far: in the year, else in the file."""
        centre = row.line[0]
        so_far = {place for line, place in self.places.items() if line[0] == centre}
        named = {each.service for each in file if each.line[0] == centre and each.service}
        if row.service:
            return row.service
        if len(so_far) > 1:
            return self.places[row.line]
        return next(iter(so_far or named), UNPLACED)

    def tell_typed(self, number: int, line: Line, pence: int | None, name="forecast") -> None:
        """A forecast or planned use was typed, or taken back."""
        if pence is None:
            self.periods[number].typed.pop((line, name), None)
        else:
            self.periods[number].typed[line, name] = pence

    def tell_placed(self, code: str, parent: str, after: str | None, *, new: bool) -> None:
        """A service was added, or moved, in the browser: its siblings are numbered anew."""
        if new:
            self.services[code] = Service(code, parent, 0)
        self.services[code].parent = parent
        siblings = [
            service
            for service in self.services.values()
            if service.parent == parent and service.code not in (code, UNPLACED)
        ]
        codes = [each.code for each in sorted(siblings, key=lambda s: (s.order, s.code))]
        place = len(codes) if after is None else codes.index(after) + 1 if after else 0
        for order, each in enumerate([*codes[:place], code, *codes[place:]], start=1):
            self.services[each].order = order

    def tell_published(self, number: int) -> None:
        """The period's report was published."""
        period, tree = self.periods[number], self.tree()
        nodes = self.figures(number)
        period.report = Report(
            rows=period.effective(),
            homes={line: tree.home(self.places[line]) for line in period.rows},
            net={n.service: n.figures["net_variance"] for n in nodes if n.kind != "closed"},
            reflects={each.reference for each in self.virements if each.period <= number},
        )
        period.published = True

    # What follows

    def figures(self, number: int) -> list[Node]:
        """Every row of the period's table in order, with all its figures."""
        tree, rows = self.tree(), self.periods[number].effective()
        reports = [p.report for n, p in self.periods.items() if n < number and p.report]
        previous = reports[-1] if reports else None
        legs = self._legs(number, previous) if previous else []
        used = {self.places[line] for line in rows}
        if previous:
            used |= {self.places[line] for line in previous.rows}
            used |= {self.places[line] for line, _, _ in legs}
        nodes = self._nodes(tree, used)
        above = {node.key: node.parent for node in nodes}
        keys = {code: self._key(code, tree, nodes) for code in self.services}
        for node in nodes:
            here = {code for code in keys if _is_under(keys[code], node.key, above)}
            node.figures = _added([r for line, r in rows.items() if self.places[line] in here])
            self._compare(node, here, previous, legs, tree)
        if previous:
            self._explain({n.key: n for n in nodes}, keys, rows, previous, legs)
        return nodes

    def _legs(self, number: int, previous: Report) -> list[tuple[Line, str, int]]:
        """Per line what each virement that the previous report did not reflect restates."""
        found = []
        for each in self.virements:
            if each.period <= number and each.reference not in previous.reflects:
                effect = each.spending - each.amount
                ends = ((each.receiver, effect), (each.giver, -effect))
                found += [(line, each.reference, pence) for line, pence in ends if line]
        return found

    def _nodes(self, tree: Tree, used: set[str]) -> list[Node]:
        strays = defaultdict(list)
        for code in sorted(used):
            if tree.home(code) in tree.parents:
                strays[tree.home(code)].append(code)
        found: list[Node] = []

        def walk(parent: str, level: int) -> None:
            for service in tree.children(parent):
                kind = "node" if service.code in tree.parents else "service"
                found.append(Node(service.code, service.code, parent, level, kind))
                walk(service.code, level + 1)
                for code in strays[service.code]:
                    key = f"{code} (closed)"
                    found.append(Node(key, code, service.code, level + 1, "closed"))

        walk("", 0)
        return found

    def _key(self, code: str, tree: Tree, nodes: list[Node]) -> str:
        stray = [node.key for node in nodes if node.kind == "closed" and node.service == code]
        return stray[0] if stray else tree.home(code)

    def _compare(self, node: Node, here: set[str], previous, legs, tree) -> None:
        figures = node.figures
        names = ("previous_as_published", "previous_net_variance", "movement")
        figures |= dict.fromkeys((*names, "movement_as_published"))
        if previous is None:
            return
        then = [row.net or 0 for line, row in previous.rows.items() if self.places[line] in here]
        restated = sum(then) + sum(pence for line, _, pence in legs if self.places[line] in here)
        split = node.kind == "closed" and node.service in tree.open
        published = None if split else previous.net.get(node.service)
        net = figures["net_variance"]
        figures["previous_net_variance"] = restated
        figures["previous_as_published"] = published
        figures["movement"] = None if net is None else net - restated
        both = None not in (net, published)
        figures["movement_as_published"] = net - published if both else None

    def _explain(self, nodes: dict[str, Node], keys, rows, previous: Report, legs) -> None:
        """What restated each row, and the lines forecast for the first time or no longer."""
        for line, reference, pence in legs:
            nodes[keys[self.places[line]]].restated["virement", reference] += pence
        for line, row in previous.rows.items():
            here, there = keys[self.places[line]], previous.homes[line]
            if here != there:
                nodes[here].restated["moved in", there, "lines"] += 1
                nodes[here].restated["moved in", there] += row.net or 0
                if there in nodes:
                    nodes[there].restated["moved out", nodes[here].service, "lines"] += 1
                    nodes[there].restated["moved out", nodes[here].service] -= row.net or 0
            if line in rows and (rows[line].forecast is None) != (row.forecast is None):
                gone = rows[line].forecast is None
                now = nodes[keys[self.places[line]]]
                now.lines_changed["no_longer_forecast" if gone else "first_forecast"] += 1
        for node in nodes.values():
            self._forget_what_was_taken_back(node)

    def _forget_what_was_taken_back(self, node: Node) -> None:
        """A virement and its reversals that come to nothing here are no cause."""
        original = {each.reference: each.reverses or each.reference for each in self.virements}
        sums: Counter = Counter()
        effects = {cause[1]: v for cause, v in node.restated.items() if cause[0] == "virement"}
        for reference, pence in effects.items():
            sums[original[reference]] += pence
        for reference, pence in effects.items():
            if pence == 0 or sums[original[reference]] == 0:
                del node.restated["virement", reference]


def _is_under(key: str, ancestor: str, above: dict[str, str]) -> bool:
    while key and key != ancestor:
        key = above[key]
    return key == ancestor


def _added(rows: list[Row]) -> dict[str, int | None]:
    """The sums over lines: missing where none of them gives the figure."""
    found: dict[str, int | None] = dict.fromkeys(SUMMED, 0)
    found |= dict.fromkeys(GIVEN) | dict.fromkeys(NIL_WHERE_EMPTY, None if rows else 0)
    for row in rows:
        found["lines"] += 1
        found["lines_without_forecast"] += row.forecast is None
        found["lines_carried"] += row.carried_from is not None
        found["lines_without_actual"] += row.actual is None
        found["lines_without_commitments"] += row.commitments is None
        found["budget_without_forecast"] += row.budget if row.forecast is None else 0
        found["budget"] += row.budget
        found["use_of_reserves"] += row.reserves
        found["use_of_capital_receipts"] += row.receipts
        given = {
            "original_budget": row.original,
            "actual_to_date": row.actual,
            "commitments": row.commitments,
            "forecast": row.forecast,
            "gross_variance": row.gross,
            "net_variance": row.net,
        }
        for name, pence in given.items():
            if pence is not None:
                found[name] = (found[name] or 0) + pence
    return found
