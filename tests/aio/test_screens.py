from __future__ import annotations

import asyncio

import pytest

from psychopy_neon import ClosedError, UsageError
from psychopy_neon.screen.markers import frame_layout

WINDOW = frame_layout((1280, 720)).markers
PATIENT = {"max_gaze_age_s": 5.0, "max_pose_age_s": 5.0}  # on a busy computer, too


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)


def test_gaze_is_found_on_the_window_live_and_settled(run, simulated_neon, connect):
    simulator = simulated_neon(head_moves=False)
    simulator.look_at(0.4, -0.3)

    async def main():
        async with await connect(simulator) as neon:
            screen = await neon.track_screen(WINDOW, name="window", **PATIENT)
            assert screen.name == "window"
            with pytest.raises(UsageError, match="tag 0 is on two surfaces"):
                await neon.track_screen(frame_layout((1920, 1080)).markers)
            settled = screen.settled()
            async for gaze in screen:
                if gaze.valid:
                    break
            assert (gaze.x, gaze.y) == (pytest.approx(0.4, abs=0.02), pytest.approx(-0.3, abs=0.02))
            async for later in settled:
                if later.screen.pose_source == "interpolated" and later.screen.valid:
                    break
            assert later.screen.x == pytest.approx(0.4, abs=0.02)
            await neon.wait_for_clock()
            await until(lambda: screen.map(neon.gaze.latest()).valid)
            await until(lambda: neon.looked_at(neon.gaze.latest()).name == "window")
            assert await screen.stop(10.0)
            assert neon.looked_at(neon.gaze.latest()).name is None

    run(main())


def test_closing_ends_the_loops_over_gaze_on_the_screen(run, simulated_neon, connect):
    async def main():
        neon = await connect(simulated_neon(scene=False))
        screen = await neon.track_screen(WINDOW)

        async def count(readings):
            return len([reading async for reading in readings])

        tasks = [asyncio.create_task(count(each)) for each in (screen, screen.settled())]
        await neon.gaze.read(10.0)
        await neon.close()
        live, settled = await asyncio.wait_for(asyncio.gather(*tasks), 5.0)
        with pytest.raises(ClosedError):
            await neon.track_screen(WINDOW)
        return live, settled

    live, settled = run(main())
    assert live > 0 and settled > 0
