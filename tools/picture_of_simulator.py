"""Makes the picture in docs/reference/simulator.rst: a PsychoPy window, filmed and looked at.

``python tools/picture_of_simulator.py docs/_static/simulator.jpg`` on a display of its own, such as
``Xvfb :9 -screen 0 1280x720x24``. The simulated scene camera films that display, on which PsychoPy
shows targets; the wearer looks at each as soon as its event arrives, with the human gaze model.
"""

from __future__ import annotations

import sys
from collections import deque
from itertools import pairwise

import cv2
from psychopy import visual

from psychopy_neon import Neon
from psychopy_neon.simulator import Participant, SimulatedNeon, SimulatorOptions
from psychopy_neon.visual import NeonMarkers

SIZE_PX = (1280, 720)
TARGETS = {
    "red": ((-0.55, 0.4), "#d02020"),
    "green": ((0.5, -0.45), "#20a040"),
    "blue": ((0.6, 0.45), "#2050d0"),
    "orange": ((-0.5, -0.4), "#e08020"),
}
FRAMES = 50
TRAIL = 12
CROP = (slice(330, 900), slice(350, 1270))
MARKED = (255, 0, 200)


def main(path: str) -> None:
    """Show the targets one after the other, and keep the last picture with its gaze."""
    win = visual.Window(SIZE_PX, fullscr=True, units="norm", color="#808080")
    NeonMarkers(win, tag_size=0.1).autoDraw = True
    stimuli = [
        visual.Circle(win, radius=(0.08, 0.08 * 16 / 9), pos=place, fillColor=colour)
        for place, colour in TARGETS.values()
    ]
    visual.TextStim(win, "A PsychoPy window", height=0.09, color="white", autoDraw=True)
    wearer = Participant(on_event={name: place for name, (place, _) in TARGETS.items()})
    options = SimulatorOptions(
        film_screen=True, participant=wearer, gaze_model="human", blinks_per_minute=0, seed=4
    )
    with SimulatedNeon(options) as phone, Neon.connect(phone.address, phone.port) as neon:
        assert not phone.problems(), phone.problems()
        trail: deque[tuple[float, float]] = deque(maxlen=TRAIL)
        picture = None
        for name in TARGETS:
            neon.send_event(name)
            for _ in range(FRAMES):
                for stimulus in stimuli:
                    stimulus.draw()
                win.flip()
                pair = neon.read_scene_and_gaze(timeout_s=10.0)
                assert pair is not None
                picture = pair.scene.bgr()
                trail.append((pair.gaze.x, pair.gaze.y))
    win.close()
    points = [(round(x), round(y)) for x, y in trail]
    for first, second in pairwise(points):
        cv2.line(picture, first, second, MARKED, 2, cv2.LINE_AA)
    cv2.circle(picture, points[-1], 34, (255, 255, 255), 9, cv2.LINE_AA)
    cv2.circle(picture, points[-1], 34, MARKED, 4, cv2.LINE_AA)
    cv2.imwrite(path, picture[CROP], [cv2.IMWRITE_JPEG_QUALITY, 82])


if __name__ == "__main__":
    main(sys.argv[1])
