"""The steps of a month that every council has: figures, forecasts, commentary, checks, report."""

import datetime
from collections.abc import Iterator

from django.urls import reverse
from django.utils.timezone import localtime

from council_finance.accounts.models import Role
from council_finance.periods import long_date
from council_finance.registry import ALL_OTHERS, Due, Link, MonthStep, month_step
from monitoring.commentary.selectors import CommentaryRow
from monitoring.contingency.selectors import OffsetSource, offset_of
from monitoring.month.selectors.month import Month, MonthRow
from monitoring.structure.models import Period
from monitoring.uploading.models import Upload

_OFFICERS = frozenset({Role.FINANCE_OFFICER})
_UPLOAD = frozenset({Role.FINANCE_OFFICER, Role.FINANCE_LEAD})
_PUBLISH = frozenset({Role.FINANCE_LEAD})
_ENTER_FORECASTS = frozenset({Role.BUDGET_MANAGER, Role.FINANCE_OFFICER})
_WRITE = frozenset({Role.DIRECTOR, Role.FINANCE_OFFICER})
_SIGN_OFF = frozenset({Role.DIRECTOR})
_NOBODY = "Finance officers; nobody is assigned to it"
_NO_DIRECTOR = "No director is assigned to it"
_WAITS = ("Awaiting figures", "grey")
_OFFSET_STATES = {
    OffsetSource.ENTERED: ("Entered", "green"),
    OffsetSource.CARRIED: ("Carried forward", "blue"),
    OffsetSource.SETTINGS: ("From settings", "grey"),
    OffsetSource.LINES: ("From its lines", "grey"),
}


@month_step("approved-budget", title="Approved budget", has_date=False)
def approved_budget_step(month: Month) -> MonthStep | None:
    """Return how far the year's approved budget is, until it is published."""
    return month.approved_budget


@month_step("figures", title="Figures", after="approved-budget", in_budget=True)
def figures_step(month: Month) -> MonthStep:
    """Return whether the ledger's figures are in, and the files that are under way."""
    if month.has_figures:
        state = ("Uploaded", "green")
    else:
        state = ("Under way", "blue") if month.under_way else ("To come", "amber")
    links = [_upload_link(f"See {month.upload.file_name}", month.upload)] if month.upload else []
    links += [_upload_link(_describe_upload(each), each) for each in month.under_way]
    if month.duties.upload and not month.period.is_published:
        links.append(_new_upload_link(month.period))
    return MonthStep(
        *state,
        _describe_figures(month),
        links=tuple(links) if month.duties.review else (),
        due=() if month.has_figures else (_figures_due(month),),
    )


def _figures_due(month: Month) -> Due:
    link = _new_upload_link(month.period)
    text = f"Upload the ledger’s figures as at {long_date(month.period.as_at)}"
    return Due("", "figures", text, link.url, roles=_UPLOAD)


def _describe_figures(month: Month) -> str:
    texts = [_describe_stored(month, month.upload)] if month.upload else []
    if not month.duties.review:
        # Who may not open an upload sees its state without its name.
        texts += [f"A file: {each.get_state_display().lower()}." for each in month.under_way]
    if not month.upload and not month.under_way:
        day = long_date(month.period.as_at)
        texts.append(f"The finance team uploads the ledger’s figures as at {day}.")
    return " ".join(texts)


def _describe_stored(month: Month, upload: Upload) -> str:
    at = localtime(upload.uploaded_at)
    when = f"on {long_date(at.date())} at {at:%H:%M}"
    if not month.duties.review:
        return f"The ledger’s figures were uploaded {when}."
    by = upload.uploaded_by.name if upload.uploaded_by else "a command"
    rows = "–" if upload.row_count is None else _count_of(upload.row_count, "row")
    text = f"{upload.file_name}, {rows}, uploaded by {by} {when}"
    warnings = upload.warning_count
    return f"{text}, with {_count_of(warnings, 'warning')}." if warnings else f"{text}."


def _upload_link(label: str, upload: Upload) -> Link:
    return Link(label, reverse("upload", args=[upload.pk]))


def _new_upload_link(period: Period) -> Link:
    address = reverse("upload-for-period", args=[period.year.start, period.number])
    return Link("Upload a file of figures", f"{address}?kind=position")


def _describe_upload(upload: Upload) -> str:
    return f"{upload.file_name}: {upload.get_state_display().lower()}"


@month_step("forecasts", title="Forecasts", after="figures")
def forecasts_step(month: Month) -> MonthStep:
    """Return how many lines have a forecast of this month's own, and who has more to enter."""
    if not month.has_figures:
        return MonthStep(*_WAITS, "Managers and officers enter them line by line.")
    text = f"{month.entered} of {_count_of(month.lines, 'line')} entered"
    text += f", {month.carried} carried forward" if month.carried else ""
    text += f", {month.without} without a forecast" if month.without else ""
    state = ("All entered", "green") if month.entered == month.lines else ("Under way", "blue")
    waiting = [row for row in month.rows if month.takes_entries and row.waits_for_forecasts]
    return MonthStep(*state, f"{text}.", due=tuple(_forecasts_due(month, row) for row in waiting))


