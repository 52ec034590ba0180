"""Checks of decisions: notice, sign-offs, key decisions, risk, provisions, virements, meetings."""

from collections.abc import Iterator

from council_finance import registry
from council_finance.money import plain_pounds
from council_finance.statements.casting import Check
from monitoring.reports.selectors.report_data import ReportData
from planning.decisions.findings import Finding, findings_of, meeting_findings
from planning.decisions.provisions import provisions_of, sum_of_provisions
from planning.decisions.report_section import section_of
from planning.decisions.settings_tables import decision_rules, risk_rules
from planning.decisions.statements.decisions import NAME as DECISIONS
from planning.decisions.statements.effects import NAME as EFFECTS


def _to_check(finding: Finding, statement: str = DECISIONS) -> Check:
    return Check.of_words(finding.sentence, statement, agrees=finding.is_kept)


@registry.check("decisions", of_any_period=True)
def decisions_are_proper(facts: ReportData) -> Iterator[Check]:
    """Check each decision's notice, sign-offs, threshold and printed risk score."""
    rules = decision_rules(facts.settings)
    for decision in section_of(facts).decisions:
        for finding in findings_of(decision, rules):
            yield _to_check(finding)


@registry.check("decision-meetings", of_any_period=True)
def meetings_keep_their_days(facts: ReportData) -> Iterator[Check]:
    """Check the days by which reports are due and agendas are sent out, named by the meeting."""
    rules = decision_rules(facts.settings)
    for meeting in section_of(facts).meetings:
        for finding in meeting_findings(meeting, rules):
            yield _to_check(finding)


@registry.check("decision-provisions", of_any_period=True)
def provisions_are_covered(facts: ReportData) -> Iterator[Check]:
    """Check that what high risks may cost is not above the minimum of the General Fund."""
    rules = risk_rules(facts.settings)
    provisions = provisions_of(section_of(facts).decisions, rules, facts.period.year.start)
    minimum, _ = registry.find_report_figure("general-fund-minimum", facts)
    if not provisions or minimum is None:
        return
    title = (
        f"Provisions for risks of {rules.provision_from} or more, "
        f"{plain_pounds(sum_of_provisions(provisions))}, are within the General Fund’s minimum of "
        f"{plain_pounds(minimum)}"
    )
    agrees = sum_of_provisions(provisions) <= minimum
    yield Check.of_words(title, DECISIONS, agrees=agrees)


@registry.check("decision-virements")
def virements_have_a_decision(facts: ReportData) -> Iterator[Check]:
    """Check that each virement above every role's limit names a decision of the year.

    A council that keeps no decisions here can name none.
    """
    limits = facts.settings.approval_limits
    known = {each.reference for each in section_of(facts).decisions}
    if not limits or not known:
        return
    sums: dict[str, int] = {}
    named: dict[str, str] = {}
    for leg in facts.approved_virements:
        sums[leg.reference] = sums.get(leg.reference, 0) + leg.amount
        named[leg.reference] = named.get(leg.reference, "") or leg.decision_reference
    for reference, amount in sums.items():
        if amount > max(limits.values()):
            title = f"{reference}: a virement above the limit names the decision that allowed it"
            yield Check.of_words(title, EFFECTS, agrees=named[reference] in known)
