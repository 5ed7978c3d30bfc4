"""``psychopy-neon simulate``: glasses for those who have none at hand."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

_DESCRIPTION = """\
Pretends to be a Neon: a phone running the Companion app, with glasses plugged in and a virtual
participant who wears them in front of a monitor with the tag frame. Any client can connect, as to
a real phone. Prints one line, "ready http://ADDRESS:PORT", as soon as it can be connected to, and
runs until Ctrl-C. With --control a second line follows: "control http://127.0.0.1:PORT".
"""

_EPILOG = """\
A participant file is JSON, with positions from -1 to 1 (y up; 0, 0 is the middle of the monitor):
  {"start": [0, 0], "reaction_s": 0.2, "on_event": {"target left": [-0.5, 0]}}
  {"path": [[1.5, -0.5, 0], [1.5, 0.5, 0]]}      seconds, x, y; repeated for ever

A scenario file is JSON (or YAML), with times in seconds after the start:
  [{"at": 5, "do": "look_at", "x": 0.5, "y": 0}, {"at": 20, "do": "cut_link", "seconds": 10}]
  {"seed": 7, "steps": [{"at": [3, 8], "do": "lose", "stream": "gaze", "share": 0.1}]}
A pair is a moment between, drawn from the seed. What can be done is what --control lists: open
its address, or `curl http://127.0.0.1:PORT/`. To do it: `curl -d '{"seconds": 10}'
http://127.0.0.1:PORT/cut_link`; to count what happened: `curl http://127.0.0.1:PORT/truth`.
"""


def add_parser(subparsers: Any) -> None:
    """Add the sub-command to the command line."""
    parser = subparsers.add_parser(
        "simulate",
        help="pretend to be a Neon, to try experiments without glasses",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_network_options(parser)
    _add_participant_options(parser)
    _add_clock_options(parser)
    _add_stream_options(parser)
    _add_happening_options(parser)
    parser.add_argument(
        "--truth", metavar="FILE", help="write what really happened to this file (JSON lines)"
    )
    parser.add_argument(
        "--log-sends",
        action="store_true",
        help="write there, too, when each sample really left (one line each)",
    )


def _add_network_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("network")
    group.add_argument(
        "--port",
        type=int,
        default=0,
        metavar="N",
        help="port to connect to; a real phone has 8080 (default: any free one)",
    )
    group.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="address to listen on; 0.0.0.0 lets other computers in, which nothing protects "
        "against (default: this computer only)",
    )
    group.add_argument(
        "--advertise", action="store_true", help="announce it, so that discovery finds it"
    )
    group.add_argument("--name", default="Simulated Neon", help="the phone's name")
    group.add_argument(
        "--model",
        choices=("neon", "invisible"),
        default="neon",
        help="kind of glasses; Pupil Invisible has gaze and scene video only (default: neon)",
    )
    group.add_argument("--serial", default="123456", help="the glasses' serial number, 6 digits")


def _add_participant_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("participant and monitor")
    group.add_argument(
        "--participant", metavar="FILE", help="where the participant looks; see below"
    )
    group.add_argument(
        "--mouse", action="store_true", help="the participant looks where your mouse points"
    )
    group.add_argument(
        "--noise",
        type=float,
        default=0.0,
        metavar="PX",
        help="noise of gaze, standard deviation in scene pixels; 15.5 are one degree (default: 0)",
    )
    group.add_argument(
        "--blinks",
        type=float,
        default=0.0,
        metavar="N",
        help="how often they blink, times a minute on average (default: 0)",
    )
    group.add_argument(
        "--screen",
        type=_size,
        default=(1280, 720),
        metavar="WxH",
        help="size of the monitor in pixels, as your experiment's window (default: 1280x720)",
    )
    group.add_argument(
        "--still", action="store_true", help="keep the head still (it sways slightly otherwise)"
    )
    group.add_argument(
        "--no-scene", action="store_true", help="no scene video; gaze costs hardly any computing"
    )
    group.add_argument(
        "--patch",
        type=float,
        metavar="S",
        help="the monitor has a patch that changes between dark and bright at irregular times, so "
        "many seconds apart on average; --truth tells when",
    )
    group.add_argument(
        "--display-lag",
        type=float,
        default=0.02,
        metavar="S",
        help="how long after a change the light of the patch appears, seconds (default: 0.02)",
    )


def _add_clock_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("clock of the phone")
    group.add_argument(
        "--offset",
        type=float,
        default=7.3,
        metavar="S",
        help="how far it is ahead of this computer's, seconds (default: 7.3)",
    )
    group.add_argument(
        "--drift",
        type=float,
        default=40.0,
        metavar="PPM",
        help="how much too fast it runs, parts per million (default: 40)",
    )


def _add_stream_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("streams")
    group.add_argument(
        "--gaze-bytes",
        type=int,
        default=65,
        metavar="N",
        help="variant of gaze by its length: 9, 17, 25, 65, 89 or 105; 65 has the state of the "
        "eyes, 89 the lids, too (default: 65)",
    )
    group.add_argument(
        "--microphone", action="store_true", help="send sound along with the scene video"
    )
    group.add_argument(
        "--sensor-skew",
        type=float,
        default=0.0,
        metavar="S",
        help="how far the times inside of motion samples and eye events are ahead of the "
        "phone's clock, seconds (default: 0)",
    )


def _add_happening_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("faults and other things that happen")
    group.add_argument(
        "--control",
        type=int,
        metavar="PORT",
        help="let programs on this computer switch faults and the like at this port; 0 takes a "
        "free one",
    )
    group.add_argument(
        "--scenario", metavar="FILE", help="let things happen by a timeline; see below"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM, Ctrl-C or (on Windows) Ctrl-Break; return the exit code."""
    from psychopy_neon.simulator import ControlServer, Scenario, SimulatedNeon  # cv2 and av

    stop = _stop_on_signals()
    scenario = Scenario.from_file(args.scenario) if args.scenario else None
    with ExitStack() as closing:
        neon = SimulatedNeon(_options(args))
        closing.callback(neon.close)
        if scenario is not None:
            neon.play(scenario)
        control = None
        if args.control is not None:
            control = ControlServer(neon, args.control)
            closing.callback(control.close)
        neon.start()
        print(f"ready {neon.url}", flush=True)
        if control is not None:
            print(f"control {control.start().url}", flush=True)
        _tell_problems(neon, stop)
    return 0


