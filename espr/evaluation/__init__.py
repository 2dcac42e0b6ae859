"""Data sets and metrics by which retrieval is judged."""
