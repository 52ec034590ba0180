"""What a decision is held against: days of notice, sign-offs, thresholds and its risk. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from council_finance.money import plain_pounds
from council_finance.periods import long_date
from planning.decisions.calculations import (
    DayRule,
    hold_calendar_days,
    hold_working_days,
    in_force_on,
    risk_band,
    risk_score,
)
from planning.decisions.report_rows import DecisionRow, MeetingRow, date_of
from planning.decisions.settings_tables import DecisionRules, RiskRules


@dataclass(frozen=True)
class Finding:
    """A rule that a decision or a meeting keeps or breaks, in a sentence."""

    sentence: str
    is_kept: bool


def in_force_text(decision: DecisionRow, rules: DecisionRules) -> str:
    """Return the ISO date from which a decision is in force; "" where it is not."""
    taken_on, until = date_of(decision.decision_on), date_of(decision.call_in_until)
    closed = rules.closed_near(taken_on, until)
    found = in_force_on(decision.status, taken_on, until, rules.call_in_days, closed)
    return "" if found is None else found.isoformat()


def score_of(decision: DecisionRow) -> int | None:
    """Return the decision's likelihood × impact; None where no risk is assessed."""
    return risk_score(decision.likelihood, decision.impact)


def band_of(decision: DecisionRow, rules: RiskRules) -> str:
    """Return the band of the decision's risk; "" where none is assessed or there are no bands."""
    return risk_band(score_of(decision), rules.bands)


def findings_of(decision: DecisionRow, rules: DecisionRules) -> Iterator[Finding]:
    """Yield every finding on a decision, kept or broken."""
    yield from notice_findings(decision, rules)
    yield from sign_off_findings(decision, rules)
    for found in (key_decision_finding(decision, rules), risk_finding(decision)):
        if found is not None:
            yield found


def notice_rules(decision: DecisionRow, rules: DecisionRules) -> Iterator[tuple[str, DayRule]]:
    """Yield the days of notice of a decision, each with what the notice was.

    A key decision and a private meeting have notice in the forward plan, in clear days; a private
    meeting has the reasons with the agenda, in clear working days.
    """
    on = date_of(decision.decision_on)
    if on is None:
        return
    planned_on, agenda_on = date_of(decision.forward_plan_on), date_of(decision.agenda_on)
    if planned_on is not None and (decision.key_decision == "yes" or decision.exempt):
        rule = hold_calendar_days(planned_on, on, rules.notice_days_forward_plan)
        yield "forward plan notice", rule
    if agenda_on is not None and decision.exempt:
        closed = rules.closed_near(agenda_on, on)
        rule = hold_working_days(agenda_on, on, rules.notice_days_private, closed)
        yield "agenda of a private meeting", rule


def notice_findings(decision: DecisionRow, rules: DecisionRules) -> Iterator[Finding]:
    """Yield a finding for each notice of a decision."""
    for what, rule in notice_rules(decision, rules):
        sort = "clear days" if what.startswith("forward") else "clear working days"
        sentence = (
            f"{decision.reference}: {what} on {rule.day.isoformat()} is {rule.clear} {sort} before "
            f"{rule.before.isoformat()}, and at least {rule.least} are needed"
        )
        yield Finding(sentence, rule.is_kept)


def sign_off_findings(decision: DecisionRow, rules: DecisionRules) -> Iterator[Finding]:
    """Yield findings on a decision's sign-offs: blank ones, late ones and roles without a row.

    A decision without any row has none: its sign-offs are not recorded.
    """
    if not decision.sign_offs:
        return
    reference = decision.reference
    blank = [each.role for each in decision.sign_offs if not each.is_answered]
    words = f"no answer of {', '.join(blank)}" if blank else "every role answered"
    yield Finding(f"{reference}: sign-offs: {words}", not blank)
    late = [
        f"{each.role} ({each.signed_on})"
        for each in decision.sign_offs
        if decision.decision_on and each.signed_on > decision.decision_on
    ]
    words = f"after the decision: {', '.join(late)}" if late else "none after the decision"
    yield Finding(f"{reference}: sign-offs: {words}", not late)
    roles = {each.role for each in decision.sign_offs}
    missing = [role for role in rules.sign_offs if role not in roles]
    if rules.sign_offs:
        words = f"no row for {', '.join(missing)}" if missing else "a row for every role that must"
        yield Finding(f"{reference}: sign-offs: {words}", not missing)


def key_decision_finding(decision: DecisionRow, rules: DecisionRules) -> Finding | None:
    """Return whether a decision above the threshold is a key decision; None below or without one.

    Effects are added up by kind; of a range the highest amount counts.
    """
    if rules.key_decision_above is None:
        return None
    sums: dict[str, int] = {}
    for effect in decision.effects:
        sums[effect.kind] = sums.get(effect.kind, 0) + effect.most
    kind, most = max(sums.items(), key=lambda each: each[1], default=("", 0))
    if most <= rules.key_decision_above:
        return None
    sentence = (
        f"{decision.reference}: {kind} of {plain_pounds(most)} is above "
        f"{plain_pounds(rules.key_decision_above)}, so it is a key decision"
    )
    return Finding(sentence, decision.key_decision == "yes")


def risk_finding(decision: DecisionRow) -> Finding | None:
    """Return whether the printed score is likelihood × impact; None where none is printed."""
    score = score_of(decision)
    if decision.risk_score is None or score is None:
        return None
    sentence = (
        f"{decision.reference}: the risk score is likelihood × impact, "
        f"{decision.likelihood} × {decision.impact} = {score}, printed {decision.risk_score}"
    )
    return Finding(sentence, score == decision.risk_score)


def meeting_findings(meeting: MeetingRow, rules: DecisionRules) -> Iterator[Finding]:
    """Yield findings on the days by which reports are due and the agenda is sent out."""
    on = date_of(meeting.meeting_on)
    if on is None:
        return
    for what, text, least in (
        ("reports due", meeting.reports_due_on, rules.reports_due),
        ("despatch", meeting.despatch_on, rules.despatch),
    ):
        day = date_of(text)
        if day is None or least is None:
            continue
        rule = hold_working_days(day, on, least, rules.closed_near(day, on))
        yield Finding(f"{meeting.meeting_on}: {_describe_day(what, meeting, rule)}", rule.is_kept)


def _describe_day(what: str, meeting: MeetingRow, rule: DayRule) -> str:
    closed = "" if rule.is_working_day else ", which is no working day"
    return (
        f"{meeting.committee}, {what} {long_date(rule.day)}{closed}: {rule.clear} clear working "
        f"days before the meeting, at least {rule.least} needed"
    )
