from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.protocol.service_name import ServiceName


def test_golden_vectors(vectors):
    for vector in vectors("service_names"):
        parsed, expect = ServiceName.parse(vector["instance"]), vector["expect"]
        assert (parsed is not None) == expect["is_companion"], vector["instance"]
        if parsed is not None:
            assert parsed == ServiceName(expect["phone_name"], expect["phone_id"])


def test_a_name_is_what_stands_between_the_outer_colons():
    instance = "PI monitor:my. phone: 2:ab12._http._tcp.local."
    assert ServiceName.parse(instance) == ServiceName("my. phone: 2", "ab12")
    assert ServiceName("my. phone: 2", "ab12").format() == instance
    assert ServiceName.parse("Printer:my phone:ab12._http._tcp.local.") is None
    assert ServiceName.parse("PI monitor:my phone:ab12._ipp._tcp.local.") is None


def test_a_phone_needs_an_id_and_no_name():
    without = ServiceName("", "ab12").format()
    assert ServiceName.parse(without) == ServiceName("", "ab12")
    assert ServiceName.parse(ServiceName("phone", "").format()) is None
    assert ServiceName.parse("PI monitor:ab12._http._tcp.local.") is None
    assert ServiceName.parse(without.upper().replace("PI MONITOR", "PI monitor")) is not None


PRINTED = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])


def test_a_name_cannot_steer_the_terminal_that_it_is_printed_in():
    name = ServiceName.parse(ServiceName("lab\x1b[2J\n3", "ab12").format())
    assert name == ServiceName("lab\ufffd[2J\ufffd3", "ab12")


@given(st.text(PRINTED, min_size=1), st.text("0123456789abcdef", min_size=1))
def test_a_free_text_name_survives(phone_name, phone_id):
    name = ServiceName(phone_name, phone_id)
    assert ServiceName.parse(name.format()) == name
