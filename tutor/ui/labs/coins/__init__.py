"""Coins: prompts made by hand, two tokens."""
