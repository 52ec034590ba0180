"""The page of one decision: all that is kept of it, and what it allowed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.periods import long_date
from planning.decisions.findings import band_of, findings_of, in_force_text, score_of
from planning.decisions.provisions import is_provided_for
from planning.decisions.report_rows import DecisionRow, EffectRow, date_of, with_long_dates
from planning.decisions.settings_tables import decision_rules, risk_rules
from planning.decisions.statements.decisions import describe_sign_offs
from planning.decisions.statements.effects import describe_effect

if TYPE_CHECKING:
    from monitoring.models import FinancialYear
    from monitoring.reports.selectors.report_data import ReportData
    from monitoring.structure.council_settings import CouncilSettings

NOT_STATED = "Not stated"


@dataclass(frozen=True)
class DecisionPage:
    """A decision as its page shows it; `report` is the published one it is read from, or None."""

    decision: DecisionRow
    year: FinancialYear
    settings: CouncilSettings
    report: ReportData | None = None

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Return every field of the decision in words, those that are blank left out."""
        row, rules = self.decision, decision_rules(self.settings)
        key = {"yes": "Yes", "no": "No"}.get(row.key_decision, NOT_STATED)
        if row.key_reason:
            key = f"{key}: {row.key_reason}"
        found = [
            ("Decision maker", row.decision_maker),
            ("Day of the decision", _print_day(row.decision_on) or "Not fixed yet"),
            ("Key decision", key),
            ("Service", f"{row.service_name} ({row.service})" if row.service else ""),
            ("In force on", _print_day(in_force_text(row, rules))),
            ("Last day for a call-in", _print_day(row.call_in_until)),
            ("Notice in the forward plan", _print_day(row.forward_plan_on)),
            ("Agenda published", _print_day(row.agenda_on)),
            ("Private under", row.exempt),
            ("Risk", self._describe_risk()),
            ("Provision", self._describe_provision()),
            ("Note", row.note),
        ]
        return [(label, text) for label, text in found if text]

    def _describe_risk(self) -> str:
        score, row = score_of(self.decision), self.decision
        if score is None:
            return "" if row.risk_score is None else f"{row.risk_score}, as printed"
        band = band_of(row, risk_rules(self.settings))
        words = f"likelihood {row.likelihood} × impact {row.impact} = {score}"
        return f"{words}, {band}" if band else words

    def _describe_provision(self) -> str:
        rules = risk_rules(self.settings)
        if not is_provided_for(self.decision, rules):
            return ""
        return f"The council provides for it, as for every risk of {rules.provision_from} or more"

    @property
    def broken(self) -> list[str]:
        """Return what is not as the council's rules want, in a sentence each."""
        found = findings_of(self.decision, decision_rules(self.settings))
        return [f"{with_long_dates(each.sentence)}." for each in found if not each.is_kept]

    @property
    def effects(self) -> list[dict[str, str]]:
        """Return the effects with exact amounts."""
        return [
            {
                "effect": describe_effect(each),
                "year": each.year_label,
                "amount": _describe_amount(each),
                "in_forecast": each.in_forecast.capitalize() or NOT_STATED,
                "in_plan": "No" if each.in_plan == "no" else each.in_plan or NOT_STATED,
                "note": each.note,
            }
            for each in self.decision.effects
        ]

    @property
    def sign_offs(self) -> list[tuple[str, str, str]]:
        """Return role, answer and day of each sign-off."""
        return describe_sign_offs(self.decision)

    @cached_property
    def moves(self) -> list[tuple[registry.AuthorisedMove, str]]:
        """The virements, movements of reserves and contracts that it allowed, with amounts."""
        found = registry.moves_under(self.year, self.report, self.decision.reference)
        return [
            (each, NOT_STATED if each.pence is None else plain_pounds(each.pence)) for each in found
        ]


def _print_day(text: str) -> str:
    day = date_of(text)
    return "" if day is None else long_date(day)


def _describe_amount(effect: EffectRow) -> str:
    """Return the amount or the range in pounds; without a figure it is exempt or not known."""
    if effect.amount is not None:
        return plain_pounds(effect.amount)
    if effect.amount_low is None or effect.amount_high is None:
        return "No figure"
    return f"{plain_pounds(effect.amount_low)} to {plain_pounds(effect.amount_high)}"
