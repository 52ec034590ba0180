"""The capital programme in the browser: forecasts of schemes with reasons, and changes of it."""
