"""A dot that follows gaze: the least that gaze on the screen needs.

With the address that the Companion app shows, without one to take the first phone found, or with
``simulator`` for simulated glasses whose gaze is your mouse::

    python gaze_cursor.py 192.0.2.10

It does what PsychoPy's own demo of eye trackers (coder, iohub, eyetracking, simple.py) does.
"""

import sys

from psychopy import core, event, visual
from psychopy.iohub import launchHubServer

from psychopy_neon.runtime import NeonEvent, NeonGaze, NeonMarkers, NeonRecording, connect

TRIALS = 3
LONGEST_S = 20.0


def main():
    address = sys.argv[1] if len(sys.argv) > 1 else ""
    win = visual.Window((1280, 720), units="height", color="grey")
    glasses = {"name": "tracker", "runtime_settings": {"address": address}}
    hub = launchHubServer(window=win, **{"eyetracker.neon_realtime.EyeTracker": glasses})
    tracker = connect(hub.devices.tracker)  # waits for the glasses, and says if there are none
    recording = NeonRecording(tracker)
    recording.start()
    try:
        for number in range(TRIALS):
            inside_s = run_trial(win, tracker, number)
            print(f"> trial {number + 1}: chosen after {inside_s:.2f} s")
    finally:
        recording.stop()
        tracker.close()  # waits until the phone has everything
        hub.quit()
        win.close()


def run_trial(win, tracker, number):
    """Until the circle has been looked at for half a second; returns how long that took."""
    # Without the frame of markers the glasses cannot know where the window is.
    markers = NeonMarkers(win, tracker)
    gaze = NeonGaze(win, tracker, smoothing="within fixations", smoothing_s=0.05, dwell_s=0.5)
    onset = NeonEvent(win, tracker, eventName=f"trial {number + 1}")
    circle = visual.Circle(win, radius=0.12, pos=(0.4 - 0.4 * number, 0.1), lineColor="white")
    dot = visual.Circle(win, radius=0.015, fillColor="red", lineColor="red")
    text = visual.TextStim(win, pos=(0, -0.3), height=0.03)

    gaze.setDwellOn([circle])
    gaze.start()
    onset.send_on_flip()
    clock = core.Clock()
    while gaze.selected is None and clock.getTime() < LONGEST_S and not event.getKeys():
        gaze.watch()
        dot.pos = gaze.pos  # far outside while gaze is not valid
        circle.fillColor = "limegreen" if gaze.looked_at else None
        text.text = describe(gaze)
        for stimulus in (circle, text, dot, markers):
            stimulus.draw()
        win.flip()
    gaze.stop()
    return clock.getTime()


def describe(gaze):
    if not gaze.valid:
        return f"no gaze: {gaze.problem}"
    x, y = gaze.pos
    return f"gaze at ({x:+.2f}, {y:+.2f}), {1000 * gaze.age:.0f} ms old, pupil {gaze.pupil:.1f} mm"


if __name__ == "__main__":
    main()
