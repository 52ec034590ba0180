"""meetings.csv: the agenda plan, with the days by which reports are due and sent out."""

from collections.abc import Mapping

from council_finance import registry
from council_finance.uploads.columns import DATE, TEXT, YES, ColumnSpec
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent, Value
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.template_place import TemplatePlace
from monitoring.uploading.undo_rows import RowsUndo
from planning.decisions.models import NAME_LENGTH, Meeting
from planning.decisions.selectors import meetings_of
from planning.upload_checks import check_lengths, date_or_none

COLUMNS = (
    ColumnSpec(
        "meeting_on", DATE, required=True, meaning="The day of the meeting.", example="2019-05-22"
    ),
    ColumnSpec(
        "committee",
        TEXT,
        required=True,
        meaning="The committee that meets.",
        example="Adults Committee",
    ),
    ColumnSpec(
        "provisional",
        YES,
        meaning="Whether the meeting may still be cancelled.",
        blank="No: it is fixed.",
        example="yes",
    ),
    ColumnSpec(
        "reports_due_on",
        DATE,
        meaning="The day by which reports are due.",
        blank="Not stated.",
        example="2019-05-09",
    ),
    ColumnSpec(
        "despatch_on",
        DATE,
        meaning="The day on which the agenda is sent out.",
        blank="Not stated.",
        example="2019-05-14",
    ),
)


def check_meetings(table: TypedTable, target: Target) -> Prepared[None]:
    """Check that each meeting of a committee is on one row."""
    check_lengths(table, NAME_LENGTH, "committee")
    repeated = table.frame.duplicated(["meeting_on", "committee"])
    for row in table.frame[repeated].itertuples():
        if date_or_none(row.meeting_on):
            message = "this meeting stands on an earlier row too"
            table.problem(row.Index, "meeting_on", row.meeting_on, message)
    return Prepared(table, None)


def store_meetings(prepared: Prepared[None], target: Target) -> None:
    """Add or update meetings by day and committee; those that the file does not name stay."""
    for row in prepared.table.frame.itertuples(index=False):
        Meeting.objects.update_or_create(
            year=target.year,
            meeting_on=row.meeting_on,
            committee=row.committee,
            defaults={
                "provisional": bool(row.provisional),
                "reports_due_on": date_or_none(row.reports_due_on),
                "despatch_on": date_or_none(row.despatch_on),
            },
        )


def meetings_template(place: TemplatePlace) -> TemplateContent:
    """Return the year's meetings as they are stored."""
    rows: list[Mapping[str, Value]] = [
        {
            "meeting_on": each.meeting_on,
            "committee": each.committee,
            "provisional": each.provisional,
            "reports_due_on": each.reports_due_on,
            "despatch_on": each.despatch_on,
        }
        for each in meetings_of(place.year)
    ]
    return TemplateContent(rows)


registry.register_upload_kind(
    registry.UploadKind(
        name="meetings",
        label="Meetings",
        per_period=False,
        after="sign_offs",
        columns=COLUMNS,
        check=check_meetings,
        store=store_meetings,
        undo=RowsUndo(lambda target: [Meeting.objects.filter(year=target.year)]),
        template=meetings_template,
        purpose="The agenda plan: meetings, with the days by which reports are due and sent out. "
        "Meetings are added or changed by day and committee; others stay.",
    )
)
