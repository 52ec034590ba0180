"""The statements of monitoring: a report's facts in, a table out."""

from importlib import import_module

for _module in (
    "annex_a",
    "budgetary_control",
    "section_headlines",
    "virements",
    "budget_reconciliation",
    "contingency",
    "aged_debt",
):
    import_module(f"monitoring.statements.{_module}")
