"""``make bench``: how fast ESPR is and how much memory it takes, as one JSON document."""
