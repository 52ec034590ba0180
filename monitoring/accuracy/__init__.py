"""How close the forecasts of published reports came to the outturn."""
