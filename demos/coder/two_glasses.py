"""Two people in front of one screen, each with glasses: one clock, and the same events for both.

    python two_glasses.py 192.0.2.10 192.0.2.11

Without addresses two simulated phones are started. Each phone has its own clock; both are compared
with the clock of this computer all the time, so that one moment is the same in both recordings.
"""

import contextlib
import sys

from psychopy import core, visual

from psychopy_neon import Neon
from psychopy_neon.visual import NeonMarkers

TRIALS = 4
PLACES = [(-0.5, 0.15), (0.5, 0.15), (0.5, -0.2), (-0.5, -0.2)]
COLORS = ["red", "deepskyblue"]
SHOWN_S = 1.2


def main():
    with contextlib.ExitStack() as until_the_end:
        addresses = sys.argv[1:3] or simulated_glasses(until_the_end)
        win = visual.Window((1280, 720), units="height", color="grey")
        markers = NeonMarkers(win)
        # One clock for both: the times of all events and samples can be compared.
        both = [
            until_the_end.enter_context(Neon.connect(address, clock=core.getTime))
            for address in addresses
        ]
        for neon in both:
            neon.wait_for_clock()
            neon.recording.start()
        trackers = [neon.track_screen(markers.markers) for neon in both]
        for number in range(TRIALS):
            show_target(win, markers, both, trackers, number)
        for neon in both:
            neon.recording.stop_and_save()
        report(both)
        win.close()


def show_target(win, markers, both, trackers, number):
    """A disc, and where each of both looks meanwhile."""
    disc = visual.Circle(win, radius=0.08, pos=PLACES[number % len(PLACES)], fillColor="white")
    dots = [visual.Circle(win, radius=0.02, fillColor=color, lineColor=color) for color in COLORS]
    for neon in both:
        neon.mark_on_flip(win, f"disc {number % len(PLACES) + 1}")
    clock = core.Clock()
    while clock.getTime() < SHOWN_S:
        disc.draw()
        for neon, tracker, dot in zip(both, trackers, dots, strict=True):
            gaze = tracker.map(neon.gaze.latest(), neon.now_device_ns())
            if gaze.valid:
                dot.setPos((gaze.x * win.aspect / 2, gaze.y / 2))  # from norm to height units
                dot.draw()
        markers.draw()
        win.flip()


def report(both):
    """One moment, three clocks: the experiment's, and those of both phones."""
    for ours, theirs in zip(both[0].events, both[1].events, strict=True):
        ours.wait(2.0)
        theirs.wait(2.0)
        print(
            f"> {ours.name} at {ours.device_ns} and {theirs.device_ns} on the phones' clocks, "
            f"known to {ours.bound_ns / 1e6:.2f} and {theirs.bound_ns / 1e6:.2f} ms"
        )


def simulated_glasses(until_the_end):
    from psychopy_neon.simulator import Participant, SimulatedNeon, SimulatorOptions

    addresses = []
    for number, reaction_s in enumerate((0.2, 0.4)):
        looks = {f"disc {n + 1}": (x * 1.125, 2 * y) for n, (x, y) in enumerate(PLACES)}
        person = Participant(reaction_s=reaction_s, on_event=looks)
        options = SimulatorOptions(participant=person, offset_s=7.0 - 10 * number)
        phone = until_the_end.enter_context(SimulatedNeon(options))
        addresses.append(f"{phone.address}:{phone.port}")
    return addresses


if __name__ == "__main__":
    main()
