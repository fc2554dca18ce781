from __future__ import annotations

import asyncio

from fleet_tui.operations.slots import only_one, slot


async def test_no_more_run_at_once_than_there_are_slots(tmp_path):
    inside = most = 0
    release = asyncio.Event()
    full = asyncio.Event()

    async def run():
        nonlocal inside, most
        async with slot(tmp_path, 2):
            inside += 1
            most = max(most, inside)
            if inside == 2:
                full.set()
            await release.wait()
            inside -= 1

    tasks = [asyncio.create_task(run()) for _ in range(5)]
    await full.wait()
    release.set()
    await asyncio.gather(*tasks)
    assert most == 2


async def test_one_creator_has_one_run_at_a_time(tmp_path):
    order = []
    first_in = asyncio.Event()
    let_go = asyncio.Event()

    async def first():
        async with only_one(tmp_path / "kasper.lock"):
            first_in.set()
            await let_go.wait()
            order.append("first")

    async def second():
        await first_in.wait()
        waiting = asyncio.create_task(enter())
        await asyncio.sleep(0)
        let_go.set()
        await waiting

    async def enter():
        async with only_one(tmp_path / "kasper.lock"):
            order.append("second")

    await asyncio.gather(first(), second())
    assert order == ["first", "second"]
