"""Performances as keys and pedal, and the features of what is played."""
