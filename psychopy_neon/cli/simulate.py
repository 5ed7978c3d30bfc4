"""``psychopy-neon simulate``: glasses for those who have none at hand."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal

from psychopy_neon.cli.simulate_options import add_options

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
  {"on_event": {"go": {"middle": [0, 0], "reach": [0.4, 0], "period_s": 4}}}      follow what swings
  {"path": [[1.5, -0.5, 0], [1.5, 0.5, 0]]}      seconds, x, y; repeated for ever

A scenario file is JSON (or YAML), with times in seconds after the start:
  [{"at": 5, "do": "look_at", "x": 0.5, "y": 0}, {"at": 20, "do": "cut_link", "seconds": 10}]
  {"seed": 7, "steps": [{"at": [3, 8], "do": "lose", "stream": "gaze", "share": 0.1}]}
A pair is a moment between, drawn from the seed. What can be done is what --control lists: open
its address, or `curl http://127.0.0.1:PORT/`. To do it: `curl -d '{"seconds": 10}'
http://127.0.0.1:PORT/cut_link`; to have it done from the start on: `--do 'lose stream=gaze
share=0.1' --do 'cut_link seconds=10 at=20'`; to count what happened: `curl http://127.0.0.1:PORT/truth`.
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
    add_options(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM, Ctrl-C, (on Windows) Ctrl-Break or the end of input; return 0."""
    from psychopy_neon.simulator import ControlServer, SimulatedNeon  # cv2 and av
    from psychopy_neon.simulator.scenario_lines import scenario_of

    stop = _stop_on_signals()
    if args.end_with_input:
        threading.Thread(target=_stop_at_end_of_input, args=(stop,), daemon=True).start()
    scenario = scenario_of(args.scenario, args.do)
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
        screen_px=args.screen or (1280, 720),
        film_screen=args.screen is None,
        head_moves=not args.still,
        head_turn_deg=args.turn,
        display_lag_s=None if args.patch is None else args.display_lag,
        patch_period_s=args.patch or 0.0,
        blinking=args.blinking,
        participant=participant,
        gaze_follows="mouse" if args.mouse else "participant",
        gaze_model=args.gaze_model or _usual_gaze_model(args),
        noise_px=args.noise,
        blinks_per_minute=args.blinks,
        seed=args.seed,
        gaze_bytes=args.gaze_bytes,
        microphone=args.microphone,
        sensor_skew_s=args.sensor_skew,
        log_sends=args.log_sends,
        replay=args.replay,
        replay_start_s=args.start,
        replay_loops=not args.once,
        replay_speed=args.speed,
        recordings=args.recordings,
    )


def _usual_gaze_model(args: argparse.Namespace) -> Literal["exact", "human"]:
    # Whoever has said where to look, by a script, a mouse or a recording, wants that.
    return "exact" if args.participant or args.mouse or args.replay else "human"


def _stop_at_end_of_input(stop: threading.Event) -> None:
    # Not by the file object: a thread that holds it can abort Python when the program ends.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):  # the last is Windows' Ctrl-Break
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), on_signal)
    return stop
