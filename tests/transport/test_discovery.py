from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time

import pytest
from zeroconf import IPVersion, ServiceInfo, Zeroconf

from psychopy_neon import DeviceNotFoundError, Neon, NeonConnectionError, NeonTimeoutError
from psychopy_neon.protocol.service_name import SERVICE_TYPE
from psychopy_neon.transport import discovery
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.discovery import Discovery


@pytest.fixture
def announce():
    """Announce services as phones do, and as others do."""
    with contextlib.ExitStack() as running:

        def start(instance, port=8080):
            announcer = Zeroconf(interfaces=["127.0.0.1"])
            running.callback(announcer.close)
            info = ServiceInfo(
                SERVICE_TYPE,
                f"{instance}.{SERVICE_TYPE}",
                addresses=[socket.inet_aton("127.0.0.1")],
                port=port,
                server=f"neon-{port}.local.",
            )
            announcer.register_service(info)

        yield start


def wait_for(found, phone_id, timeout_s=10.0):
    deadline = Deadline(timeout_s, "phone")
    phones = []
    while True:
        phones = found.wait_for_more(len(phones), deadline)
        for phone in phones:
            if phone.phone_id == phone_id:
                return phone


def test_a_phone_is_found_with_its_name_and_address(simulated_neon):
    simulator = simulated_neon(scene=False, advertise=True, phone_name="lab 3: é.left")
    with Discovery() as found:
        phone = wait_for(found, simulator.phone_id)
    assert phone.phone_name == "lab 3: é.left"
    assert phone.port == simulator.port
    assert simulator.address in phone.addresses


def test_a_phone_is_found_where_a_loop_runs_as_in_jupyter(simulated_neon):
    simulator = simulated_neon(scene=False, advertise=True)

    async def cell():
        with Discovery() as found:
            return wait_for(found, simulator.phone_id)

    assert asyncio.run(cell()).port == simulator.port


@pytest.fixture
def announced_by_ipv6():
    """A phone that announces itself over IPv6 only."""
    instance = f"PI monitor:six:00ff00ff00ff0006.{SERVICE_TYPE}"
    address = socket.inet_pton(socket.AF_INET6, "::1")
    try:
        announcer, witness = (Zeroconf(ip_version=IPVersion.V6Only) for _ in range(2))
    except (OSError, RuntimeError):
        pytest.skip("this computer has no IPv6")
    with contextlib.closing(announcer), contextlib.closing(witness):
        announcer.register_service(
            ServiceInfo(SERVICE_TYPE, instance, 8086, addresses=[address], server="six.local.")
        )
        if witness.get_service_info(SERVICE_TYPE, instance) is None:
            pytest.skip("this computer's IPv6 has no multicast")
        yield "00ff00ff00ff0006"


def test_a_phone_that_has_ipv6_only_is_found(announced_by_ipv6):
    with Discovery() as found:
        assert wait_for(found, announced_by_ipv6).addresses == ("::1",)


def test_other_devices_of_the_network_are_passed_over(announce):
    announce("Printer:on floor:2", 631)
    announce("PI monitor:phone:00ff00ff00ff0001", 8081)
    with Discovery() as found:
        phone = wait_for(found, "00ff00ff00ff0001")
        assert (phone.port, phone.dns_name) == (8081, "neon-8081.local.")
        names = {phone.phone_name for phone in found.wait_for_more(0, Deadline(1.0, "phone"))}
    assert "on floor" not in names


def test_no_phone_is_said_in_time(stopwatch):
    with Discovery() as found, pytest.raises(NeonTimeoutError, match=r"no phone within 0\.2 s"):
        found.wait_for_more(1_000, Deadline(0.2, "phone"))
    assert stopwatch.own_s < 4.0


def test_the_list_of_phones_is_bounded(announce, monkeypatch):
    monkeypatch.setattr(discovery, "MAX_PHONES", 0)
    announce("PI monitor:phone:00ff00ff00ff0002", 8082)
    with Discovery() as found, pytest.raises(NeonTimeoutError):
        found.wait_for_more(0, Deadline(1.0, "phone"))


def test_a_computer_without_network_is_one_clear_sentence(monkeypatch):
    def no_network(*_: object, **__: object) -> Zeroconf:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(discovery, "Zeroconf", no_network)
    with pytest.raises(NeonConnectionError, match=r"Network is unreachable.*give the address"):
        Discovery()
    with pytest.raises(NeonConnectionError, match="give the address"):
        Neon.connect(timeout_s=1.0)


def test_a_phone_that_was_found_but_does_not_answer_is_named(announce, free_port):
    announce("PI monitor:asleep:00ff00ff00ff0003", free_port)
    with pytest.raises(DeviceNotFoundError, match=rf"{free_port}.*refused"):
        Neon.connect(phone_id="00ff00ff00ff0003", timeout_s=2.0)


def test_discovery_leaves_no_thread_and_no_socket(eventually):
    psutil = pytest.importorskip("psutil")
    process = psutil.Process()
    Discovery().close()
    threads, connections = threading.active_count(), len(process.net_connections())
    started_s = time.perf_counter()
    for _ in range(5):
        with Discovery():
            pass
    assert time.perf_counter() - started_s < 10.0
    eventually(lambda: threading.active_count() <= threads)
    eventually(lambda: len(process.net_connections()) <= connections)
