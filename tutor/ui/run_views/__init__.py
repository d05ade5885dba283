"""What pages show of runs: which there are, where they stand, what they measured."""
