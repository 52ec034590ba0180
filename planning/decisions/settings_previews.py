"""The previews of other rules for decisions and of other bands of risk."""

from council_finance.registry import PreviewTable, SettingsPreview, settings_preview
from monitoring.reports.selectors.report_data import ReportData
from planning.decisions.calculations import risk_band
from planning.decisions.findings import (
    Finding,
    findings_of,
    in_force_text,
    meeting_findings,
    score_of,
)
from planning.decisions.provisions import is_provided_for
from planning.decisions.report_section import section_of
from planning.decisions.settings_tables import (
    NAME,
    RISK,
    DecisionRules,
    RiskRules,
    decision_rules,
    risk_rules,
)


@settings_preview(NAME)
def preview_rules(report: ReportData, rules: DecisionRules) -> SettingsPreview:
    """List the findings on decisions and meetings that change, and the dates in force."""
    now = decision_rules(report.settings)
    before, after = _list_broken(report, now), _list_broken(report, rules)
    rows = [(text, "Found", "Not found") for text in before if text not in after]
    rows += [(text, "Not found", "Found") for text in after if text not in before]
    for decision in section_of(report).decisions:
        was, then = in_force_text(decision, now), in_force_text(decision, rules)
        if was != then:
            rows.append((f"{decision.reference}: in force on", was, then))
    return _build_preview("Findings and dates that change", "Finding", rows)


def _list_broken(report: ReportData, rules: DecisionRules) -> list[str]:
    section = section_of(report)
    found: list[Finding] = []
    for decision in section.decisions:
        found += findings_of(decision, rules)
    for meeting in section.meetings:
        found += meeting_findings(meeting, rules)
    return [each.sentence for each in found if not each.is_kept]


@settings_preview(RISK)
def preview_risk(report: ReportData, rules: RiskRules) -> SettingsPreview:
    """List the decisions whose risk falls into another band, or is provided for or no longer."""
    now = risk_rules(report.settings)
    rows = []
    for decision in section_of(report).decisions:
        score = score_of(decision)
        was, then = risk_band(score, now.bands), risk_band(score, rules.bands)
        if was != then:
            rows.append((f"{decision.reference}: {score}", was or "None", then or "None"))
        provided = [is_provided_for(decision, each) for each in (now, rules)]
        if provided[0] != provided[1]:
            before, after = ("Provided for" if each else "Not provided for" for each in provided)
            rows.append((f"{decision.reference}: {score}", before, after))
    return _build_preview("Decisions in another band", "Decision and score", rows)


def _build_preview(caption: str, heading: str, rows: list[tuple[str, str, str]]) -> SettingsPreview:
    if not rows:
        return SettingsPreview(("Nothing on decisions would change.",))
    table = PreviewTable(caption, (heading, "Now", "After"), tuple(rows))
    return SettingsPreview((), (table,))
