"""Activity: the people, prices and time that a demand-led budget pays for."""
