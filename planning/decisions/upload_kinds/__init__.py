"""The files of decisions: the forward plan, effects, sign-offs and meetings."""
