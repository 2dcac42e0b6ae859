"""``espr serve``: the library as pages of this computer, for this computer only.

The server is bound to 127.0.0.1. A page of another site that the same browser has open must learn
and change nothing: see :mod:`espr.serve.guard`. Recordings are named by their number in the
library and the beginning of their audio's hash, never by a path. The playlist is kept by the
browser: the server writes nothing but corrections.
"""
