"""How accurate gaze is, at nine targets, and a correction if that is needed.

    python validation.py 192.0.2.10

It does what PsychoPy's own demo (coder, iohub, eyetracking, validation.py) does. The glasses need
no calibration; what is measured here can be reported in a paper, and corrected if need be.
"""

import sys

from psychopy import visual
from psychopy.iohub import launchHubServer

from psychopy_neon.runtime import NeonRecording, connect, validate_gaze

TARGETS = 9  # 1, 5, 9 or 13


def main():
    address = sys.argv[1] if len(sys.argv) > 1 else ""
    win = visual.Window((1280, 720), units="height", color="grey")
    glasses = {"name": "tracker", "runtime_settings": {"address": address}}
    hub = launchHubServer(window=win, **{"eyetracker.neon_realtime.EyeTracker": glasses})
    tracker = connect(hub.devices.tracker)
    recording = NeonRecording(tracker)
    recording.start()
    try:

        def note(target, raw_s):
            """Save an event with the flip that shows a target."""
            tracker.send_event(f"target {target[0]:g} {target[1]:g}", raw_s)

        found = validate_gaze(
            win, tracker, points=TARGETS, limit_deg=1.5, show_s=2.0, on_target=note
        )
        report(found)
    finally:
        recording.stop()
        tracker.close()
        hub.quit()
        win.close()


def report(found):
    whole = found.accuracy
    print(f"> {'passed' if found.passed else 'NOT passed'}")
    print(
        f"> accuracy  {whole.accuracy_deg:.2f} deg (mean), {whole.worst_deg:.2f} deg (worst target)"
    )
    print(f"> precision {whole.rms_s2s_deg:.2f} deg (RMS-S2S), {whole.sd_deg:.2f} deg (SD)")
    print(f"> data loss {whole.loss:.1%}")


if __name__ == "__main__":
    main()
