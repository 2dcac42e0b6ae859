"""Fuzzing of everything that ESPR reads: ``make fuzz``, and a bounded run in ``make test``."""
