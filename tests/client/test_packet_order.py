from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon import NeonConnectionError
from psychopy_neon.client.packet_order import HOLD_NS, MAX_HELD, PacketOrder
from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.rtp import RtpPacket

STEP_NS = 1_000_000


def packet(number):
    return RtpPacket(99, number % 0x10000, number, 1, b"")


def push_all(order, numbers, step_ns=0):
    """Timestamps (the numbers before they wrapped) in the order in which they were given out."""
    ready = []
    for index, number in enumerate(numbers):
        ready += order.push(packet(number), index * step_ns)
    return [arrived.packet.timestamp for arrived in ready]


def test_in_order_nothing_waits():
    order = PacketOrder()
    for number in range(0xFFF0, 0x10020):
        assert push_all(order, [number]) == [number]
        assert order.due_host_ns is None


def test_an_overtaken_packet_gets_its_place_back():
    order = PacketOrder()
    assert push_all(order, [0xFFFE, 0x10000, 0xFFFF, 0x10001]) == list(range(0xFFFE, 0x10002))
    assert (order.reordered, order.lost, order.received) == (1, 0, 4)


def test_a_missing_packet_holds_the_others_up_for_a_moment_only():
    order = PacketOrder()
    assert push_all(order, [0, 2, 3], STEP_NS) == [0]
    assert order.due_host_ns == STEP_NS + HOLD_NS
    assert order.release(order.due_host_ns - 1) == []
    assert [a.packet.timestamp for a in order.release(order.due_host_ns)] == [2, 3]
    assert (order.lost, order.due_host_ns) == (1, None)
    assert push_all(order, [1, 1]) == []
    assert (order.late, order.repeated, order.lost) == (1, 1, 1)


def test_arrival_is_that_of_the_packet_and_not_of_its_release():
    order = PacketOrder()
    order.push(packet(0), 0)
    order.push(packet(2), 5)
    assert [a.arrived_host_ns for a in order.push(packet(1), 7)] == [7, 5]


def test_a_jump_is_believed_when_a_second_packet_confirms_it():
    order = PacketOrder()
    push_all(order, [0, 1])
    assert order.push(packet(500), 0) == []
    assert order.release(HOLD_NS) == [] and order.due_host_ns is None
    assert [a.packet.timestamp for a in order.push(packet(501), HOLD_NS)] == [500, 501]
    assert (order.lost, order.strays) == (498, 0)


def test_a_jump_that_nothing_confirms_costs_one_packet():
    order = PacketOrder()
    assert push_all(order, [0, 1, 500, *range(2, 12)], STEP_NS) == list(range(12))
    assert order.release(100 * STEP_NS) == []
    assert (order.strays, order.lost, order.received) == (1, 0, 12)


def test_a_stray_does_not_hold_up_the_packets_that_confirm_each_other():
    order = PacketOrder()
    push_all(order, [0, 1])
    assert push_all(order, [200, *range(400, 420)], STEP_NS) == list(range(400, 420))
    assert (order.strays, order.lost, order.received) == (1, 398, 22)
    assert order.due_host_ns is None


def test_a_number_from_elsewhere_is_refused_and_new_numbering_is_told():
    order = PacketOrder()
    push_all(order, range(10))
    with pytest.raises(ProtocolError, match="far from the others"):
        order.push(packet(30_000), 0)
    with pytest.raises(NeonConnectionError, match="anew"):
        order.push(packet(30_001), 0)


def test_what_is_held_is_bounded():
    order = PacketOrder()
    numbers = [0, *range(2, 2 + 2 * MAX_HELD, 2)]
    given_out = push_all(order, [*numbers, numbers[-1] + 2])
    assert given_out == sorted(given_out)
    assert len(numbers) + 1 - len(given_out) <= MAX_HELD


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=200),
    st.integers(0, 3 * STEP_NS),
    st.integers(0, 0xFFFF),
)
def test_whatever_comes_goes_out_in_order_once_and_is_counted(numbers, step_ns, start):
    order = PacketOrder()
    given_out = push_all(order, [start + number for number in numbers], step_ns)
    end_ns = len(numbers) * step_ns + HOLD_NS
    given_out += [a.packet.timestamp for a in order.release(end_ns)]
    assert given_out == sorted(set(given_out))
    assert len(given_out) == order.received
    assert order.received + order.lost == given_out[-1] - given_out[0] + 1
    assert order.received + order.repeated + order.late == len(numbers)
    assert order.due_host_ns is None
