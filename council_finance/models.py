from council_finance.audit import AuditEntry
from council_finance.jobs import Job
from council_finance.trail import TrailPermit
from council_finance.upkeep import Upkeep

__all__ = ["AuditEntry", "Job", "TrailPermit", "Upkeep"]
