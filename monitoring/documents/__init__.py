"""The report as one document for Cabinet: its outline, its texts with figures, its files."""
