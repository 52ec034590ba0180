"""The steps that end a month: checks and the report."""

from council_finance.periods import long_date
from council_finance.registry import ALL_OTHERS, Due, Link, MonthStep, month_step
from monitoring.month.selectors.month import Month
from monitoring.month.selectors.step_parts import AWAITING_FIGURES, PUBLISHERS, local_day, month_url


@month_step(
    "checks",
    title="Checks",
    after=ALL_OTHERS,
    in_budget=True,
    warns_of={
        "questions": "Questions about figures that need a reason",
        "checks": "Checks that differ without a reason",
    },
)
def checks_step(month: Month) -> MonthStep:
    """Return whether the report can be reviewed."""
    review = month.duties.review
    if month.period.is_published:
        state = ("Published", "green")
    elif not review:
        state = ("Before publishing", "grey")
    else:
        state = ("On the review page", "grey") if month.can_be_reviewed else AWAITING_FIGURES
    if not review or not month.can_be_reviewed:
        return MonthStep(
            *state, "The finance lead has every total added up again before publishing."
        )
    link = Link(f"Review {month.period.name.lower()}", month_url("review", month))
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
    day = long_date(local_day(report.published_at))
    text = f"Version {report.version} was published{by} on {day}."
    if not published:
        text += f" Members read it until version {month.facts.version} is published."
    address = f"{month_url('report', month)}?version={report.version}"
    state = ("Published", "green") if published else ("Reopened", "amber")
    link = Link(f"Read version {report.version}", address)
    return MonthStep(*state, text, links=(link,), due=due)


def _publication_due(month: Month) -> Due:
    text = f"Review and publish {month.period.name.lower()}"
    return Due("", "publication", text, month_url("review", month), roles=PUBLISHERS)
