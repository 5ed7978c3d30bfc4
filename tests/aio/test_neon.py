from __future__ import annotations

import asyncio
import math
import socket
import time
from itertools import pairwise

import pytest

from psychopy_neon import ClosedError, NeonTimeoutError, UsageError, aio
from psychopy_neon.client.events import EventState
from psychopy_neon.client.phone_status import LinkState


async def take(reader, count):
    return [await reader.__anext__() for _ in range(count)]


def test_every_gaze_sample_arrives(run, simulated_neon, connect):
    async def main():
        async with await connect(simulated_neon(scene=False)) as neon:
            reader = neon.gaze.reader()
            samples = [s for s in await take(reader, 300) if not s.provisional]
            assert reader.dropped == neon.gaze.health.lost == 0
            assert neon.gaze.latest() is not None
            between = neon.gaze.between(samples[0].device_ns, samples[9].device_ns)
            # One from before the report may be dated into these by its late arrival.
            assert [s for s in between if not s.provisional] == samples[:9]
        return samples

    gaps_ms = [(b.device_ns - a.device_ns) / 1e6 for a, b in pairwise(run(main()))]
    assert min(gaps_ms) > 4.9 and max(gaps_ms) < 5.1


def test_reading_one_by_one(run, simulated_neon, connect):
    async def main():
        async with await connect(simulated_neon(scene=False)) as neon:
            first, second = await neon.gaze.read(10.0), await neon.gaze.read(10.0)
            assert 4_900_000 < second.device_ns - first.device_ns < 5_100_000 or first.provisional
            assert await neon.scene.read(0.2) is None  # this phone has no scene camera
            await neon.stop_stream("gaze")
            assert await neon.gaze.read(10.0) is not None

    run(main())


def test_a_wait_may_be_infinite_or_no_time_at_all(run, simulated_neon, connect):
    async def main():
        async with await connect(simulated_neon(), timeout_s=math.inf) as neon:
            assert await neon.wait_for_clock(math.inf) is not None
            assert await neon.gaze.read(math.inf) is not None
            assert await neon.scene_and_gaze().read(math.inf) is not None
            await neon.recording.start(math.inf)
            assert await neon.send_event("now").wait(math.inf) is EventState.CONFIRMED
            await neon.stop_stream("gaze")
            assert await neon.gaze.read(math.nan) is None
            assert await neon.scene_and_gaze().read(math.nan) is None

    run(main())


def test_facts_time_and_calibration(run, simulated_neon, connect):
    simulator = simulated_neon(scene=False, module_serial="654321", sensor_skew_s=0.25)

    async def main():
        async with await connect(simulator) as neon:
            assert (neon.phone_name, neon.module_serial) == ("Simulated Neon", "654321")
            assert (neon.host, neon.port) == (simulator.address, simulator.port)
            assert neon.state is LinkState.CONNECTED and "connected" in repr(neon)
            assert (await neon.calibration()).serial == "654321"
            await neon.wait_for_clock()
            before_ns, now_ns = simulator.clock.now_ns(), neon.now_device_ns()
            after_ns = simulator.clock.now_ns()
            assert before_ns - 5_000_000 < now_ns < after_ns + 5_000_000
            assert neon.experiment_time(neon.now_device_ns()).bound_s < 0.005
            assert neon.sensor_skew_ns is None
            async for motion in neon.imu:
                if not motion.provisional:  # only the others tell
                    break
            assert neon.sensor_skew_ns == pytest.approx(-250_000_000, abs=5_000_000)

    run(main())


def test_events_and_recordings(run, simulated_neon, connect):
    simulator = simulated_neon(scene=False, recording_start_lag_s=0.0)

    async def main():
        async with await connect(simulator) as neon:
            recording_id = await neon.recording.start()
            assert neon.recording.id == recording_id
            receipt = neon.send_event("sent at once")
            assert await neon.send_event("go") is EventState.CONFIRMED
            assert receipt.state is EventState.CONFIRMED
            assert receipt.event.recording_id == recording_id
            await neon.recording.stop_and_save()
            with pytest.raises(UsageError):
                neon.send_event("")

    run(main())
    names = [event.name for event in simulator.truth.events]
    assert names[-2:] == ["sent at once", "go"]


def test_status_updates_until_the_device_is_closed(run, simulated_neon, connect):
    simulator = simulated_neon(scene=False)

    async def main():
        neon = await connect(simulator)

        async def battery():
            async for _ in neon.status_updates():
                if neon.battery_percent == 7:
                    await neon.close()

        watching = asyncio.create_task(battery())
        await asyncio.sleep(0)
        simulator.state.set_battery(7)
        await watching

    run(main())


