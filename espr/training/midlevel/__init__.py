"""How the mid-level encoder is trained: performances, their rendering, targets and the network."""
