"""Tags of messages after an act: the page then has a button to the next step under the message."""

TO_MONTH = "to-month"
"""Leads to the page of the month whose page is shown."""

TO_FIRST_PAGE = "to-first-page"
"""Leads to the first page, which shows the month that is due next."""
