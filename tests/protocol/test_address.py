from __future__ import annotations

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.address import check_serial, parse_address


@pytest.mark.parametrize("port", [1, 8080, 65_535])
def test_every_port_that_exists_is_taken(port):
    assert parse_address(f"192.0.2.10:{port}") == ("192.0.2.10", port)
    assert parse_address("192.0.2.10", port) == ("192.0.2.10", port)
    assert parse_address("192.0.2.10:9000", port) == ("192.0.2.10", 9000)


@pytest.mark.parametrize("port", [-1, 0, 65_536])
def test_other_ports_are_refused(port):
    with pytest.raises(UsageError, match="is not an address"):
        parse_address(f"192.0.2.10:{port}")


@pytest.mark.parametrize("port", [-1, 0, 65_536, "8080", None])
def test_it_is_the_port_that_is_blamed_if_it_was_given_by_itself(port):
    with pytest.raises(UsageError, match=f"^port={port!r} is not a port"):
        parse_address("192.0.2.10", port)


@pytest.mark.parametrize("serial", ["", "12345x", "-1", " 123456", "١٢٣", "²"])
def test_what_is_no_serial_number_is_refused(serial):
    with pytest.raises(UsageError, match="is not the serial number of glasses"):
        check_serial(serial)
    check_serial("123456")
