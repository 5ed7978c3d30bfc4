"""Options of ``psychopy-neon simulate``."""

from __future__ import annotations

import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add all of them, in groups."""
    _add_network_options(parser)
    _add_participant_options(parser)
    _add_monitor_options(parser)
    _add_clock_options(parser)
    _add_stream_options(parser)
    _add_happening_options(parser)
    _add_recording_options(parser)
    parser.add_argument(
        "--truth", metavar="FILE", help="write what really happened to this file (JSON lines)"
    )
    parser.add_argument(
        "--end-with-input",
        action="store_true",
        help="end when standard input does: for programs that start it, and may be killed",
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
    group = parser.add_argument_group("participant")
    group.add_argument(
        "--participant", metavar="FILE", help="where the participant looks; see below"
    )
    group.add_argument(
        "--mouse", action="store_true", help="the participant looks where your mouse points"
    )
    group.add_argument(
        "--gaze-model",
        choices=("human", "exact"),
        help="how the eyes move. human: natural saccades, drift, tremor, blinks and reactions, "
        "with the error of real glasses; looks around if nothing says where. exact: right to the "
        "pixel (default: human; exact with --participant, --mouse or --replay)",
    )
    group.add_argument(
        "--noise",
        type=float,
        metavar="PX",
        help="noise of gaze, standard deviation in scene pixels; 15.5 are one degree (default: "
        "that of the gaze model)",
    )
    group.add_argument(
        "--blinks",
        type=float,
        metavar="N",
        help="how often they blink, times a minute on average (default: 17 with the human gaze "
        "model, 0 with the exact one)",
    )
    group.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="another number is another wearer, with other movements and errors (default: 0)",
    )


def _add_monitor_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("head and monitor")
    group.add_argument(
        "--screen",
        type=_size,
        default=(1280, 720),
        metavar="WxH",
        help="size of the monitor in pixels, as your experiment's window (default: 1280x720); or "
        "`own`: the scene camera films this computer's screen, whatever runs on it",
    )
    group.add_argument(
        "--still", action="store_true", help="keep the head still (it sways slightly otherwise)"
    )
    group.add_argument(
        "--turn",
        type=float,
        default=0.0,
        metavar="DEG",
        help="how far the head also turns to the left and to the right, every two seconds",
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
        "--blinking",
        choices=("patch", "frame"),
        default="patch",
        help="with --patch: what changes, the patch or the markers within the top row, which are "
        "inverted (default: patch)",
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
    group.add_argument(
        "--do",
        action="append",
        default=[],
        metavar="STEP",
        help="let this happen, from the start on or at=S seconds after it, such as 'lose "
        "stream=gaze share=0.1'; may be given several times",
    )


def _add_recording_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("recordings")
    group.add_argument(
        "--recordings",
        metavar="FOLDER",
        help="store what is recorded in this folder, each as a native recording folder",
    )
    group.add_argument(
        "--replay",
        metavar="FOLDER",
        help="stream this native recording folder in place of a virtual participant",
    )
    group.add_argument(
        "--start",
        type=float,
        default=0.0,
        metavar="S",
        help="with --replay: begin so many seconds after the recording began (default: 0)",
    )
    group.add_argument(
        "--once", action="store_true", help="with --replay: do not begin again when it is over"
    )
    group.add_argument(
        "--speed",
        type=float,
        default=1.0,
        metavar="X",
        help="with --replay: so many times as fast, its times pressed together (default: 1)",
    )


def _size(text: str) -> tuple[int, int] | None:
    if text == "own":
        return None
    width, separator, height = text.lower().partition("x")
    if not (separator and width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a size like 1280x720 nor own")
    return int(width), int(height)
