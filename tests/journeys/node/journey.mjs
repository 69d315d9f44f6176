// The official Node client against the gateway whose address is the first argument.
// Runs every journey, prints one JSON line for each, and ends with 1 if one failed.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import OpenAI from "openai";

const [gateway, simulator, ...only] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${gateway}/v1`, apiKey: "none" });
const MODELS = ["microsoft/copilot", "github/gpt-4o"];

const asked = (content) => [{ role: "user", content }];
const create = (model, content, more = {}, options = {}) =>
  client.chat.completions.create({ model, messages: asked(content), ...more }, options);
const openWires = async () => {
  const stats = await (await fetch(`${simulator}/_simulator/stats`)).json();
  return Object.values(stats.open).reduce((sum, count) => sum + count, 0);
};

async function until(condition, milliseconds) {
  const endsAt = performance.now() + milliseconds;
  while (!(await condition())) {
    assert.ok(performance.now() < endsAt, `it did not come true within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function collect(stream, chunks = []) {
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const text = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");

const journeys = {
  async whole() {
    for (const model of MODELS) {
      const answer = await create(model, "%%SAY Good morning.%%");
      assert.equal(answer.choices[0].message.content, "Good morning.");
      assert.equal(answer.choices[0].finish_reason, "stop");
      assert.ok(answer.usage.total_tokens > 0);
    }
  },

  async streamed() {
    for (const model of MODELS) {
      const chunks = await collect(await create(model, "%%SAY привет, 🐎 two%%", { stream: true }));
      assert.equal(text(chunks), "привет, 🐎 two");
      assert.equal(chunks[0].choices[0].delta.role, "assistant");
      assert.deepEqual(chunks.map((c) => c.choices[0].finish_reason).filter(Boolean), ["stop"]);
    }
  },

  async helper() {
    const stream = client.chat.completions.stream({ model: "copilot", messages: asked("%%SAY a b c%%") });
    assert.equal((await stream.finalChatCompletion()).choices[0].message.content, "a b c");
  },

  async usage() {
    const options = { stream: true, stream_options: { include_usage: true } };
    const chunks = await collect(await create("", "%%SAY a b%%", options));
    const last = chunks.pop();
    assert.deepEqual(last.choices, []);
    assert.ok(last.usage.total_tokens > 0);
    assert.ok(chunks.every((chunk) => chunk.choices.length === 1));
  },

  async cut() {
    for (const model of MODELS) {
      const stopped = await create(model, "%%SAY one two three%%", { stop: "three" });
      assert.equal(stopped.choices[0].message.content, "one two ");
      const limited = await collect(await create(model, "%%TOKENS 100000%%", { stream: true, max_tokens: 2 }));
      assert.equal(limited.at(-1).choices[0].finish_reason, "length");
    }
  },

  async pictures() {
    const url = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==";
    const content = [{ type: "text", text: "What is it?" }, { type: "image_url", image_url: { url } }];
    assert.match((await create("copilot", content)).choices[0].message.content, /1 image: image\/gif/);
  },

  async memory() {
    for (const model of MODELS) {
      const conversation_id = crypto.randomUUID();
      await create(model, "My name is Ada.", { conversation_id });
      const answer = await create(model, "What is my name?", { conversation_id });
      assert.match(answer.choices[0].message.content, /Ada/);
    }
  },

  async models() {
    const ids = (await collect(await client.models.list())).map((model) => model.id);
    for (const model of MODELS) assert.ok(ids.includes(model), model);
    assert.equal((await client.models.retrieve(MODELS[0])).owned_by, "microsoft");
  },

  async before() {
    const cases = [
      ["challenge-cloudflare", OpenAI.APIError, 402],
      ["error-blocked", OpenAI.BadRequestError, 400],
      ["throttled", OpenAI.APIError, 402],
      ["close-before-text", OpenAI.InternalServerError, 502],
    ];
    for (const [fault, kind, status] of cases) {
      await assert.rejects(create("copilot", `%%FAULT ${fault}%%`, { stream: true }), (error) => {
        assert.ok(error instanceof kind, `${fault}: ${error}`);
        assert.equal(error.status, status);
        assert.ok(error.code && error.message);
        return true;
      });
    }
  },

  async amid() {
    const cases = [
      ["microsoft/copilot", "eof-amid-text"],
      ["github/gpt-4o", "cut-amid-text"],
    ];
    for (const [model, fault] of cases) {
      const chunks = [];
      const stream = await create(model, `%%SAY one two three four%% %%FAULT ${fault}%%`, { stream: true });
      await assert.rejects(collect(stream, chunks), (error) => {
        assert.ok(error instanceof OpenAI.APIError, String(error));
        assert.equal(error.code, "upstream_interrupted");
        return true;
      });
      assert.match(text(chunks), /^one two/);
      assert.ok(chunks.every((chunk) => chunk.choices[0].finish_reason === null));
    }
  },

  async once() {
    await (await fetch(`${simulator}/_simulator/reset`, { method: "POST" })).text();
    const words = crypto.randomUUID();
    const arm = { method: "POST", body: JSON.stringify({ fault: "eof-before-text", times: 10 }) };
    await (await fetch(`${simulator}/_simulator/next`, arm)).text();
    await assert.rejects(create("copilot", words), OpenAI.InternalServerError);
    const { entries } = await (await fetch(`${simulator}/_simulator/log?kind=frame`)).json();
    await (await fetch(`${simulator}/_simulator/reset`, { method: "POST" })).text();
    const sent = entries.filter((e) => e.frame.event === "send" && JSON.stringify(e.frame).includes(words));
    assert.equal(sent.length, 1);
  },

  async wrong() {
    await assert.rejects(create("copilot", 5), (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError, String(error));
      assert.equal(error.param, "messages[0].content");
      return true;
    });
  },

  async left() {
    for (const model of MODELS) {
      const stream = await create(model, "%%TOKENS 1000%% %%SLOW 20%%", { stream: true });
      for await (const chunk of stream) if (chunk.choices[0].delta.content) break;
      await until(async () => (await openWires()) === 0, 1000);
    }
  },

  async aborted() {
    for (const model of MODELS) {
      const controller = new AbortController();
      const asking = create(model, "%%TOKENS 1000%% %%SLOW 20%%", {}, { signal: controller.signal });
      const refused = assert.rejects(asking, OpenAI.APIUserAbortError);
      await until(async () => (await openWires()) > 0, 5000);
      controller.abort();
      await refused;
      await until(async () => (await openWires()) === 0, 1000);
    }
  },
};

let failed = false;
for (const [name, journey] of Object.entries(journeys)) {
  if (only.length && !only.includes(name)) continue;
  try {
    await journey();
    console.log(JSON.stringify({ journey: name, ok: true }));
  } catch (error) {
    failed = true;
    console.log(JSON.stringify({ journey: name, ok: false, why: String(error.stack ?? error) }));
  }
}
process.exitCode = failed ? 1 : 0;
