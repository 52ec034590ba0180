from council_finance.audit import AuditEntry
from council_finance.jobs import Job

__all__ = ["AuditEntry", "Job"]
