"""The decisions of one report as rows, which publishing keeps as plain data. Pure.

Amounts are whole pence without the suffix `_pence`; None is not given. Dates are ISO texts, which
JSON keeps, and "" where there is none.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from council_finance.periods import financial_year_label, financial_year_slug, long_date

SIGNS = {"cost": 1, "saving": -1, "income": -1}
"""Kinds that change net expenditure, and the sign with which they do.

Virements move budgets between services, movements of reserves pay for spending, and capital is no
revenue: none of them is added to the others.
"""


_ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def date_of(text: str) -> datetime.date | None:
    """Return the date of a text that publishing keeps; None where it is blank."""
    return datetime.date.fromisoformat(text) if text else None


def with_long_dates(text: str) -> str:
    """Return a sentence with its ISO dates in words, as pages print them."""
    return _ISO_DATE.sub(lambda found: long_date(datetime.date.fromisoformat(found.group())), text)


def iso_date(day: datetime.date | None) -> str:
    """Return a date as publishing keeps it; "" where there is none."""
    return "" if day is None else day.isoformat()


@dataclass(frozen=True)
class SignOffRow:
    """The answer of a role; `outcome` is `blank` where there is none."""

    role: str
    signed_on: str
    outcome: str

    @property
    def is_answered(self) -> bool:
        """Return whether the role answered; that it is not concerned is an answer."""
        return self.outcome != "blank"


@dataclass(frozen=True)
class EffectRow:
    """An effect of a decision; amounts are positive, and `kind` says which way they go."""

    line: str
    kind: str
    service: str
    service_name: str
    financial_year: int | None
    contract_year: int | None
    recurrence: str
    amount: int | None
    amount_low: int | None
    amount_high: int | None
    in_forecast: str
    in_plan: str
    note: str

    @property
    def year_key(self) -> str:
        """Return the key of its column: `2019-20`, `contract-year-1` or `year-not-stated`."""
        if self.contract_year is not None:
            return f"contract-year-{self.contract_year}"
        if self.financial_year is None:
            return "year-not-stated"
        return financial_year_slug(self.financial_year)

    @property
    def year_label(self) -> str:
        """Return the heading of its column."""
        if self.contract_year is not None:
            return f"Contract year {self.contract_year}"
        if self.financial_year is None:
            return "Year not stated"
        return financial_year_label(self.financial_year)

    @property
    def year_place(self) -> tuple[int, int]:
        """Return the place of its column: financial years, years of a contract, no year."""
        if self.financial_year is not None:
            return 0, self.financial_year
        return (2, 0) if self.contract_year is None else (1, self.contract_year)

    @property
    def has_figure(self) -> bool:
        """Return whether an amount or a range is given; else it is exempt or not known."""
        return self.amount is not None or self.amount_low is not None

    @property
    def signed_amount(self) -> int | None:
        """Return the amount as it changes spending: savings and income are negative."""
        return None if self.amount is None else self.amount * SIGNS.get(self.kind, 1)

    @property
    def changes_net_expenditure(self) -> bool:
        """Return whether it is a cost, a saving or income."""
        return self.kind in SIGNS

    @property
    def most(self) -> int:
        """Return the amount, or the highest of its range, which key decisions are held against."""
        return self.amount if self.amount is not None else self.amount_high or 0


@dataclass(frozen=True)
class DecisionRow:
    """A decision with its effects and sign-offs. `key_decision` is `yes`, `no` or ""."""

    reference: str
    title: str
    decision_maker: str
    decision_on: str
    key_decision: str
    key_reason: str
    status: str
    service: str
    service_name: str
    exempt: str
    likelihood: int | None
    impact: int | None
    risk_score: int | None
    forward_plan_on: str
    agenda_on: str
    call_in_until: str
    note: str
    effects: tuple[EffectRow, ...]
    sign_offs: tuple[SignOffRow, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "DecisionRow":
        """Return the decision of plain data."""
        effects = tuple(EffectRow(**each) for each in data["effects"])
        sign_offs = tuple(SignOffRow(**each) for each in data["sign_offs"])
        return cls(**{**data, "effects": effects, "sign_offs": sign_offs})

    @property
    def status_text(self) -> str:
        """Return the status in words."""
        return self.status.replace("_", " ")


@dataclass(frozen=True)
class MeetingRow:
    """A meeting of the agenda plan."""

    meeting_on: str
    committee: str
    provisional: bool
    reports_due_on: str
    despatch_on: str


@dataclass(frozen=True)
class DecisionsSection:
    """A report's decisions and meetings, read from plain data when needed.

    Empty in a report published before there were decisions.
    """

    data: Mapping[str, Any] | None

    @cached_property
    def decisions(self) -> list[DecisionRow]:
        """The decisions in the order of their file."""
        return [DecisionRow.from_data(each) for each in self._read_rows("decisions")]

    @cached_property
    def meetings(self) -> list[MeetingRow]:
        """The meetings by date."""
        return [MeetingRow(**each) for each in self._read_rows("meetings")]

    def _read_rows(self, name: str) -> list[dict[str, Any]]:
        return self.data[name] if self.data else []

    def find(self, reference: str) -> DecisionRow | None:
        """Return the decision of that reference."""
        return next((each for each in self.decisions if each.reference == reference), None)
