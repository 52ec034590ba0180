"""Ways to work out a line's forecast, its monthly profile, and the forecast proposed."""