def _forecasts_due(month: Month, row: MonthRow) -> Due:
    key = row.node.key
    missing = [f"{row.without} without a forecast"] if row.without else []
    missing += [f"{row.carried} carried forward"] if row.carried else []
    return Due(
        key,
        "forecasts",
        f"Forecasts: {', '.join(missing)}, of {_count_of(row.lines, 'line')}",
        _month_url("forecasts", month, key),
        month.ties.nearest(key, _ENTER_FORECASTS),
        _NOBODY,
        _OFFICERS,
    )


@month_step("commentary", title="Commentary", after="forecasts")
def commentary_step(month: Month) -> MonthStep:
    """Return how much of the commentary that is due is written and signed off, and by whom."""
    if not month.has_figures:
        return MonthStep(*_WAITS, "Services with a large variance explain it.")
    due = len(month.due)
    text = (
        f"Due for {_count_of(due, 'service')}: {month.written} written, {month.signed} signed off."
        if due
        else ""
    )
    link = Link(f"Commentary of {month.period.name.lower()}", _month_url("commentary", month))
    return MonthStep(
        *_commentary_state(month), text, links=(link,), due=tuple(_commentary_due(month))
    )


def _commentary_state(month: Month) -> tuple[str, str]:
    due = len(month.due)
    if not due:
        return "None due", "green"
    if month.signed == due:
        return "All signed off", "green"
    return ("To be signed off", "blue") if month.written == due else ("To be written", "amber")


def _commentary_due(month: Month) -> Iterator[Due]:
    for row in month.rows if month.takes_entries else ():
        text, key = row.commentary, row.node.key
        if text and text.waits_for_text:
            people = month.ties.nearest(key, _WRITE)
            address = _month_url("commentary-edit", month, key)
            yield Due(key, "commentary", "Commentary", address, people, _NOBODY, _OFFICERS)
        elif text and text.waits_for_sign_off:
            yield _sign_off_due(month, key, text)


def _sign_off_due(month: Month, key: str, text: CommentaryRow) -> Due:
    owner = (text.group or text.node).key
    with_group = f", with {text.group.label}" if text.group else ""
    return Due(
        key,
        "sign-off",
        f"Sign-off of the commentary{with_group}",
        _month_url("commentary-edit", month, owner),
        month.ties.nearest(owner, _SIGN_OFF),
        _NO_DIRECTOR,
    )


@month_step("contingency-offset", title="Contingency offset", after="commentary")
def contingency_offset_step(month: Month) -> MonthStep | None:
    """Return the contingency's notional offset and where it is from, for those who see drafts.

    None for a council without a contingency.
    """
    if not month.duties.review or not month.facts.settings.contingency_lines:
        return None
    offset = offset_of(month.facts) if month.has_figures else None
    if offset is None:
        return MonthStep(*_WAITS, "The part of the contingency that is set against overspends.")
    amount = month.facts.display("contingency").in_words(offset.pence)
    link = Link(f"Contingency of {month.period.name.lower()}", _month_url("contingency", month))
    return MonthStep(*_OFFSET_STATES[offset.source], f"{amount}: {offset.words}.", links=(link,))


@month_step("checks", title="Checks", after=ALL_OTHERS, in_budget=True)
def checks_step(month: Month) -> MonthStep:
    """Return whether the report can be reviewed."""
    review = month.duties.review
    if month.period.is_published:
        state = ("Published", "green")
    elif not review:
        state = ("Before publishing", "grey")
    else:
        state = ("On the review page", "grey") if month.has_figures else _WAITS
    if not review or not month.has_figures:
        return MonthStep(
            *state, "The finance lead has every total added up again before publishing."
        )
    link = Link(f"Review {month.period.name.lower()}", _month_url("review", month))
    return MonthStep(*state, "The review adds up every total again.", links=(link,))


@month_step("report", title="Report", after="checks", in_budget=True)
def report_step(month: Month) -> MonthStep:
    """Return which version of the report members read."""
    due = (_publication_due(month),) if month.takes_entries else ()
    if month.report is None:
        text = "Members see nothing of this month until it is published."
        return MonthStep("Not published", "grey", text, due=due)
    report, published = month.report, month.period.is_published
    by = f" by {report.published_by.name}" if report.published_by else ""
    day = long_date(_local_day(report.published_at))
    text = f"Version {report.version} was published{by} on {day}."
    if not published:
        text += f" Members read it until version {month.facts.version} is published."
    address = f"{_month_url('report', month)}?version={report.version}"
    state = ("Published", "green") if published else ("Reopened", "amber")
    link = Link(f"Read version {report.version}", address)
    return MonthStep(*state, text, links=(link,), due=due)


def _publication_due(month: Month) -> Due:
    text = f"Review and publish {month.period.name.lower()}"
    return Due("", "publication", text, _month_url("review", month), roles=_PUBLISH)


def _local_day(moment: datetime.datetime) -> datetime.date:
    return localtime(moment).date()


def _month_url(name: str, month: Month, *more: str) -> str:
    return reverse(name, args=[month.period.year.start, month.period.number, *more])


def _count_of(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
