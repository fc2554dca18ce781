"""The server's own process; it ends when its standard input does.

python -m tests.stripe_server.server

It writes its port on one line as soon as it answers.
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web

from tests.stripe_server import fuller
from tests.stripe_server.delivering import settled

fuller.take_over()

from localstripe.server import app, store  # noqa: E402  (it takes what was just put in place)


async def _settle(_: web.Request) -> web.Response:
    return web.json_response(await settled())


async def _events(_: web.Request) -> web.Response:
    return web.json_response([thing._export() for thing in store.values() if thing.object == "event"])


async def _clear(_: web.Request) -> web.Response:
    await settled()
    store.clear()
    fuller.forget()
    return web.Response()


async def _forget(_: web.Request) -> web.Response:
    fuller.forget()
    return web.Response()


async def serve() -> None:
    """Serve on a free port of 127.0.0.1."""
    app.middlewares.insert(0, fuller.repeat_answers)
    app.router.add_post("/_config/settle", _settle)
    app.router.add_post("/_config/events", _events)
    app.router.add_post("/_config/clear", _clear)
    app.router.add_post("/_config/forget", _forget)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve())
