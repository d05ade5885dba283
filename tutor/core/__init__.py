"""What everything stands on: array types and their axes, random streams, losses, paths, thread counts."""
