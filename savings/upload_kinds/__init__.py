"""The files that savings come in: the year's register, and a period's positions."""

from importlib import import_module

for _module in ("agreed", "positions"):
    import_module(f"savings.upload_kinds.{_module}")
