"""The files that reserves takes: what is in them, how they are checked and stored."""

from importlib import import_module

for _module in ("reserves", "reserve_movements", "capital_receipts"):
    import_module(f"reserves.upload_kinds.{_module}")
