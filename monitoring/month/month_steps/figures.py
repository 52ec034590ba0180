"""The steps of the approved budget and of the ledger's figures."""

from django.utils.timezone import localtime

from council_finance.addresses import address_of
from council_finance.periods import long_date
from council_finance.registry import Due, Link, MonthStep, Outstanding, month_step
from monitoring.month.selectors.month import Month
from monitoring.month.selectors.step_parts import UPLOADERS, count_of
from monitoring.structure.models import Period
from monitoring.uploading.models import Upload


@month_step("approved-budget", title="Approved budget", has_date=False)
def approved_budget_step(month: Month) -> MonthStep | None:
    """Return how far the year's approved budget is, until it is published."""
    return month.approved_budget


@month_step(
    "figures",
    title="Figures",
    after="approved-budget",
    in_budget=True,
    warns_of={"ledger": "A report without the ledger’s figures"},
)
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
        outstanding=(_describe_missing_ledger(month.period),) if _lacks_ledger(month) else (),
    )


def _lacks_ledger(month: Month) -> bool:
    has_any = month.has_figures or month.facts.has_ledger
    return not has_any and not month.period.is_published


def _describe_missing_ledger(period: Period) -> Outstanding:
    text = (
        f"The ledger’s figures of {period.name.lower()} are not uploaded, so its report would say "
        "nothing of budgets and forecasts."
    )
    return Outstanding("ledger", text, _new_upload_link(period))


def _figures_due(month: Month) -> Due:
    link = _new_upload_link(month.period)
    text = f"Upload the ledger’s figures as at {long_date(month.period.as_at)}"
    return Due("", "figures", text, link.url, roles=UPLOADERS)


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
    rows = "–" if upload.row_count is None else count_of(upload.row_count, "row")
    text = f"{upload.file_name}, {rows}, uploaded by {by} {when}"
    warnings = upload.warning_count
    return f"{text}, with {count_of(warnings, 'warning')}." if warnings else f"{text}."


def _upload_link(label: str, upload: Upload) -> Link:
    return Link(label, address_of("upload", upload.pk))


def _new_upload_link(period: Period) -> Link:
    address = address_of("upload-for-period", period.year.start, period.number)
    return Link("Upload a file of figures", f"{address}?kind=position")


def _describe_upload(upload: Upload) -> str:
    return f"{upload.file_name}: {upload.get_state_display().lower()}"
