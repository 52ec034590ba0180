"""Any file → rows with their row numbers → typed columns → problems. Knows no model."""
