"""The files of the ledger's figures: the whole position, and one side of it (purposes)."""

from monitoring.ledger_files.upload_kinds import position, purposes

__all__ = ["position", "purposes"]
