"""The files that monitoring takes: what is in them, how they are checked and stored."""

from importlib import import_module

for _module in (
    *("services", "position", "purposes", "virements"),
    *("commentary", "aged_debt", "history"),
):
    import_module(f"monitoring.upload_kinds.{_module}")
