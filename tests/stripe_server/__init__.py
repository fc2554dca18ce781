"""A Stripe of our own for tests of what takes payments: localstripe in a process of its own, on 127.0.0.1.

`StripeServer.start()` starts one; the fixture `stripe_server` of `tests.stripe_server.fixtures` lends one
that is empty. The official `stripe` library talks to it as to the real one; only the address differs.
"""

from __future__ import annotations
