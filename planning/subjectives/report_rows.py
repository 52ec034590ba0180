"""The subjective analysis of a year as rows, which publishing keeps as plain data. Pure.

Amounts are whole pence; income is negative. None is not given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

NET = "net"


@dataclass(frozen=True)
class SubjectiveRow:
    """A column of the analysis."""

    code: str
    name: str
    group: str
    kind: str
    subtotal_after: str

    @property
    def key(self) -> str:
        """Return the key of its column in statements."""
        return self.code.lower()

    @property
    def is_analysis(self) -> bool:
        """Return whether it is a part of the analysis, and not the net budget without one."""
        return self.kind != NET


@dataclass(frozen=True)
class TreeRow:
    """A row of the tree of services: `kind` is `node` for a group, else `service`."""

    key: str
    parent: str
    level: int
    kind: str
    name: str
    total_label: str


@dataclass(frozen=True)
class EstimateRow:
    """The estimates of a service and subjective in a year, over all steps."""

    financial_year: int
    service: str
    subjective: str
    amount: int


@dataclass(frozen=True)
class AccountRuleRow:
    """An account, or its beginning and a star, and the code of its subjective."""

    account: str
    subjective: str


@dataclass(frozen=True)
class SubjectivesSection:
    """A year's subjectives, rules for accounts, tree and estimates, read from plain data."""

    data: Mapping[str, Any] | None

    @cached_property
    def subjectives(self) -> list[SubjectiveRow]:
        """The columns in their order."""
        return [SubjectiveRow(**each) for each in self._read_rows("subjectives")]

    @cached_property
    def tree(self) -> list[TreeRow]:
        """The rows of the tree, parents before children."""
        return [TreeRow(**each) for each in self._read_rows("tree")]

    @cached_property
    def estimates(self) -> list[EstimateRow]:
        """The estimates of all years."""
        return [EstimateRow(**each) for each in self._read_rows("estimates")]

    @cached_property
    def account_rules(self) -> list[AccountRuleRow]:
        """The rules for accounts; an earlier report may have kept none."""
        rows = self.data.get("account_rules", []) if self.data else []
        return [AccountRuleRow(**each) for each in rows]

    @cached_property
    def analysis(self) -> list[SubjectiveRow]:
        """The columns of the analysis, without the net budget of years that have none."""
        return [each for each in self.subjectives if each.is_analysis]

    @cached_property
    def children(self) -> dict[str, list[TreeRow]]:
        """The rows of the tree by the key of the row above; the top is under ""."""
        found: dict[str, list[TreeRow]] = {}
        for row in self.tree:
            found.setdefault(row.parent, []).append(row)
        return found

    def _read_rows(self, name: str) -> list[dict[str, Any]]:
        return self.data[name] if self.data else []

    def later_years(self, year: int) -> list[int]:
        """Return the years after one for which there are estimates."""
        return sorted(
            {each.financial_year for each in self.estimates if each.financial_year > year}
        )

    def leaves_under(self, row: TreeRow) -> Iterator[TreeRow]:
        """Yield the rows under a row, or itself, that are no groups."""
        children = self.children.get(row.key, [])
        if not children:
            yield row
        for child in children:
            yield from self.leaves_under(child)

    def lowest_groups(self, top: TreeRow) -> Iterator[TreeRow]:
        """Yield the groups whose children have none, and services on the same level as groups.

        Where the top itself is the lowest group, its services.
        """
        children = self.children.get(top.key, [])
        if not any(self.children.get(child.key) for child in children):
            yield from children
            return
        for child in children:
            below = self.children.get(child.key, [])
            if any(self.children.get(each.key) for each in below):
                yield from self.lowest_groups(child)
            else:
                yield child
