"""Lessons as a stage: a card, one picture with its one control, and the same enlarged for a lecture."""
