"""The statements of reserves: a report's facts in, a table out."""

from importlib import import_module

for _module in ("earmarked", "general_fund", "schedule", "capital_receipts"):
    import_module(f"reserves.statements.{_module}")
