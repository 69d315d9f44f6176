"""Signing in at GitHub by a code: makes the calls of `signin` and waits between them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from jumpseat.deadlines import Timeouts
from jumpseat.github.hosts import Site
from jumpseat.github.signin import DeviceFlow, Granted, Prompt, poll_call, read_start, start_call
from jumpseat.model.errors import UpstreamBroke
from jumpseat.transport.wire import Transport


async def sign_in(
    transport: Transport,
    site: Site,
    client_id: str,
    *,
    show: Callable[[Prompt], None],
    tell: Callable[[str], None] = lambda _: None,
    timeout: float = Timeouts().connect,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], float] = time.time,
) -> Granted:
    """
    Begin a sign-in, `show` the person what to do, and wait until it is done.

    Trouble on the way amid the waiting is borne until the code ends; `tell` hears of it once each time it
    begins. Each call may take `timeout` seconds. Raises `SignInFailed`, and for a beginning that fails
    `WireFailed`, `UpstreamTimeout`, `UpstreamBroke`, `RateLimited` or `InvalidRequest`.
    """
    start, poll = start_call(site, client_id), poll_call(site, client_id)
    client_id = start.form["client_id"]
    answer = await transport.request(
        "POST", start.url, headers=start.headers, body=urlencode(start.form).encode(), timeout=timeout
    )
    code = read_start(answer, site, at=now())
    flow = DeviceFlow(code, site, client_id, clock=clock())
    show(code.prompt)
    while True:
        await sleep(flow.pause(clock()))
        before = flow.trouble
        try:
            answer = await transport.request(
                "POST",
                poll.url,
                headers=poll.headers,
                body=urlencode({**poll.form, "device_code": code.device_code.reveal()}).encode(),
                timeout=timeout,
            )
        except UpstreamBroke as error:
            flow.stumble(error)
        else:
            if granted := flow.receive(answer, at=now()):
                return granted
        if flow.trouble and not before:
            tell(flow.trouble)
