"""What the simulated phone says about itself and its sensors at the start."""

from __future__ import annotations

from collections.abc import Iterable

from psychopy_neon.protocol.status import Hardware, Phone, Sensor
from psychopy_neon.simulator.glasses import Glasses
from psychopy_neon.simulator.model import SENSORS, Model
from psychopy_neon.simulator.options import SimulatorOptions

FREE_BYTES = 98_765_432_100


def phone_entry(options: SimulatorOptions, ip: str, phone_id: str, time_echo_port: int) -> Phone:
    """The phone."""
    return Phone(
        ip,
        phone_id,
        options.phone_name,
        battery_level=71,
        battery_state="OK",
        memory=FREE_BYTES,
        memory_state="OK",
        time_echo_port=time_echo_port,
    )


def hardware_entry(model: Model, glasses: Glasses) -> Hardware:
    """The glasses."""
    return model.hardware(glasses.serial, glasses.frame_name)


def sensor_entries(
    served: Iterable[str], ip: str, rtsp_port: int, tunnel_port: int
) -> list[Sensor]:
    """The sensors in the phone's order, each for browsers (WEBSOCKET) and for others (DIRECT)."""
    entries: list[Sensor] = []
    for name in (name for name in SENSORS if name in set(served)):
        params = f"camera={name}&audioenable="
        entries.append(Sensor(name, "WEBSOCKET", True, ip, tunnel_port, params + "off"))
        entries.append(Sensor(name, "DIRECT", True, ip, rtsp_port, params + "on"))
    return entries