def test_matched_pictures_come_in_order_and_use_nothing_up(run, simulated_neon, connect):
    async def main():
        async with await connect(simulated_neon()) as neon:
            async for gaze in neon.gaze:  # earlier pictures have no gaze near
                if not gaze.provisional:
                    break
            matched, frames = neon.scene_and_gaze(), neon.scene.reader()
            pairs, received = [], []
            while len(pairs) < 8:
                pairs += await take(matched, 1)
                received += frames.drain()  # at once: the history holds only six pictures
            assert matched.dropped == frames.dropped == 0
            places = [received.index(pair.scene) for pair in pairs]
            assert places == list(range(places[0], places[0] + 8))
            async for first in neon.eyes:  # earlier pictures have no picture of the eyes near
                if not first.provisional:
                    break
            async for triple in neon.scene_eyes_and_gaze():
                if triple.scene.device_ns > first.device_ns and not triple.eyes.provisional:
                    break
            scene_ns, (kept, _) = triple.scene.device_ns, neon.device.eyes.buffer.since(0)
            apart_ns = abs(triple.eyes.device_ns - scene_ns)
            assert apart_ns <= min(abs(eyes.device_ns - scene_ns) for eyes in kept)
            # A computer that is late with the scene has no eyes from then: it keeps 0.2 s of them.
            assert apart_ns <= 2_600_000 or kept[0].device_ns > scene_ns
            alone = await neon.scene_and_audio().read(10.0)
            assert alone.audio == ()
        return [pair.distance_ns for pair in pairs if not pair.gaze.provisional]

    assert all(abs(distance_ns) <= 2_600_000 for distance_ns in run(main()))


def test_closing_ends_every_loop(run, simulated_neon, connect):
    async def main():
        neon = await connect(simulated_neon(scene=False))

        async def count(readings):
            return len([reading async for reading in readings])

        loops = [neon.gaze, neon.eye_events, neon.status_updates(), neon.scene_and_gaze()]
        tasks = [asyncio.create_task(count(each)) for each in loops]
        await neon.gaze.read(10.0)
        started_s = time.perf_counter()
        await neon.close()
        await neon.close()
        await asyncio.wait_for(asyncio.gather(*tasks), 2.0)
        for stream in (neon.imu, neon.gaze):  # of which one has never run
            with pytest.raises(ClosedError):
                await stream.read(1.0)
        return time.perf_counter() - started_s

    assert run(main()) < 5.0


def test_several_devices_in_one_loop(run, simulated_neon, connect):
    simulators = [simulated_neon(scene=False, phone_name=name) for name in ("one", "two")]

    async def collect(neon):
        async with neon:
            return neon.phone_name, len(await take(neon.gaze.reader(), 50))

    async def main():
        devices = await asyncio.gather(*(connect(simulator) for simulator in simulators))
        return await asyncio.gather(*(collect(neon) for neon in devices))

    assert run(main()) == [("one", 50), ("two", 50)]


def test_the_loop_goes_on_while_a_computer_stays_silent(run):
    async def main(port):
        connecting = asyncio.create_task(aio.Neon.connect("127.0.0.1", port, timeout_s=0.4))
        turns = 0
        while not connecting.done():
            await asyncio.sleep(0.01)
            turns += 1
        with pytest.raises(NeonTimeoutError):
            await connecting
        return turns

    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert run(main(silent.getsockname()[1])) > 5


@pytest.mark.parametrize("after_s", [0.0, 0.005, 0.02])
def test_a_cancelled_connect_leaves_no_connection(run, simulated_neon, connect, after_s):
    simulator = simulated_neon(scene=False)

    async def main():
        connecting = asyncio.create_task(connect(simulator))
        await asyncio.sleep(after_s)
        connecting.cancel()
        await asyncio.wait((connecting,))
        if not connecting.cancelled():
            await connecting.result().close()

    run(main())  # that no thread of a device survives is tested for every test


def test_phones_are_given_as_they_are_found(run, simulated_neon):
    started = {
        simulated_neon(scene=False, advertise=True, phone_name=name).phone_id for name in "ab"
    }

    async def main():
        found = []
        async for phone in aio.discover(20.0):
            found.append(phone.phone_id)
            if started <= set(found):
                break
        return found

    started_s = time.perf_counter()
    found = run(main())
    assert len(found) == len(set(found))
    assert time.perf_counter() - started_s < 15.0
