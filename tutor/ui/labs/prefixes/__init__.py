"""Prefixes: attention, skills, anatomy."""
