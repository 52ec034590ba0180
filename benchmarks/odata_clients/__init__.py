"""OData read by programs that nobody here wrote."""
