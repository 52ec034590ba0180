"""The page of decisions: what the forecast does not hold, and each decision with its answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.text import slugify

from council_finance.periods import long_date
from council_finance.registry import find_report_figure
from council_finance.statements import Display
from monitoring.reports.selectors.report_data import ReportData
from planning.decisions.findings import findings_of, in_force_text, meeting_findings
from planning.decisions.provisions import describe_provisions, provisions_of
from planning.decisions.report_rows import DecisionRow, EffectRow, date_of, with_long_dates
from planning.decisions.report_section import section_of
from planning.decisions.settings_tables import DecisionRules, decision_rules, risk_rules
from planning.decisions.statements.decisions import count_sign_offs, describe_sign_offs
from planning.decisions.statements.effects import (
    NAME,
    describe_effect,
    effect_cell,
    is_not_in_forecast,
)


@dataclass(frozen=True)
class DecisionsOverview:
    """A report's decisions as their page shows them."""

    facts: ReportData

    @cached_property
    def display(self) -> Display:
        """The display of the effects."""
        return self.facts.display(NAME)

    @cached_property
    def rules(self) -> DecisionRules:
        """The council's rules."""
        return decision_rules(self.facts.settings)

    @cached_property
    def decisions(self) -> list[DecisionRow]:
        """The decisions in the order of the forward plan."""
        return section_of(self.facts).decisions

    @cached_property
    def missing(self) -> list[tuple[DecisionRow, EffectRow]]:
        """The effects that change net expenditure and that the forecast is not said to hold."""
        return [
            (decision, effect)
            for decision in self.decisions
            for effect in decision.effects
            if is_not_in_forecast(decision, effect)
        ]

    @property
    def sentence(self) -> str:
        """Return the sum of what the forecast does not hold, in words, by year."""
        sums: dict[str, int] = {}
        for _, effect in sorted(self.missing, key=lambda each: each[1].year_place):
            if effect.signed_amount is not None:
                sums[effect.year_label] = sums.get(effect.year_label, 0) + effect.signed_amount
        if not sums:
            return "The forecast holds every effect of a decision that has a figure."
        parts = [f"{self._describe_sum(pence)} in {_in_year(year)}" for year, pence in sums.items()]
        return f"Decisions that the forecast does not hold mean spending {', '.join(parts)}."

    def _describe_sum(self, pence: int) -> str:
        words = self.display.distinct_words(abs(pence))[0]
        return f"{words} {'less' if pence < 0 else 'more'}" if pence else "the same"

    @property
    def unknown(self) -> str:
        """Return how many effects have no figure; "" where there are none."""
        count = sum(
            not effect.has_figure
            for each in self.decisions
            for effect in each.effects
            if each.status != "withdrawn"
        )
        if not count:
            return ""
        noun = "effect has" if count == 1 else "effects have"
        return f"{count} {noun} no figure: exempt, or not known. They are not counted as nil."

    @property
    def provisions(self) -> str:
        """Return what the council provides for, in words; "" where it does not."""
        rules = risk_rules(self.facts.settings)
        found = provisions_of(self.decisions, rules, self.facts.period.year.start)
        minimum, _ = find_report_figure("general-fund-minimum", self.facts)
        return describe_provisions(found, rules, minimum)

    @property
    def missing_rows(self) -> list[dict[str, str]]:
        """Return the rows of the table of effects that the forecast does not hold."""
        return [
            {"reference": decision.reference, "anchor": anchor_of(decision)}
            | self._describe_effect(effect)
            | {"in_force": self._describe_force(decision)}
            for decision, effect in self.missing
        ]

    @property
    def broken(self) -> list[str]:
        """Return the findings on decisions and meetings that are not as the rules want."""
        found = [each for row in self.decisions for each in findings_of(row, self.rules)]
        for meeting in section_of(self.facts).meetings:
            found += meeting_findings(meeting, self.rules)
        return [with_long_dates(each.sentence) for each in found if not each.is_kept]

    @property
    def entries(self) -> list[Mapping[str, Any]]:
        """Return each decision with its effects, sign-offs and days in words."""
        return [
            {
                "row": each,
                "anchor": anchor_of(each),
                "sentence": self._describe_decision(each),
                "effects": [self._describe_effect(effect) for effect in each.effects],
                "answered": count_sign_offs(each),
                "sign_offs": describe_sign_offs(each),
            }
            for each in self.decisions
        ]

    def _describe_effect(self, effect: EffectRow) -> dict[str, str]:
        return {
            "effect": describe_effect(effect),
            "year": effect.year_label,
            "amount": effect_cell(effect, self.display).text,
            "in_forecast": effect.in_forecast.capitalize() or "Not stated",
            "in_plan": effect.in_plan.replace("no", "No") or "Not stated",
            "note": effect.note,
        }

    def _describe_force(self, decision: DecisionRow) -> str:
        day = date_of(in_force_text(decision, self.rules))
        if day is None:
            return decision.status_text.capitalize()
        as_at = self.facts.header.as_at
        if as_at is not None and day > as_at:
            return f"Decided, in force on {long_date(day)}"
        return f"Since {long_date(day)}"

    def _describe_decision(self, decision: DecisionRow) -> str:
        on = date_of(decision.decision_on)
        when = f" on {long_date(on)}" if on else ", on a day that is not fixed"
        key = {"yes": "A key decision of", "no": "Not a key decision; of"}
        start = f"{key.get(decision.key_decision, 'A decision of')} {decision.decision_maker}{when}"
        parts = [f"{start}: {decision.status_text}."]
        for each in self._find_notices(decision):
            parts.append(f"{with_long_dates(each.sentence.partition(': ')[2])}.")
        if decision.exempt:
            parts.append(f"Its report is private under {decision.exempt}.")
        return " ".join(part[:1].upper() + part[1:] for part in parts)

    def _find_notices(self, decision: DecisionRow) -> list[Any]:
        return [each for each in findings_of(decision, self.rules) if "clear" in each.sentence]


def anchor_of(decision: DecisionRow) -> str:
    """Return the id of a decision's part of the page."""
    return f"decision-{slugify(decision.reference.replace('/', '-'))}"


def _in_year(label: str) -> str:
    return label if label[:1].isdigit() else label[:1].lower() + label[1:]
