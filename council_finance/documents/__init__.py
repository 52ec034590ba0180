"""A report as a document: headings, texts, tables and charts, as PDF, Word and HTML."""
