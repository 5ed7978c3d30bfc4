"""Everything that can be chosen about the simulated glasses and phone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.gaze import KNOWN_LENGTHS
from psychopy_neon.simulator.model import MODELS, Model, ModelName
from psychopy_neon.simulator.participant import Participant

GazeFollows = Literal["participant", "mouse"]
GazeModel = Literal["exact", "human"]

HUMAN_BLINKS_PER_MINUTE = 17.0  # at rest (Bentivoglio et al., Movement Disorders 12:1028, 1997)


@dataclass(frozen=True)
class SimulatorOptions:
    """Options of `SimulatedNeon`.

    Parameters
    ----------
    model : {"neon", "invisible"}
        Kind of glasses. Pupil Invisible has gaze (9 bytes) and scene video, and neither
        calibration nor templates.
    host : str
        Address to listen on. The default serves this computer only.
    http_port, rtsp_port, time_echo_port, tunnel_port : int
        Ports; 0 takes a free one. A real phone has 8080, 8086, 12321 and, for RTSP within a
        WebSocket as browsers use it, 8686.
    phone_name, phone_id, module_serial, frame_name : str
        Identity; an empty `phone_id` makes one up.
    offset_s, drift_ppm : float
        Phone's Unix clock minus this computer's at the start, seconds, and by how much the
        phone's clock runs fast, parts per million.
    truth_path : path or None
        File for the truth log (JSON lines).
    advertise : bool
        Announce the phone by mDNS so that discovery finds it.
    scene : bool
        Serve scene video. Without it the simulator is nearly free of cost.
    screen_px : tuple of 2 int
        Size of the drawn monitor, pixels; should equal the experiment's window.
    film_screen : bool
        Show what this computer's own screen shows, instead of the tag frame on grey: the scene
        camera films it, and `screen_px` is the screen's size. Where that cannot be,
        `SimulatedNeon.problems` says why, and the monitor is drawn as ever.
    screen_width_mm, distance_mm : float
        Width of the drawn monitor, and the head's distance from it, mm.
    head_moves : bool
        Whether the head sways slightly.
    head_turn_deg : float
        How far the head also turns to the left and to the right, degrees, once in two seconds;
        12 is as fast as 38 degrees a second.
    participant : Participant
        Where the wearer looks.
    gaze_follows : {"participant", "mouse"}
        Whether the wearer follows that script, or your mouse.
    gaze_model : {"exact", "human"}
        How the eyes move, and what the glasses get wrong. "exact": they rest on a point, get to
        the next in ``participant.saccade_s``, and gaze is right but for `noise_px`. "human":
        saccades on the main sequence that miss and are put right, drift, tremor, blinks, varying
        reaction times, and the accuracy and noise of real glasses; who has neither path nor
        events to react to looks around. With the mouse only the glasses' errors and blinks.
    gaze_bytes : int
        Gaze variant by its length: 9 (gaze only), 17 or 25 (with monocular gaze), 65 (with eye
        state), 89 (and eyelids), 105 (and monocular gaze).
    blinks_per_minute : float or None
        How often the wearer blinks on average; 0 for never. None is 17 with the human gaze model,
        else 0.
    microphone : bool
        Serve sound as second track of the scene video; needs `scene`.
    sensor_skew_s : float
        Sensor clock of the phone minus its system clock, as it shows in the times inside of
        motion samples and eye events. Real phones show it after their clock was set.
    stap_a : bool
        Send the video's parameter sets together in one packet, as the phone may.
    reported_ip : str
        Address that the phone gives for itself and its sensors, where that is not the one it
        can be reached at; empty for the right one.
    noise_px : float or None
        Standard deviation of noise on scene gaze, pixels (15.5 px are one degree). None is the
        error of real glasses with the human gaze model (1.8 degrees on average, 1.3 after an
        offset correction), else 0.
    seed : int
        Of the gaze model, the noise and the blinks.
    recording_start_lag_s : float
        Time from the reply to ``recording:start`` until the recording is really open.
    first_report_s, report_interval_s : float
        RTCP sender reports: delay of the first after the first packet, and their interval.
    display_lag_s : float or None
        If given, the drawn monitor has a patch, dark at first, that `SimulatedNeon.show_patch`
        changes, and this is how long after a change its light appears. Scene video then arrives
        three pictures (100 ms) later than otherwise.
    blinking : {"patch", "frame"}
        What changes then: the patch, or the markers between the corners of the top row, which
        are inverted while they are dark.
    exposure_s : float
        How long the scene camera gathers light for a picture, from its time stamp on; shows in
        pictures in which the patch changes.
    patch_period_s : float
        If above 0, the patch also changes by itself, at irregular times, so often on average.
    rtp_wrap_after_s : float or None
        If given, RTP times wrap around so long after the start of each stream.
    replay : path or None
        Native recording folder whose wearer, glasses and, where it has them, videos are streamed
        in place of the virtual participant's: values bit for bit, times moved to now. Gaze has
        the longest variant that was recorded. A scene that was not kept is drawn: a monitor that
        stays where the wearer looked most, seen through the recording's lens.
    replay_start_s : float
        Where it begins, seconds since the recording began.
    replay_loops : bool
        Whether it begins there again when it is over; otherwise the sensors fall silent.
    replay_speed : float
        Above 1 for tests: everything comes faster, and the times are pressed together alike.
    recordings : path or None
        Folder in which recordings are stored, each as a native recording folder of its own. It
        is made if need be.
    log_sends : bool
        Also write to the truth log when each sample really left, to tell the delay of a client
        from that of a busy computer.
    """

    model: ModelName = "neon"
    host: str = "127.0.0.1"
    http_port: int = 0
    rtsp_port: int = 0
    time_echo_port: int = 0
    tunnel_port: int = 0
    phone_name: str = "Simulated Neon"
    phone_id: str = ""
    module_serial: str = "123456"
    frame_name: str = "Simulated frame"
    offset_s: float = 7.3
    drift_ppm: float = 40.0
    truth_path: str | Path | None = None
    advertise: bool = False
    scene: bool = True
    screen_px: tuple[int, int] = (1280, 720)
    film_screen: bool = False
    screen_width_mm: float = 531.0
    distance_mm: float = 600.0
    head_moves: bool = True
    head_turn_deg: float = 0.0
    participant: Participant = field(default_factory=Participant)
    gaze_follows: GazeFollows = "participant"
    gaze_model: GazeModel = "exact"
    gaze_bytes: int = 65
    blinks_per_minute: float | None = None
    microphone: bool = False
    sensor_skew_s: float = 0.0
    stap_a: bool = False
    reported_ip: str = ""
    noise_px: float | None = None
    seed: int = 0
    recording_start_lag_s: float = 0.5
    first_report_s: float = 0.0
    report_interval_s: float = 3.0
    display_lag_s: float | None = None
    blinking: Literal["patch", "frame"] = "patch"
    exposure_s: float = 0.008
    patch_period_s: float = 0.0
    rtp_wrap_after_s: float | None = None
    replay: str | Path | None = None
    replay_start_s: float = 0.0
    replay_loops: bool = True
    replay_speed: float = 1.0
    recordings: str | Path | None = None
    log_sends: bool = False

    def __post_init__(self) -> None:
        self._check_choices()
        self._check_sizes()
        self._check_ranges()
        self._check_together()
        if self.replay is not None:
            self._check_replay()

    def _check_choices(self) -> None:
        if self.model not in MODELS:
            raise UsageError(f"model must be one of {', '.join(MODELS)}, not {self.model!r}.")
        if self.gaze_bytes not in KNOWN_LENGTHS:
            raise UsageError(f"gaze_bytes must be one of {KNOWN_LENGTHS}, not {self.gaze_bytes}.")
        if self.gaze_model not in ("exact", "human"):
            raise UsageError(f"gaze_model must be 'exact' or 'human', not {self.gaze_model!r}.")
        if self.gaze_follows not in ("participant", "mouse"):
            raise UsageError(
                f"gaze_follows must be 'participant' or 'mouse', not {self.gaze_follows!r}."
            )
        if self.blinking not in ("patch", "frame"):
            raise UsageError("blinking must be 'patch' or 'frame'.")
        if not self.module_serial.isascii() or not 0 < len(self.module_serial) <= 6:
            raise UsageError(f"module_serial has 1 to 6 digits, not {self.module_serial!r}.")

    def _check_sizes(self) -> None:
        if not all(100 <= side <= 16384 for side in self.screen_px):
            raise UsageError(f"screen_px must be 100 to 16384 pixels a side, not {self.screen_px}.")
        if not all(0 <= port <= 65535 for port in self._ports):
            raise UsageError(f"ports must be 0 to 65535, not {self._ports}.")
        for name in ("screen_width_mm", "distance_mm", "report_interval_s"):
            if not 0 < getattr(self, name) <= 1e6:
                raise UsageError(f"{name} must be above 0 and at most 1e6.")
        for name in ("noise_px", "recording_start_lag_s", "first_report_s"):
            if not 0 <= (getattr(self, name) or 0.0) <= 1e6:
                raise UsageError(f"{name} must be between 0 and 1e6.")

    def _check_ranges(self) -> None:
        if not 0 <= self.blinks_a_minute <= 100:
            raise UsageError("blinks_per_minute must lie between 0 and 100.")
        if self.seed < 0:
            raise UsageError(f"seed must be 0 or more, not {self.seed}.")
        if not -100_000 <= self.drift_ppm <= 100_000:
            raise UsageError("drift_ppm must lie between -100000 and 100000.")
        for name in ("offset_s", "sensor_skew_s"):
            if not -1e9 <= getattr(self, name) <= 1e9:
                raise UsageError(f"{name} must lie between -1e9 and 1e9 seconds.")
        if not 0 <= self.head_turn_deg <= 30:
            raise UsageError("head_turn_deg must lie between 0 and 30.")
        if self.display_lag_s is not None and not 0 <= self.display_lag_s <= 1:
            raise UsageError("display_lag_s must be between 0 and 1.")
        if not 0 < self.exposure_s <= 1 / 30:
            raise UsageError("exposure_s must be above 0 and at most a thirtieth.")
        if self.patch_period_s and not 0.1 <= self.patch_period_s <= 60:
            raise UsageError("patch_period_s must be 0, or between 0.1 and 60.")

    def _check_together(self) -> None:
        """What one option needs of others."""
        if self.microphone and not self.scene:
            raise UsageError("microphone needs scene: sound is a track of the scene video.")
        if self.microphone and self.model == "invisible":
            raise UsageError("microphone cannot be had with the model invisible.")
        if self.patch_period_s and self.display_lag_s is None:
            raise UsageError("patch_period_s needs display_lag_s: without it there is no patch.")
        if self.film_screen and (not self.scene or self.display_lag_s is not None):
            raise UsageError("film_screen needs scene, and excludes display_lag_s.")
        if self.log_sends and self.truth_path is None:
            raise UsageError("log_sends needs truth_path: that is the file it writes to.")
        is_replayed_as_usual = self.replay_loops and self.replay_speed == 1
        if self.replay is None and (self.replay_start_s or not is_replayed_as_usual):
            raise UsageError("start, end and speed of a replay need replay: a recording's folder.")

    def _check_replay(self) -> None:
        excluded = {
            "model invisible": self.model == "invisible",
            "the mouse": self.gaze_follows == "mouse",
            "a participant": self.participant != Participant(),
            "head_turn_deg": bool(self.head_turn_deg),
            "a patch": self.display_lag_s is not None,
            "film_screen": self.film_screen,
            "the human gaze model": self.gaze_model == "human",
            "noise_px": bool(self.noise_px),
            "blinks_per_minute": bool(self.blinks_per_minute),
        }
        for what, is_wanted in excluded.items():
            if is_wanted:
                raise UsageError(f"replay and {what} exclude each other.")
        if not 0 <= self.replay_start_s <= 86_400:
            raise UsageError("replay_start_s must be between 0 and 86400.")
        if not 0.01 <= self.replay_speed <= 100:
            raise UsageError("replay_speed must be between 0.01 and 100.")

    @property
    def blinks_a_minute(self) -> float:
        """`blinks_per_minute`, or what the gaze model has."""
        if self.blinks_per_minute is not None:
            return self.blinks_per_minute
        return HUMAN_BLINKS_PER_MINUTE if self.gaze_model == "human" else 0.0

    @property
    def glasses(self) -> Model:
        """What is special about the chosen model."""
        return MODELS[self.model]

    @property
    def _ports(self) -> tuple[int, ...]:
        return self.http_port, self.rtsp_port, self.time_echo_port, self.tunnel_port
