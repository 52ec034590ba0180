"""The preview of other limits up to which roles approve virements."""

from collections.abc import Iterator, Mapping

from council_finance.accounts.models import Role
from council_finance.money import plain_pounds
from council_finance.registry import PreviewTable, SettingsPreview, settings_preview
from monitoring.reports.selectors.report_data import ReportData
from monitoring.structure.council_settings import APPROVERS, CouncilSettings
from monitoring.virements.rights import approval_limit, may_approve_amount
from monitoring.virements.selectors.register import PENDING, RegisterEntry, register

_NAME = "virements"


@settings_preview(_NAME)
def preview_approvals(report: ReportData, value: Mapping[str, int]) -> SettingsPreview:
    """Name the limits that change, and the pending virements that a role could then approve.

    The year's pending virements are compared, of later periods too. Nobody approves what they
    entered, and a director only what stays within their services.
    """
    before, after = report.settings, report.settings.with_value(_NAME, value)
    limits = list(_limit_sentences(before, after))
    if not limits:
        return SettingsPreview(("No role’s limit would change.",))
    entries = register(report.period.year, exempt=True)
    pending = [entry for entry in entries if entry.state == PENDING]
    rows = tuple(row for entry in pending for row in _changed_rows(entry, before, after))
    if not rows:
        none = "No pending virement could be approved by other roles than now."
        return SettingsPreview((*limits, none))
    count = len({row[0] for row in rows})
    sentence = f"{count:,} of {len(pending):,} pending virements could be approved by other roles."
    table = PreviewTable(
        "Pending virements that a role could approve",
        ("Virement", "Amount", "Role", "Now", "After"),
        rows,
    )
    return SettingsPreview((*limits, sentence), (table,))


def _limit_sentences(before: CouncilSettings, after: CouncilSettings) -> Iterator[str]:
    for role in map(Role, APPROVERS):
        now, then = (approval_limit(role, settings) for settings in (before, after))
        if now != then:
            yield f"{role.label}: {_limit_text(now)} now, {_limit_text(then)} after."


def _limit_text(limit: int | None) -> str:
    if limit is None:
        return "any amount"
    return f"up to {plain_pounds(limit)}" if limit else "approves no virements"


def _changed_rows(
    entry: RegisterEntry, before: CouncilSettings, after: CouncilSettings
) -> Iterator[tuple[str, ...]]:
    for role in map(Role, APPROVERS):
        now, then = (may_approve_amount(role, entry.amount, each) for each in (before, after))
        if now != then:
            yield (entry.reference, entry.amount_text, role.label, _yes_no(now), _yes_no(then))


def _yes_no(may: bool) -> str:
    return "Yes" if may else "No"
