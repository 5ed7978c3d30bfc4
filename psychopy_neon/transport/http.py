"""REST calls over one kept-alive connection."""

from __future__ import annotations

from typing import Any

import requests

from ..exceptions import NeonConnectionError, NeonTimeoutError, ProtocolError
from ..protocol.rest import CALIBRATION_PATH, MAX_REPLY_BYTES, Call, parse_reply


class RestConnection:
    """A connection to the phone's REST service; use each instance from one thread only.

    Parameters
    ----------
    host : str
        Name or address; an IPv6 address without brackets.
    port : int
    """

    def __init__(self, host: str, port: int) -> None:
        self._base_url = f"http://{bracketed(host)}:{port}"
        self._session = requests.Session()
        # A lab's web proxy cannot reach a phone on the local network, and must not see it.
        self._session.trust_env = False

    def call(self, call: Call, timeout_s: float) -> Any:
        """Send a request and return the ``result`` of its reply; blocks up to `timeout_s`.

        Raises
        ------
        NeonConnectionError, NeonTimeoutError
            If nothing answers.
        DeviceError
            If the phone refuses.
        ProtocolError
            If what answers is not a Companion phone.
        """
        return parse_reply(*self._exchange(call.method, call.path, call.body, timeout_s))

    def calibration_bytes(self, timeout_s: float) -> bytes:
        """Fetch ``calibration.bin``; raises as `call` does."""
        status, body = self._exchange("GET", CALIBRATION_PATH, None, timeout_s)
        if status != 200:
            parse_reply(status, body)
        return body

    def close(self) -> None:
        """Close the connection; harmless if repeated."""
        self._session.close()

    def _exchange(
        self, method: str, path: str, body: dict[str, Any] | None, timeout_s: float
    ) -> tuple[int, bytes]:
        url = self._base_url + path
        try:
            with self._session.request(
                method, url, json=body, timeout=timeout_s, stream=True, allow_redirects=False
            ) as reply:
                data = reply.raw.read(MAX_REPLY_BYTES + 1, decode_content=True)
                status = reply.status_code
        except requests.Timeout as error:
            raise NeonTimeoutError(f"{url} did not answer within {timeout_s:g} s") from error
        except (requests.RequestException, OSError, ValueError) as error:
            raise NeonConnectionError(f"{url} cannot be reached: {_reason(error)}") from error
        except Exception as error:
            # urllib3's own errors come through `raw.read`; they have no public common base here.
            raise NeonConnectionError(f"{url} broke off its answer: {_reason(error)}") from error
        if len(data) > MAX_REPLY_BYTES:
            raise ProtocolError(f"{url} answered with more than {MAX_REPLY_BYTES} bytes")
        return status, data


def bracketed(host: str) -> str:
    """An IPv6 address in brackets, anything else as it is."""
    return f"[{host}]" if ":" in host else host


def _reason(error: BaseException) -> str:
    """The operating system's words, which libraries bury under several layers of their own."""
    cause: object = error
    for _ in range(10):
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        if not isinstance(cause, BaseException):
            break
        nested = (getattr(cause, "reason", None), cause.__cause__, cause.__context__, *cause.args)
        cause = next((n for n in nested if isinstance(n, BaseException)), None)
    return type(error).__name__
