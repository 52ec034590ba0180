"""Services, budget lines, positions, virements, variances and reports."""
