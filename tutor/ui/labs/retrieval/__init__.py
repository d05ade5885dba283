"""Retrieval: the doctor's reports and dials."""
