"""``espr serve``: the library as pages of this computer, for this computer only.

The server is bound to 127.0.0.1. A page of another site that the same browser has open must learn
and change nothing: see :mod:`espr.serve.guard`. Recordings are named by their number in the
library, never by a path.
"""
