"""The descriptions of the gateway, for people and for programs."""

from __future__ import annotations

import json
import re

import pytest

from jumpseat.gateway.app import create_app
from jumpseat.gateway.operations import OPERATIONS
from tests.gateway.fakes import Answer, FakeClient, as_client, call


async def get(path: str, **headers: str) -> Answer:
    return await call(create_app(as_client(FakeClient())), "GET", path, b"", headers)


async def test_the_help_page_names_every_operation_with_an_example() -> None:
    page = (await get("/docs")).body.decode()

    for operation in OPERATIONS:
        assert re.sub(r":\w+", "", operation.path) in page
    assert page.count("curl ") >= len(OPERATIONS)
    assert "http://127.0.0.1:1337/v1/chat/completions" in page


async def test_the_help_page_calls_the_gateway_as_its_reader_did() -> None:
    assert "http://localhost:1337/v1" in (await get("/docs", host="localhost:1337")).body.decode()


async def test_the_help_page_fetches_nothing_and_forbids_it() -> None:
    answer = await get("/docs")

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(
        rb"(?:src|@import|url\()\s*=?", answer.body.split(b"</style>")[1].split(b"<script>")[0]
    )
    assert b"<link" not in answer.body
    assert b"src=" not in answer.body


async def test_the_description_for_programs_holds_every_path() -> None:
    document = json.loads((await get("/openapi.json")).body)

    assert document["openapi"].startswith("3.1")
    assert {"/v1/chat/completions", "/chat/completions", "/v1/models/{model}", "/docs"} <= set(
        document["paths"]
    )
    assert document["paths"]["/health/live"]["get"]["security"] == []
    names = [described["operationId"] for path in document["paths"].values() for described in path.values()]
    assert len(names) == len(set(names))


async def test_every_reference_in_the_description_leads_somewhere() -> None:
    text = (await get("/openapi.json")).body.decode()
    schemas = json.loads(text)["components"]["schemas"]

    for name in re.findall(r'"#/components/schemas/(\w+)"', text):
        assert name in schemas


async def test_the_description_names_the_limits_of_the_fields() -> None:
    document = json.loads((await get("/openapi.json")).body)
    (provider,) = document["paths"]["/api/{provider}/chat/completions"]["post"]["parameters"]
    fields = document["components"]["schemas"]["WireRequest"]["properties"]

    assert "Copilot" in provider["schema"]["enum"]
    assert fields["messages"]["minItems"] == 1
    assert fields["n"]["maximum"] == 1
    assert None in fields["provider"]["enum"]


@pytest.mark.parametrize("path", ["/", "/health/live", "/health/ready"])
async def test_short_answers(path: str) -> None:
    answer = await get(path)

    assert answer.status == 200
    assert len(answer.body) < 100


async def test_no_sentence_of_the_help_page_ends_twice() -> None:
    assert not re.search(rb"[.?]\.</p>", (await get("/docs")).body)
