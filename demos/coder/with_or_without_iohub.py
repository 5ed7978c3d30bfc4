"""A dot that turns green when it is looked at: the same script without ioHub and with it.

Run it with the address that the Companion app shows::

    python with_or_without_iohub.py 192.0.2.10

To have ioHub as well, with its data file and its other devices, change one line: the one that
calls `Neon.connect`.
"""

import math
import sys

from psychopy import core, visual

import psychopy_neon.iohub
from psychopy_neon.visual import NeonMarkers

PLACES = [(-0.5, 0.0), (0.5, 0.0), (0.0, 0.4)]
RADIUS = 0.25
LONGEST_S = 3.0


def main(address):
    win = visual.Window((1280, 720), units="norm", fullscr=False, color="grey", checkTiming=False)
    markers = NeonMarkers(win)
    markers.autoDraw = True
    dot = visual.Circle(win, radius=0.05, fillColor="white")

    # This is the line to change:
    neon = psychopy_neon.Neon.connect(address, clock=core.getTime)
    # neon = psychopy_neon.iohub.connect(address, clock=core.getTime)

    with neon:
        print(f"{neon.phone_name}, {neon.battery_percent} %, glasses {neon.module_serial}")
        screen = neon.track_screen(markers.layout.markers)
        neon.wait_for_clock()
        recording_id = neon.recording.start()
        print(f"recording {recording_id}")
        for number, place in enumerate(PLACES, start=1):
            seen_after_s = show(win, neon, screen, dot, place, number)
            print(f"dot {number}: {'not seen' if seen_after_s is None else 'seen'}")
        neon.send_event("that is all").wait(5.0)
        neon.recording.stop_and_save()
        for receipt in neon.events:
            print(f"{receipt.name}: {receipt.state.value}, {receipt.experiment_s:.3f} s")
    win.close()


def show(win, neon, screen, dot, place, number):
    """Show the dot until it is looked at; seconds that this took, None if it never was."""
    dot.pos, dot.fillColor = place, "white"
    neon.mark_on_flip(win, f"dot {number}", {"x": place[0], "y": place[1]})
    shown_s = core.getTime()
    while core.getTime() < shown_s + LONGEST_S:
        dot.draw()
        win.flip()
        gaze = screen.map(neon.gaze.latest(), neon.now_device_ns())
        if gaze.valid and math.dist((gaze.x, gaze.y), place) < RADIUS:
            dot.fillColor = "green"
            dot.draw()
            win.flip()
            return core.getTime() - shown_s
    return None


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
