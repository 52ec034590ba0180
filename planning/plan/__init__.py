"""The medium-term plan, its funding, council tax and capital plan."""
