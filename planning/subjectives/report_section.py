"""The subjectives section of a year: read live, and kept as plain data in published reports."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Protocol

from council_finance import registry
from council_finance.lazy_mapping import LazyMapping
from monitoring.models import FinancialYear
from monitoring.structure.selectors.tree import current_tree
from planning.subjectives.report_rows import (
    AccountRuleRow,
    EstimateRow,
    SubjectiveRow,
    SubjectivesSection,
    TreeRow,
)
from planning.subjectives.selectors import account_rules_of, estimates_of, subjectives_of

NAME = "subjectives"


class HasSections(Protocol):
    """The data of a year or of a report, which has sections by name."""

    def typed_section(self, name: str, read: Any) -> Any:
        """Return a section as `read` converts it."""


@registry.report_section(NAME, of_year=True)
def subjectives_data(year: FinancialYear) -> Mapping[str, Any]:
    """Return the year's analysis as plain data, each list read when it is needed."""
    return LazyMapping(
        {
            "subjectives": lambda: [asdict(each) for each in build_subjectives(year)],
            "account_rules": lambda: [asdict(each) for each in _build_account_rules(year)],
            "tree": lambda: [asdict(each) for each in _build_tree(year)],
            "estimates": lambda: [asdict(each) for each in _build_estimates(year)],
        }
    )


def section_of(facts: HasSections) -> SubjectivesSection:
    """Return the subjectives section of a year, or of a report."""
    section: SubjectivesSection = facts.typed_section(NAME, SubjectivesSection)
    return section


def build_subjectives(year: FinancialYear) -> list[SubjectiveRow]:
    """Return the year's subjectives as they are stored now."""
    return [
        SubjectiveRow(each.code, each.name, each.group, each.kind, each.subtotal_after)
        for each in subjectives_of(year)
    ]


def _build_account_rules(year: FinancialYear) -> list[AccountRuleRow]:
    return [AccountRuleRow(each.account, each.subjective.code) for each in account_rules_of(year)]


def _build_tree(year: FinancialYear) -> list[TreeRow]:
    """Return the tree of a year that has subjectives; others need none."""
    if not subjectives_of(year):
        return []
    return [
        TreeRow(
            node.key,
            node.parent_key,
            node.level,
            node.kind,
            node.service.name,
            node.service.total_label if node.kind == "node" else "",
        )
        for node in current_tree(year).nodes
        if node.kind != "closed"
    ]


def _build_estimates(year: FinancialYear) -> list[EstimateRow]:
    """Return the estimates, those of services that have closed under their successors."""
    stored = estimates_of(year)
    if not stored:
        return []
    tree = current_tree(year)
    sums: dict[tuple[int, str, str], int] = {}
    for each in stored:
        home = tree.register[tree.home(each.service_id)].code
        key = (each.financial_year, home, each.subjective.code)
        sums[key] = sums.get(key, 0) + each.amount_pence
    return [EstimateRow(*key, amount) for key, amount in sums.items()]
