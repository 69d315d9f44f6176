"""GitHub's device flow, as the simulator plays it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest

from jumpseat.simulator import Simulator, SimulatorThread

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT_ID = "Ov23liTestTestTest"
JSON = {"Accept": "application/json"}


class Device:
    """A client of the device flow that knows the protocol page and nothing of ours, and its person."""

    def __init__(self, session: aiohttp.ClientSession, sim: Simulator) -> None:
        self.session, self.sim = session, sim
        self.now = 0.0
        sim.world.desk.clock = lambda: self.now

    async def post(self, path: str, form: Mapping[str, str]) -> tuple[int, Any]:
        async with self.session.post(self.sim.url + path, data=form, headers=JSON) as answer:
            return answer.status, await answer.json(content_type=None)

    async def start(self, client_id: str = CLIENT_ID) -> tuple[int, Any]:
        return await self.post("/login/device/code", {"client_id": client_id, "scope": "read:user"})

    async def poll(self, code: Any, after: float = 5.0, form: Mapping[str, str] | None = None) -> Any:
        self.now += after
        usual = {"client_id": CLIENT_ID, "device_code": code["device_code"], "grant_type": GRANT_TYPE}
        status, fields = await self.post("/login/oauth/access_token", {**usual, **(form or {})})
        assert status == 200  # Errors too.
        return fields

    async def press(self, code: str, action: str, name: str = "alice") -> tuple[int, str]:
        form = {"user_code": code, "action": action, "name": name}
        async with self.session.post(f"{self.sim.url}/login/device", data=form) as answer:
            return answer.status, await answer.text()

    async def control(self, **fields: object) -> int:
        async with self.session.post(f"{self.sim.url}/_simulator/device", json=fields) as answer:
            return answer.status

    async def arm(self, fault: str, times: int | None = None) -> None:
        await self.session.post(f"{self.sim.url}/_simulator/next", json={"fault": fault, "times": times})


@pytest.fixture
def device(sim: Simulator, session: aiohttp.ClientSession) -> Device:
    return Device(session, sim)


async def test_who_approves_gets_a_token_once(device: Device, sim: Simulator) -> None:
    status, code = await device.start()
    assert status == 200
    assert (code["expires_in"], code["interval"]) == (900, 5)
    assert code["verification_uri"] == f"{sim.url}/login/device"

    assert (await device.poll(code))["error"] == "authorization_pending"
    assert "all set" in (await device.press(code["user_code"].lower().replace("-", " "), "approve"))[1]
    assert await device.poll(code) == {
        "access_token": "gho_sim-alice",
        "token_type": "bearer",
        "scope": "read:user",
    }
    assert (await device.poll(code))["error"] == "incorrect_device_code"
    assert sim.violations == []


async def test_the_page_is_a_form_that_takes_a_code_and_no_markup(device: Device, sim: Simulator) -> None:
    async with device.session.get(f'{sim.url}/login/device?user_code="><script>') as answer:
        page = await answer.text()

    assert '<form method="post">' in page
    assert "<script>" not in page


@pytest.mark.parametrize("action", ["approve", "nonsense"])
async def test_a_wrong_code_or_no_button_leaves_everything_as_it_is(device: Device, action: str) -> None:
    _, code = await device.start()

    status, page = await device.press("AAAA-AAAA" if action == "approve" else code["user_code"], action)

    assert (status, "<form" in page) == (422, True)
    assert (await device.poll(code))["error"] == "authorization_pending"


async def test_who_refuses_has_refused(device: Device) -> None:
    _, code = await device.start()

    assert "refused" in (await device.press(code["user_code"], "deny"))[1]
    assert (await device.poll(code))["error"] == "access_denied"
    assert (await device.press(code["user_code"], "approve"))[0] == 422


async def test_a_code_ends_in_time(device: Device) -> None:
    _, code = await device.start()

    assert (await device.poll(code, after=899))["error"] == "authorization_pending"
    assert (await device.poll(code, after=5))["error"] == "expired_token"
    assert (await device.press(code["user_code"], "approve"))[0] == 422


async def test_who_polls_too_soon_is_slowed_down_and_noted(device: Device, sim: Simulator) -> None:
    _, code = await device.start()
    await device.poll(code)

    assert await device.poll(code, after=1) == {
        "error": "slow_down",
        "error_description": "slow down",
        "interval": 10,
    }
    assert sim.violations == ["GitHub was polled sooner than it allows"]
    assert (await device.poll(code, after=5))["error"] == "slow_down"
    assert (await device.poll(code, after=15))["error"] == "authorization_pending"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"device_code": "x"}, "incorrect_device_code"),
        ({"client_id": "Ov23liSomebodyElse"}, "incorrect_client_credentials"),
    ],
)
async def test_a_wrong_poll_is_refused_by_name(device: Device, form: dict[str, str], error: str) -> None:
    _, code = await device.start()

    assert (await device.poll(code, form=form))["error"] == error


@pytest.mark.parametrize("client_id", ["", "unknown-app"])
async def test_an_app_nobody_registered_is_not_found(device: Device, client_id: str) -> None:
    assert await device.start(client_id) == (404, {"error": "Not Found"})


async def test_who_does_not_ask_for_json_gets_a_form(device: Device, sim: Simulator) -> None:
    form = {"client_id": CLIENT_ID}
    async with device.session.post(f"{sim.url}/login/device/code", data=form) as answer:
        assert answer.content_type == "application/x-www-form-urlencoded"
        assert "user_code" in parse_qs(await answer.text())


async def test_tests_can_act_for_the_person_and_set_the_times(device: Device) -> None:
    assert await device.control(action="approve") == 400  # There is no code yet.
    assert await device.control(interval=1, expires_in=60, slower_by=2) == 200
    _, code = await device.start()
    assert (code["interval"], code["expires_in"]) == (1, 60)

    assert await device.control(action="dance") == 400
    assert await device.control(interval=0) == 400
    assert await device.control(action="expire", user_code=code["user_code"]) == 200
    assert (await device.poll(code))["error"] == "expired_token"
    assert await device.control(action="approve", name="not a <login>") == 200


async def test_faults_of_the_beginning(device: Device) -> None:
    await device.arm("github-device-code-bare")
    assert (await device.start())[1].keys() == {"device_code", "user_code", "verification_uri"}
    await device.arm("github-device-code-odd")
    assert (await device.start())[1]["expires_in"] == -1
    await device.arm("github-device-code-elsewhere")
    assert "github.com.example" in (await device.start())[1]["verification_uri"]


async def test_faults_of_the_waiting(device: Device) -> None:
    _, code = await device.start()
    await device.arm("github-device-token-slow-down")
    assert (await device.poll(code))["interval"] == 10
    await device.arm("github-device-token-slow-down-bare")
    assert "interval" not in await device.poll(code, after=10)
    await device.arm("github-device-token-cut")
    with pytest.raises(aiohttp.ClientError):
        await device.poll(code, after=15)
    await device.arm("github-device-token-pending", times=2)
    await device.control(action="approve", name="bob")
    for _ in range(2):
        assert (await device.poll(code, after=15))["error"] == "authorization_pending"
    await device.arm("github-device-token-wide")
    assert (await device.poll(code, after=15))["scope"] == "repo,read:user"


async def test_a_token_that_ends_comes_with_another_to_renew_it(device: Device) -> None:
    _, code = await device.start()
    await device.control(action="approve", name="bob")
    await device.arm("github-device-token-ends")

    token = await device.poll(code)

    assert (token["access_token"], token["refresh_token"]) == ("ghu_sim-bob", "ghr_sim-bob")
    assert token["expires_in"] == 28800


async def test_a_refresh_token_is_good_once(device: Device) -> None:
    async def renew(refresh_token: str) -> Any:
        form = {"client_id": CLIENT_ID, "grant_type": "refresh_token", "refresh_token": refresh_token}
        return (await device.post("/login/oauth/access_token", form))[1]

    first = await renew("ghr_sim-bob")
    assert (first["access_token"], first["refresh_token"]) == ("ghu_sim-bob", "ghr_sim-bob.1")
    assert (await renew(first["refresh_token"]))["refresh_token"] == "ghr_sim-bob.2"
    for spent in ("ghr_sim-bob", "ghr_sim-", "nonsense"):
        assert (await renew(spent))["error"] == "bad_refresh_token"


def test_the_thread_acts_for_the_person_too() -> None:
    with SimulatorThread() as sim:
        sim.device_times(interval=1)
        with pytest.raises(KeyError):
            sim.device("approve")
