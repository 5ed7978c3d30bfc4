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


@given(st.text(min_size=1), st.text("0123456789abcdef", min_size=1))
def test_a_free_text_name_survives(phone_name, phone_id):
    name = ServiceName(phone_name, phone_id)
    assert ServiceName.parse(name.format()) == name
