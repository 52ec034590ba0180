"""The preview of another scheme of statuses for savings."""

from collections import Counter
from collections.abc import Iterator

from council_finance import registry
from council_finance.registry import PreviewTable, SettingsPreview, settings_preview
from council_finance.statements import Display, Statement
from council_finance.statuses import NOT_REPORTED
from monitoring.reports.selectors.report_data import ReportData
from savings.report_rows import SavingRow
from savings.rules import statuses
from savings.selectors.printed_rows import print_amount
from savings.selectors.report_savings import savings_of
from savings.selectors.report_section import NAME as SECTION
from savings.selectors.report_section import savings_section
from savings.selectors.tracker import tracker_display
from savings.settings_tables import SavingsScheme
from savings.statements.summary import SUMMARY

_NAME = "savings-statuses"
_NO_STATUS = "No status"


@settings_preview(_NAME)
def preview_statuses(report: ReportData, value: SavingsScheme) -> SettingsPreview:
    """Name the savings whose status would change, and the agreed amounts by status."""
    now = _with_statuses_of(report)
    after = _with_statuses_of(report.with_settings(report.settings.with_value(_NAME, value)))
    pairs = list(zip(savings_of(now), savings_of(after), strict=True))
    display = tracker_display(report)
    rows = tuple(
        _describe_change(before, then, display)
        for before, then in pairs
        if before.status != then.status
    )
    strange = tuple(_strange_sentences(after))
    if not rows:
        return SettingsPreview((*strange, "No saving would change its status."))
    sentence = f"{len(rows)} of {len(pairs)} savings would change their status."
    listed = PreviewTable(
        "Savings that change their status",
        (
            *("Reference", "Saving"),
            *(f"{each} {display.unit_label}" for each in ("Agreed", "Forecast")),
            *("Now", "After"),
        ),
        rows,
    )
    return SettingsPreview((sentence, *strange), (listed, _agreed_by_status(now, after)))


def _with_statuses_of(report: ReportData) -> ReportData:
    """Return the report with its savings under the settings that it has."""
    section = savings_section(report.period, report.settings)
    return report.with_report_section(SECTION, section.to_data())


def _strange_sentences(report: ReportData) -> Iterator[str]:
    """Name statuses that savings would have and the scheme does not: officers have given them."""
    known = {*statuses(report.settings), NOT_REPORTED, ""}
    given = Counter(row.status for row in savings_of(report) if row.status not in known)
    for word, count in given.items():
        savings = "1 saving has" if count == 1 else f"{count} savings have"
        yield f"{savings} been given the status {word}, which the new scheme does not have."


def _describe_change(now: SavingRow, after: SavingRow, display: Display) -> tuple[str, ...]:
    amounts = (print_amount(display, pence) for pence in (now.agreed, now.forecast))
    words = (each.status or _NO_STATUS for each in (now, after))
    return (now.reference, now.title, *amounts, *words)


def _agreed_by_status(now: ReportData, after: ReportData) -> PreviewTable:
    """Return the totals of the summary of savings by status, as printed."""
    statements = [registry.statement_entry(SUMMARY).make(facts) for facts in (now, after)]
    texts = [_total_texts(statement) for statement in statements]
    return PreviewTable(
        f"Agreed savings by status, {statements[0].columns[0].unit}",
        ("Status", "Now", "After"),
        tuple((word, *(each.get(word, "") for each in texts)) for word in {**texts[0], **texts[1]}),
    )


def _total_texts(statement: Statement) -> dict[str, str]:
    total = next(row for row in statement.rows if row.kind == "total")
    return {
        column.label: total.cells[column.key].text
        for column in statement.columns
        if column.key != "agreed"
    }
