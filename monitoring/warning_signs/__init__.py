"""Warning signs of a report, as inspectors describe them: figures, rules and thresholds."""
