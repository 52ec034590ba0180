"""Activity that drives the forecast, and performance indicators beside the money."""
