"""The tree of errors."""

from __future__ import annotations

import pytest

from jumpseat import errors
from jumpseat.model.errors import AddressInUse, JumpseatError, UpstreamRefused


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_a_runtime_error_of_ours_with_a_code(name: str) -> None:
    kind = getattr(errors, name)

    assert issubclass(kind, JumpseatError)
    assert issubclass(kind, RuntimeError)
    assert kind.code


def test_an_error_may_carry_the_upstreams_own_code() -> None:
    error = UpstreamRefused("No.", code="blocked", may_be_delivered=True)

    assert (error.code, error.message, error.may_be_delivered) == ("blocked", "No.", True)


def test_a_taken_port_is_named_with_the_way_out() -> None:
    message = AddressInUse("127.0.0.1", 1337).message

    assert "1337" in message
    assert "--port" in message


def test_advice_of_somebody_further_up_ends_the_message() -> None:
    plain, stopped = JumpseatError("it broke"), JumpseatError("it broke.")
    for error in (plain, stopped):
        error.add_advice("Unset X.")
        error.add_advice(None)

    assert plain.message == stopped.message == "it broke. Unset X."
