"""The descriptions of lines in published reports, kept when a file changes them."""

import pandas as pd
from django.db.models import Max

from council_finance.bulk import insert_rows, new_ids
from monitoring.published.models import FormerDescription, Report
from monitoring.structure.models import FinancialYear


def keep_former_descriptions(year: FinancialYear, renamed: pd.DataFrame) -> None:
    """Keep the descriptions of lines that are about to be renamed for the reports published so far.

    `renamed` has columns line and description_before. A description that no report was published
    with is not kept: between two reports only the first of several changes counts. Call it with
    the year locked, so that no report is published meanwhile.
    """
    last = Report.objects.filter(period__year=year).aggregate(last=Max("pk"))["last"]
    if last is None or renamed.empty:
        return
    kept = FormerDescription.objects.filter(line__year=year, last_report=last)
    fresh = renamed[~renamed["line"].isin(set(kept.values_list("line_id", flat=True)))]
    insert_rows(
        FormerDescription,
        pd.DataFrame(
            {
                "id": new_ids(FormerDescription, len(fresh)),
                "line_id": fresh["line"].to_numpy(dtype="int64"),
                "description": fresh["description_before"].to_numpy(dtype="object"),
                "last_report_id": last,
            }
        ),
    )