def _tell_problems(neon: SimulatedNeon, stop: threading.Event) -> None:
    told: list[str] = []
    while not stop.wait(0.5):  # with a timeout, or Windows would not see Ctrl-C
        for problem in neon.problems():
            if problem not in told:
                told.append(problem)
                print(problem, file=sys.stderr, flush=True)


def _options(args: argparse.Namespace) -> SimulatorOptions:
    from psychopy_neon.simulator import Participant, SimulatorOptions

    participant = Participant.from_file(args.participant) if args.participant else Participant()
    return SimulatorOptions(
        model=args.model,
        host=args.host,
        http_port=args.port,
        phone_name=args.name,
        module_serial=args.serial,
        offset_s=args.offset,
        drift_ppm=args.drift,
        truth_path=Path(args.truth) if args.truth else None,
        advertise=args.advertise,
        scene=not args.no_scene,
        screen_px=args.screen,
        head_moves=not args.still,
        display_lag_s=None if args.patch is None else args.display_lag,
        patch_period_s=args.patch or 0.0,
        participant=participant,
        gaze_follows="mouse" if args.mouse else "participant",
        noise_px=args.noise,
        blinks_per_minute=args.blinks,
        gaze_bytes=args.gaze_bytes,
        microphone=args.microphone,
        sensor_skew_s=args.sensor_skew,
        log_sends=args.log_sends,
    )


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):  # the last is Windows' Ctrl-Break
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), on_signal)
    return stop


def _size(text: str) -> tuple[int, int]:
    width, separator, height = text.lower().partition("x")
    if not (separator and width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size like 1280x720")
    return int(width), int(height)
