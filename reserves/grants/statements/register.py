"""Grants by group, with what is carried forward (Cambridgeshire, appendix 3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from council_finance import registry
from council_finance.statements import Cell, Column, Display, Footnote, Row, Statement
from monitoring.reports.selectors.report_data import ReportData
from monitoring.reports.statements.rows import with_rounding_note
from reserves.grants.calculations import add_given
from reserves.grants.report_rows import CAPITAL, REVENUE, GrantRow, total_expected
from reserves.grants.report_section import section_of
from reserves.grants.settings_tables import grants_settings

NAME = "grants"
TITLE = "Grants"
AMOUNTS = ("expected", "received", "applied", "carried_forward")
YES_OR_NO = {True: "yes", False: "no", None: ""}


@registry.statement(NAME, title=TITLE, after="capital-receipts")
def grants(facts: ReportData) -> Statement:
    """Return revenue grants by group with their total, and capital grants in a block below."""
    display = facts.display(NAME)
    return with_rounding_note(
        Statement(
            name=NAME,
            title=TITLE,
            header=facts.header,
            display=display,
            columns=(
                Column("awarding_body", "Awarding body"),
                Column("expected", "Expected amount", display.unit_label),
                Column("received", "Received", display.unit_label),
                Column("applied", "Applied", display.unit_label),
                Column("carried_forward", "Carried forward", display.unit_label),
                Column("ring_fenced", "Ring-fenced"),
            ),
            rows=tuple(_GrantRows(facts).all()),
            footnotes=tuple(_write_notes(facts, display)),
            row_heading="Grant",
        )
    )


@dataclass(frozen=True)
class _PrintedGrant:
    """A row of the statement: one grant, or those below the de minimis together."""

    key: str
    label: str
    awarding_body: str
    ring_fenced: bool | None
    grants: tuple[GrantRow, ...]


class _GrantRows:
    """The rows of a report's grants, in the order of the register."""

    def __init__(self, facts: ReportData) -> None:
        self.section, self.display = section_of(facts), facts.display(NAME)
        self.de_minimis = grants_settings(facts.settings).de_minimis
        self.year = facts.header.financial_year

    def all(self) -> Iterator[Row]:
        """Yield the block of revenue grants with its total, then that of capital grants."""
        revenue, capital = self.section.of_kind(REVENUE), self.section.of_kind(CAPITAL)
        if revenue:
            yield from self._build_block(revenue, "", "Total Grant Funding", "total")
        if capital:
            yield from self._build_block(capital, "capital:", "Total Capital Grants", "subtotal")

    def _build_block(
        self, grants: Sequence[GrantRow], start: str, label: str, kind: str
    ) -> Iterator[Row]:
        groups: dict[str, list[GrantRow]] = {}
        for grant in grants:
            groups.setdefault(grant.group, []).append(grant)
        added: list[str] = []
        for name, members in groups.items():
            rows = list(self._build_group(name, members, start))
            yield from rows
            has_total = rows[-1].kind == "subtotal"
            added += [rows[-1].key] if has_total else [r.key for r in rows if r.kind == "line"]
        if kind == "total" or len(groups) > 1:
            cells = self._build_cells(grants)
            key = "total" if kind == "total" else f"total:{start.rstrip(':')}"
            yield Row(key, f"{label} {self.year}", kind, cells, sum_of=tuple(added))

    def _build_group(self, name: str, members: Sequence[GrantRow], start: str) -> Iterator[Row]:
        if name:
            yield Row(f"heading:{start}{name}", name, "heading")
        printed = list(self._gather_rows(name, members, start))
        for row in printed:
            cells = self._build_cells(row.grants, row.awarding_body, row.ring_fenced)
            yield Row(row.key, row.label, "line", cells, 1 if name else 0)
        if name and len(printed) > 1:
            parts = tuple(row.key for row in printed)
            label = f"Total {name} {self.year}"
            yield Row(
                f"total:{start}{name}", label, "subtotal", self._build_cells(members), sum_of=parts
            )

    def _gather_rows(
        self, name: str, members: Sequence[GrantRow], start: str
    ) -> Iterator[_PrintedGrant]:
        """Yield each grant, and last those below the de minimis together where they are several."""
        small = [grant for grant in members if self._is_small(grant)]
        together = small if len(small) > 1 else []
        for each in members:
            if each not in together:
                yield _PrintedGrant(
                    each.reference, each.name, each.awarding_body, each.ring_fenced, (each,)
                )
        if together:
            label = f"Non-material grants (under {self.display.in_words(self.de_minimis)})"
            bodies = {grant.awarding_body for grant in together}
            fences = {grant.ring_fenced for grant in together}
            yield _PrintedGrant(
                f"small:{start}{name}",
                label,
                bodies.pop() if len(bodies) == 1 else "Various",
                fences.pop() if len(fences) == 1 else None,
                tuple(together),
            )

    def _is_small(self, grant: GrantRow) -> bool:
        return grant.expected is not None and abs(grant.expected) < self.de_minimis

    def _build_cells(
        self, grants: Sequence[GrantRow], awarding_body: str = "", ring_fenced: bool | None = None
    ) -> dict[str, Cell]:
        sums = {name: add_given([getattr(each, name) for each in grants]) for name in AMOUNTS}
        return {
            "awarding_body": Cell(awarding_body),
            **{name: Cell.of_amount(pence, self.display) for name, pence in sums.items()},
            "ring_fenced": Cell(YES_OR_NO[ring_fenced]),
        }


def _write_notes(facts: ReportData, display: Display) -> Iterator[Footnote]:
    """Yield notes of missing grants, ring-fenced deficits and what is left out of the totals."""
    grants = section_of(facts).grants
    if not grants:
        yield Footnote("", "No grants have been brought in.")
        return
    for grant in grants:
        closing = grant.carried_forward
        if grant.ring_fenced and closing is not None and closing < 0:
            deficit = display.in_words(-closing)
            yield Footnote("", f"{grant.name}: a ring-fenced deficit of {deficit} is carried.")
    without = [grant.name for grant in grants if grant.expected is None]
    if without:
        yield Footnote("", f"Without an expected amount: {', '.join(without)}.")
    if total_expected(section_of(facts).of_kind(CAPITAL)) is not None:
        yield Footnote("", "Capital grants are not in the total of grant funding.")
