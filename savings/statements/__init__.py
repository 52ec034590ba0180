"""The statements of savings: a report's facts in, a table out."""

from importlib import import_module

for _module in ("summary", "tracker"):
    import_module(f"savings.statements.{_module}")
