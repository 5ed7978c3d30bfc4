"""A window that moves with gaze over a text, or a scotoma that hides what is looked at.

    python moving_window.py 192.0.2.10            # or simulator: gaze is your mouse

It does what PsychoPy's own demo (coder, iohub, eyetracking, gcCursor) does.
"""

import random
import sys

import numpy as np
from psychopy import core, event, visual
from psychopy.iohub import launchHubServer

from psychopy_neon.runtime import NeonEvent, NeonGaze, NeonMarkers, NeonRecording, connect

TRIALS = 2
LONGEST_S = 15.0
PLACES = [(0.3, -0.2), (-0.3, 0.2)]
ASIDE = (1.1, 0)  # a curtain that stands there has its hole outside of the window


def main():
    address = sys.argv[1] if len(sys.argv) > 1 else ""
    win = visual.Window((1280, 720), units="height", color="grey")
    glasses = {"name": "tracker", "runtime_settings": {"address": address}}
    hub = launchHubServer(window=win, **{"eyetracker.neon_realtime.EyeTracker": glasses})
    tracker = connect(hub.devices.tracker)
    recording = NeonRecording(tracker)
    recording.start()
    try:
        for number in range(TRIALS):
            kind = ("window", "scotoma")[number % 2]
            seconds = run_trial(win, tracker, kind, PLACES[number % 2])
            print(f"> {kind}: the number was found after {seconds:.2f} s")
    finally:
        recording.stop()
        tracker.close()
        hub.quit()
        win.close()


def run_trial(win, tracker, kind, place):
    """Until the number among the letters has been looked at for 0.8 s."""
    markers = NeonMarkers(win, tracker)
    # Through a blink the window stays where it was, for 0.4 s at most.
    gaze = NeonGaze(win, tracker, hold_s=0.4, dwell_s=0.8)
    letters = visual.TextStim(win, text=grid_of_letters(), height=0.05, font="Noto Sans Mono")
    number = visual.TextStim(win, text=" 7 ", pos=place, height=0.06, color="yellow")
    cover = visual.GratingStim(win, tex=None, color="grey", size=4, mask=hole(radius=0.15))
    if kind == "scotoma":
        cover = visual.Circle(win, radius=0.15, fillColor="grey", lineColor="grey")
    NeonEvent(win, tracker).send_on_flip(kind)

    gaze.setDwellOn([number])
    gaze.start()
    clock = core.Clock()
    while gaze.selected is None and clock.getTime() < LONGEST_S and not event.getKeys():
        gaze.watch()
        # A curtain must not go away with gaze: everything would be seen.
        cover.pos = gaze.pos if gaze.shown or kind == "scotoma" else ASIDE
        for stimulus in (letters, number, cover, markers):
            stimulus.draw()
        win.flip()
    gaze.stop()
    return clock.getTime()


def grid_of_letters(lines=9, columns=30):
    return "\n".join(
        "".join(random.choices("ABCDEFGHKLMNPRSTUVXZ  ", k=columns)) for _ in range(lines)
    )


def hole(radius, pixels=512, covered=4.0):
    """A mask for something `covered` heights wide: -1, transparent, in the middle; 1 around it."""
    places = (np.arange(pixels) + 0.5) / pixels * covered - covered / 2
    distance = np.hypot(*np.meshgrid(places, places))
    return np.clip((distance - radius) / 0.02, -1, 1)


if __name__ == "__main__":
    main()
