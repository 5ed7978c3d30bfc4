"""First steps with the glasses, in a script.

Run it with the address that the Companion app shows::

    python first_steps.py 192.0.2.10

or without one, to take the first phone that is found in the network, or without glasses::

    python first_steps.py --simulate

Every step below stands for itself: copy what you need into your own experiment.
"""

import argparse
import contextlib
import time
from datetime import datetime
from pathlib import Path

import cv2

from psychopy_neon import Neon, NeonError


def main():
    options = read_command_line()
    with contextlib.ExitStack() as until_the_end:
        address = options.address
        if options.simulate:
            address = until_the_end.enter_context(simulated_glasses())
        try:
            # The clock is the one your experiment reads its times from. In PsychoPy that would be
            # `clock=core.getTime` or `clock=globalClock.getTime`.
            neon = until_the_end.enter_context(Neon.connect(address, clock=time.perf_counter))
            look_around(neon)
            record_events(neon)
            look_at_the_scene(neon, options.folder)
            finish(neon)
        except NeonError as problem:
            raise SystemExit(f"That did not work: {problem}") from problem


def look_around(neon):
    """What are we connected to, and is it ready?"""
    print(f"Connected to {neon.phone_name!r} at {neon.host}")
    print(f"  glasses:  serial number {neon.module_serial or 'none, please plug them in'}")
    print(f"  battery:  {neon.battery_percent} %")
    print(f"  storage:  {neon.free_storage_bytes / 1e9:.1f} GB free")

    # Phone and computer have different clocks. They are compared all the time; the first
    # comparison takes about a second.
    neon.wait_for_clock()


def record_events(neon):
    """Start a recording and mark moments in it."""
    recording_id = neon.recording.start()
    print(f"Recording {recording_id} is running")

    # Without a time, an event happens now ...
    now = neon.send_event("something happened")

    # ... and with one, it happens then: at a flip, a key press, or half a second ago. The time is
    # on the clock that was given to `Neon.connect`.
    then = neon.send_event("it happened earlier", at=time.perf_counter() - 0.5)

    # Sending never holds up your experiment. The receipt tells later what became of the event.
    for receipt in (now, then):
        receipt.wait(timeout_s=5.0)
        print_receipt(receipt)


def print_receipt(receipt):
    print(f"Event {receipt.name!r} is {receipt.state.value}")
    if receipt.device_ns is not None:
        print(f"  time on the phone: {clock_time(receipt.device_ns)}")
    if receipt.bound_ns is not None:
        print(f"  known to within:   {receipt.bound_ns / 1e6:.2f} ms")


def look_at_the_scene(neon, folder):
    """A picture, a gaze sample, and both together."""
    # A stream starts when it is first asked for something.
    frame = came(neon.scene.read(timeout_s=10.0), "scene picture")
    print(
        f"A scene picture of {frame.width} x {frame.height} pixels, {clock_time(frame.device_ns)}"
    )

    gaze = came(neon.gaze.read(timeout_s=10.0), "gaze sample")
    print(f"A gaze sample at ({gaze.x:.0f}, {gaze.y:.0f}) pixels, {clock_time(gaze.device_ns)}")
    print(f"  glasses are {'worn' if gaze.worn else 'not worn'}")
    if gaze.left_eye and gaze.right_eye:
        left, right = gaze.left_eye.pupil_diameter_mm, gaze.right_eye.pupil_diameter_mm
        print(f"  pupils: left {left:.1f} mm, right {right:.1f} mm")

    # Pictures take longer to arrive than gaze. To draw one onto the other, ask for two that
    # belong together.
    pair = came(neon.read_scene_and_gaze(timeout_s=10.0), "pair of picture and gaze")
    print(f"A matched pair: gaze and picture are {abs(pair.distance_ns) / 1e6:.1f} ms apart")
    when = neon.experiment_time(pair.gaze.device_ns)
    print(f"  in the experiment's time: {when.experiment_s:.3f} s")
    print(f"  drawn in {save_picture(pair, folder)}")


def save_picture(pair, folder):
    """Draw the gaze as a circle into the scene picture."""
    picture = pair.scene.bgr()
    centre = round(pair.gaze.x), round(pair.gaze.y)
    cv2.circle(picture, centre, radius=45, color=(255, 255, 255), thickness=16)
    cv2.circle(picture, centre, radius=45, color=(0, 0, 255), thickness=8)
    path = folder / "first_steps.png"
    if not cv2.imwrite(str(path), picture):
        raise SystemExit(f"The picture cannot be written to {path}; choose a folder with --folder")
    return path


def finish(neon):
    """Stop the recording and keep it, and see whether anything was lost."""
    neon.recording.stop_and_save()
    print(
        f"The recording is saved. Of {neon.event_counts.sent} events, "
        f"{neon.event_counts.confirmed} were confirmed"
    )
    gaze = neon.gaze.health
    print(f"  gaze: {gaze.received} samples received, {gaze.lost} lost on the way")


def came(data, what):
    if data is None:
        raise SystemExit(f"No {what} came within ten seconds. Are the glasses plugged in?")
    return data


def clock_time(device_ns):
    """Time of day on the phone, for people."""
    return datetime.fromtimestamp(device_ns / 1e9).strftime("%H:%M:%S.%f")[:-3]


@contextlib.contextmanager
def simulated_glasses():
    """A phone with glasses that exists only in this computer."""
    from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

    with SimulatedNeon(SimulatorOptions()) as simulator:
        yield f"{simulator.address}:{simulator.port}"


def read_command_line():
    parser = argparse.ArgumentParser(description="First steps with the glasses.")
    parser.add_argument("address", nargs="?", help="as the app shows it; without it, search")
    parser.add_argument("--simulate", action="store_true", help="do without glasses")
    parser.add_argument("--folder", type=Path, default=Path(), help="where the picture goes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
