"""The page of contracts and the calendar: what ends, what notice is due, what renewals do."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from council_finance.periods import financial_year_label, long_date
from council_finance.statements.display import NOT_GIVEN
from monitoring.reports.selectors.report_data import ReportData
from planning.contracts.calculations import last_notice_day
from planning.contracts.findings import ended_before
from planning.contracts.renewals import Renewal, renewals_of, sum_of_years
from planning.contracts.report_rows import ContractRow
from planning.contracts.report_section import section_of
from planning.contracts.statements.contracts import NAME
from planning.contracts.table import contract_day
from planning.decisions.findings import in_force_text
from planning.decisions.report_rows import DecisionRow, MeetingRow, date_of
from planning.decisions.report_section import section_of as decisions_of
from planning.decisions.settings_tables import decision_rules


@dataclass(frozen=True)
class CalendarEntry:
    """A day of the calendar and what falls on it."""

    day: datetime.date
    what: str


def contracts_sentence(facts: ReportData) -> str:
    """Return what the contracts that ended or end within the horizon are worth a year."""
    day = contract_day(facts)
    contracts = section_of(facts).contracts
    ending = [each for each in contracts if day.is_due(each.term.end)]
    words = facts.display(NAME).in_words(sum(each.annual_value or 0 for each in ending))
    if not ending:
        return f"No contract ends in the {day.horizon_months} months from {long_date(day.as_at)}."
    noun = "contract ends" if len(ending) == 1 else "contracts end"
    return (
        f"{len(ending)} {noun} in the {day.horizon_months} months from {long_date(day.as_at)}, "
        f"worth {words} a year."
    )


def more_sentences(facts: ReportData) -> list[str]:
    """Return what runs without a decision, and how many have no annual value."""
    day = contract_day(facts)
    contracts, found = section_of(facts).contracts, []
    ended = [each for each in contracts if ended_before(each, day.as_at)]
    if ended:
        words = facts.display(NAME).in_words(sum(each.annual_value or 0 for each in ended))
        noun = "contract has" if len(ended) == 1 else "contracts have"
        found.append(
            f"{len(ended)} {noun} ended without a decision that extends it, worth {words} a year."
        )
    if missing := sum(each.annual_value is None for each in contracts):
        found.append(f"{missing} of {len(contracts)} have no annual value, which is not nil.")
    return found


def renewal_rows(facts: ReportData) -> list[dict[str, str]]:
    """Return contracts with what they replace, and the increase a year."""
    words = facts.display(NAME).amount
    return [
        {
            "label": f"{each.reference} {each.title}",
            "annual": words(each.annual_value),
            "replaces": words(each.replaces_annual_cost),
            "increase": words(each.increase_a_year),
        }
        for each in section_of(facts).contracts
        if each.annual_value is not None
        and each.replaces_annual_cost is not None
        and each.increase_a_year is not None
    ]


@dataclass(frozen=True)
class RenewalTable:
    """What renewals at today's prices would cost, as the page shows it."""

    facts: ReportData

    @cached_property
    def found(self) -> list[Renewal]:
        """The contracts that end, renewed, in the order of their last day."""
        start = self.facts.period.year.start
        found = renewals_of(section_of(self.facts).contracts, contract_day(self.facts), start)
        return sorted(found, key=lambda each: each.contract.term.end or datetime.date.max)

    @property
    def years(self) -> tuple[str, str]:
        """Return the financial years of its columns."""
        start = self.facts.period.year.start
        return financial_year_label(start), financial_year_label(start + 1)

    @property
    def sentence(self) -> str:
        """Return the costs of both years in words; "" where no contract ends."""
        if not self.found:
            return ""
        words = self.facts.display(NAME).in_words
        this_year, next_year = map(words, sum_of_years(self.found))
        return (
            f"Renewed at today’s prices they would cost {this_year} in {self.years[0]} and "
            f"{next_year} in {self.years[1]}, besides those whose value is not known."
        )

    @property
    def rows(self) -> list[dict[str, str]]:
        """Return a row for each contract that ends."""
        words = self._print_amount
        return [
            {
                "label": f"{each.contract.reference} {each.contract.title}",
                "ends": long_date(each.contract.term.end) if each.contract.term.end else "",
                "annual": words(each.contract.annual_value),
                "this_year": words(each.by_year[0]),
                "next_year": words(each.by_year[1]),
                "months": f"{each.extension_months} months" if each.extension_months else "None",
                "extension": words(each.extension),
            }
            for each in self.found
        ]

    def _print_amount(self, pence: int | None) -> str:
        return NOT_GIVEN if pence is None else self.facts.display(NAME).amount(pence)


def calendar_entries(facts: ReportData) -> list[CalendarEntry]:
    """Return every day of decisions, meetings and contracts, in order."""
    section, rules = decisions_of(facts), decision_rules(facts.settings)
    found: list[CalendarEntry] = []
    for decision in section.decisions:
        found += _days_of_decision(decision, in_force_text(decision, rules))
    for meeting in section.meetings:
        found += _days_of_meeting(meeting)
    for contract in section_of(facts).contracts:
        found += _days_of_contract(contract, contract_day(facts).as_at)
    return sorted(found, key=lambda each: (each.day, each.what))


def _days_of_decision(decision: DecisionRow, in_force: str) -> Iterator[CalendarEntry]:
    for text, what in (
        (decision.forward_plan_on, "Notice in the forward plan"),
        (decision.agenda_on, "Agenda published"),
        (decision.decision_on, f"{decision.decision_maker} decides"),
        (decision.call_in_until, "Last day for a call-in"),
        (in_force, "In force"),
    ):
        if (day := date_of(text)) is not None:
            yield CalendarEntry(day, f"{what}: {decision.reference} {decision.title}")


def _days_of_meeting(meeting: MeetingRow) -> Iterator[CalendarEntry]:
    name = f"{meeting.committee}{' (provisional)' if meeting.provisional else ''}"
    for text, what in (
        (meeting.reports_due_on, f"Reports due for {name} of {meeting.meeting_on}"),
        (meeting.despatch_on, f"Agenda sent out for {name} of {meeting.meeting_on}"),
        (meeting.meeting_on, f"Meeting of {name}"),
    ):
        if (day := date_of(text)) is not None:
            yield CalendarEntry(day, what)


def _days_of_contract(contract: ContractRow, as_at: datetime.date) -> Iterator[CalendarEntry]:
    for day, what in (
        (contract.term.start, "Contract starts"),
        (date_of(contract.review_date), "Contract is reviewed"),
        (contract.term.break_on, "Contract may be broken off"),
        (last_notice_day(contract.term, as_at), "Last day for notice"),
        (contract.term.end, "Contract ends"),
    ):
        if day is not None:
            yield CalendarEntry(day, f"{what}: {contract.reference} {contract.title}")
