"""The steps of a month that every council has, and those of monitoring's own subjects."""
