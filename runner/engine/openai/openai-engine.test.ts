import { once } from "node:events";
import { createServer } from "node:http";
import { promptTokensMax } from "@infernet/protocol/llm/estimate-units";
import type { TokenPart } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { GenerationSession } from "../engine.ts";
import { describeGeneration } from "../generation-contract.ts";
import { ModelServer } from "./model-server.ts";
import { createOpenaiEngine } from "./openai-engine.ts";
import type { Patience } from "./openai-session.ts";
import {
  type Answer,
  delta,
  ended,
  event,
  type FakeOptions,
  type FakeServer,
  openStream,
  say,
  sendJson,
  startFakeServer,
  streamed,
  usage,
} from "./testing/fake-server.ts";
import { chatRequest, imageRequest, openaiManifest } from "./testing/openai-manifest.ts";
import { PROMPT_CHARS_MAX, SLOWLY, spell } from "./testing/spelling-model.ts";

/** A machine that is busy with other tests is no server that hangs. */
const PATIENT: Patience = { first_ms: 10_000, silence_ms: 10_000, tail_ms: 200 };
const IMPATIENT: Patience = { first_ms: 300, silence_ms: 150, tail_ms: 200 };

const servers: FakeServer[] = [];
const sessions: GenerationSession[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

const serverAt = (base: string, more: { api_key?: string; probe_ms?: number; rest_ms?: number } = {}) => {
  const { api_key = null, ...times } = more;
  return new ModelServer({
    access: { base, api_key, isNamed: true },
    ...{ only: [], at_once: undefined, execution_provider: "cpu", ...times },
  });
};

async function start(
  options: FakeOptions = {},
  more: Parameters<typeof serverAt>[1] = {},
  patience = PATIENT,
) {
  const fake = await startFakeServer(options);
  servers.push(fake);
  const server = serverAt(fake.url, more);
  await server.refresh();
  const engine = createOpenaiEngine(server, patience);
  const session = await engine.loadGenerator(openaiManifest("tiny"), "");
  sessions.push(session);
  return { fake, server, engine, session };
}

async function generate(
  session: GenerationSession,
  request: GenerationRequest = chatRequest(),
  given: Given | null = null,
  signal = new AbortController().signal,
) {
  const parts: TokenPart[] = [];
  const { generation, note } = await session.generate(request, {
    timeout_ms: 10_000,
    signal,
    given,
    onPart: (part) => parts.push(part),
  });
  if ("error" in generation) throw new Error(`the generation is an error: ${generation.error.message}`);
  return { parts, completion: generation, note };
}

const answered = async (answer: Answer) => {
  const { session } = await start({ answer });
  return session.generate(chatRequest(), {
    timeout_ms: 10_000,
    signal: new AbortController().signal,
    given: null,
  });
};

let spelling: FakeServer | null = null;
afterAll(() => spelling?.stop());
describeGeneration("a server of the OpenAI API", async () => {
  spelling = await startFakeServer({ answer: spell });
  const server = serverAt(spelling.url);
  await server.refresh();
  const saying = (content: string, sampling: object = {}) =>
    chatRequest({ prompt: { kind: "chat", messages: [{ role: "user", content }] } }, sampling);
  return {
    engine: createOpenaiEngine(server),
    manifest: openaiManifest("tiny"),
    dir: "",
    request: (change) => saying("Spell", change),
    slow: saying(SLOWLY),
    tooLong: saying("x".repeat(PROMPT_CHARS_MAX + 1)),
    unsupported: imageRequest,
    isExact: false,
  };
});

describe("a server of the OpenAI API", () => {
  it.each([
    ["ollama", "ollama-0.12.3", 4],
    ["vllm", "vllm-0.11.0+cu128", 32],
    ["llama.cpp", "llama.cpp-b6900-1a2b", 3],
    ["lm-studio", "lm-studio", 4],
    ["server", "server", 4],
  ] as const)("is known for what it is: %s", async (kind, version, at_once) => {
    const { engine, session } = await start({ kind, models: ["tiny", "llama3:latest", "tiny"] });
    expect(engine.offer).toEqual({
      engine: "openai",
      version,
      execution_provider: "cpu",
      formats: ["tiny", "llama3:latest"],
      sandbox: "none",
    });
    expect(session.execution_class).toBe(`openai/${version}/cpu/q4_k_m`);
    expect([session.at_once_max, session.score]).toEqual([at_once, null]);
  });

  it("gets the request as it is and gives its tokens as they are made", async () => {
    const { session, fake } = await start({ answer: say("Hello", " ", "world") });
    const sampling = { temperature: 0.5, top_p: 0.9, stop: ["\n"], presence_penalty: 1 };
    const { parts, completion, note } = await generate(session, chatRequest({}, sampling));
    expect(fake.calls).toEqual([
      {
        path: "/v1/chat/completions",
        authorization: undefined,
        body: {
          ...{ model: "tiny", stream: true, stream_options: { include_usage: true } },
          ...{ ...sampling, seed: 7, max_tokens: 16, messages: [{ role: "user", content: "Hello" }] },
        },
      },
    ]);
    expect(parts).toEqual(["Hello", " ", "world"].map((text) => ({ token: null, text, logprob: null })));
    expect(completion).toEqual({
      text: "Hello world",
      tokens: null,
      finish_reason: "stop",
      usage: { prompt_tokens: 5, cached_tokens: 0, completion_tokens: 3 },
      logprobs: null,
      evidence: null,
    });
    expect(note).toBeUndefined();
  });

  it("passes tools and formats through, and puts calls of tools together", async () => {
    const call = (
      index: number,
      id: string | undefined,
      name: string | undefined,
      piece: string,
    ): object => ({
      model: "tiny",
      choices: [{ index: 0, delta: { tool_calls: [{ index, id, function: { name, arguments: piece } }] } }],
    });
    const { session, fake } = await start({
      answer: streamed(
        call(0, "a", "look", '{"at":'),
        call(0, undefined, undefined, '"moon"}'),
        call(1, "b", "wait", "{}"),
        ended("tool_calls"),
        usage(9, 3),
      ),
    });
    const asked = {
      tools: [{ type: "function", function: { name: "look" } }],
      tool_choice: "auto",
      response_format: { type: "json_object" },
    };
    const { parts, completion } = await generate(session, chatRequest(asked));
    expect(fake.calls[0]?.body).toMatchObject(asked);
    expect(parts.map(({ delta }) => Object.keys(delta ?? {}))).toEqual([
      ["tool_calls"],
      ["tool_calls"],
      ["tool_calls"],
    ]);
    expect(completion).toMatchObject({
      text: "",
      finish_reason: "tool_calls",
      message: {
        tool_calls: [
          { id: "a", function: { name: "look", arguments: '{"at":"moon"}' } },
          { id: "b", function: { name: "wait", arguments: "{}" } },
        ],
      },
    });
  });

  it("tells of logprobs where it gives them, a position each", async () => {
    const entry = (token: string, logprob: number) => ({
      ...{ token, logprob, bytes: null },
      top_logprobs: [{ token, logprob, bytes: [...Buffer.from(token)] }],
    });
    const { session, fake } = await start({
      answer: streamed(
        delta("ab", { logprobs: { content: [entry("a", -0.1), entry("b", -0.2)] } }),
        delta("c", { logprobs: { content: [entry("c", -0.3)] } }),
        ended("length"),
        usage(5, 3),
      ),
    });
    const { parts, completion } = await generate(session, chatRequest({ top_logprobs: 1 }));
    expect(fake.calls[0]?.body).toMatchObject({ logprobs: true, top_logprobs: 1 });
    expect(parts.map(({ text, logprob }) => [text, logprob?.token])).toEqual([
      ["a", "a"],
      ["b", "b"],
      ["c", "c"],
    ]);
    expect(completion.logprobs?.map(({ logprob }) => logprob)).toEqual([-0.1, -0.2, -0.3]);
    expect(completion.usage.completion_tokens).toBe(3);
  });

  it("goes on with what stands already", async () => {
    const { session, fake } = await start({ kind: "vllm", answer: say(" world", "!") });
    const given = { tokens: null, positions: 3, text: "Hello" };
    const { completion } = await generate(session, chatRequest(), given);
    expect(fake.calls[0]?.body).toMatchObject({
      max_tokens: 13,
      continue_final_message: true,
      add_generation_prompt: false,
      messages: [{ role: "user" }, { role: "assistant", content: "Hello" }],
    });
    expect(completion).toMatchObject({
      text: "Hello world!",
      usage: { prompt_tokens: 2, completion_tokens: 5 },
    });
  });

  it("is asked nothing when all that was asked for stands already", async () => {
    const { session, fake } = await start();
    const { completion } = await generate(session, chatRequest({}, { tokens_max: 3 }), {
      ...{ tokens: null, positions: 3, text: "Hello" },
    });
    expect(completion).toMatchObject({
      text: "Hello",
      finish_reason: "length",
      usage: { completion_tokens: 3 },
    });
    expect(fake.calls).toEqual([]);
  });

  it("is paid for the smaller of what it counts and what arrived", async () => {
    const boasting = await start({ answer: streamed(delta("a"), ended(), usage(5, 50)) });
    const boast = await generate(boasting.session);
    expect(boast.completion.usage).toEqual({ prompt_tokens: 5, cached_tokens: 0, completion_tokens: 1 });
    expect(boast.note).toContain("50 tokens; 1 arrived");
    const modest = await start({
      answer: streamed(delta("a"), delta("b"), delta("c"), ended(), usage(5, 2, 99)),
    });
    const { completion } = await generate(modest.session);
    expect(completion.usage).toEqual({ prompt_tokens: 5, cached_tokens: 5, completion_tokens: 2 });
    const silent = await start({ answer: streamed(delta("a"), ended()) });
    const uncounted = await generate(silent.session);
    expect(uncounted.completion.usage).toEqual({ prompt_tokens: 0, cached_tokens: 0, completion_tokens: 1 });
    expect(uncounted.note).toContain("did not say");
  });

  it("is cut off where it makes more than it was asked for", async () => {
    const { session } = await start({ answer: say(..."abcdefgh") });
    const { completion, parts } = await generate(session, chatRequest({}, { tokens_max: 3 }));
    expect(completion).toMatchObject({
      text: "abc",
      finish_reason: "length",
      usage: { completion_tokens: 3 },
    });
    expect(parts).toHaveLength(3);
  });

  it("is believed no more tokens of a prompt than it can have", async () => {
    const boasting = await start({ answer: streamed(delta("a"), ended(), usage(100_000, 1)) });
    const { completion } = await generate(boasting.session);
    expect(completion.usage.prompt_tokens).toBe(promptTokensMax(chatRequest()));
    const long = chatRequest({
      prompt: { kind: "chat", messages: [{ role: "user", content: "x".repeat(600) }] },
    });
    expect((await generate(boasting.session, long)).completion.usage.prompt_tokens).toBe(512 - 1);
  });

  it("of vLLM's kind is told no length that its context has no room for", async () => {
    const { session, fake } = await start({
      kind: "vllm",
      answer: (response, call) =>
        "max_tokens" in call.body
          ? sendJson(response, 400, { error: { message: "maximum context length is 512 tokens" } })
          : say("a")(response, call),
    });
    expect((await generate(session)).completion.text).toBe("a");
    expect(fake.calls).toHaveLength(2);
  });

  it("makes no more completions at once than it can", async () => {
    const full = Promise.withResolvers<void>();
    const seen = Promise.withResolvers<void>();
    const { session, fake, server } = await start({
      kind: "llama.cpp",
      answer: async (response, call) => {
        if (fake.calls.length === 3) full.resolve();
        await seen.promise;
        await say("a")(response, call);
      },
    });
    const runs = Array.from({ length: 7 }, () => generate(session));
    await full.promise;
    // A question after all others: what was to come before it has come.
    await server.refresh();
    expect(fake.calls).toHaveLength(3);
    seen.resolve();
    await Promise.all(runs);
    expect(fake.calls).toHaveLength(7);
  });

  it("hears when nobody wants its answer any more", async () => {
    const gone = Promise.withResolvers<void>();
    const { session, server } = await start({
      answer: (response) => {
        response.on("close", () => gone.resolve());
        openStream(response).write(event(delta("a")));
      },
    });
    const unwanted = new AbortController();
    const reason = new Error("lease lost");
    const run = session.generate(chatRequest(), {
      ...{ timeout_ms: 10_000, signal: unwanted.signal, given: null },
      onPart: () => unwanted.abort(reason),
    });
    await expect(run).rejects.toBe(reason);
    await gone.promise;
    expect(server.problem).toBeNull();
  });

  it("gets the key of its owner, and goes nowhere else with it", async () => {
    const elsewhere = await startFakeServer();
    servers.push(elsewhere);
    const { session, fake } = await start(
      {
        answer: (response) =>
          void response.writeHead(307, { location: `${elsewhere.url}/v1/chat/completions` }).end(),
      },
      { api_key: "secret" },
    );
    await expect(generate(session)).rejects.toMatchObject({ code: "engine_crashed" });
    expect(fake.calls[0]?.authorization).toBe("Bearer secret");
    expect(elsewhere.calls).toEqual([]);
  });
});

describe("a server that fails", () => {
  const begun =
    (...rest: (string | Uint8Array)[]): Answer =>
    (response) => {
      openStream(response).write(event(delta("a")));
      for (const piece of rest) response.write(piece);
      response.end();
    };

  it.each<[string, Answer]>([
    [
      "breaks off",
      (response) => void openStream(response).write(event(delta("a")), () => response.destroy()),
    ],
    ["ends in the middle", begun()],
    ["says that it is done and is not", begun(event("[DONE]"))],
    ["answers with another model", streamed({ ...delta("a"), model: "other" }, ended(), usage(1, 1))],
    ["changes the model on the way", streamed(delta("a"), { ...ended(), model: "other" })],
    ["does not name its model", streamed({ choices: [{ delta: { content: "a" }, finish_reason: "stop" }] })],
    [
      "streams bytes that are not UTF-8",
      begun(new Uint8Array([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0xfe, 10, 10])),
    ],
    ["streams no JSON", begun("data: {nonsense\n\n")],
    ["streams JSON of another kind", begun(event({ model: "tiny", choices: "none" }))],
    ["streams half a character", begun(event(delta("\ud83d")))],
    ["streams a line without end", begun(`data: ${"x".repeat(1_200_000)}`)],
    ["streams an event beyond all bounds", begun(event(delta("x".repeat(1_200_000))))],
    [
      "sends a page",
      (response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>\n<body>\n"),
    ],
    ["sends nothing", (response) => void response.writeHead(204).end()],
    ["gives the completion up", streamed(delta("a"), ended("abort"))],
    ["is broken", (response) => sendJson(response, 500, { error: { message: "CUDA error" } })],
    ["is busy", (response) => sendJson(response, 429, { error: "server busy" })],
    [
      "has lost the model",
      (response) => sendJson(response, 404, { error: { message: "model 'tiny' not found" } }),
    ],
    ["wants another key", (response) => sendJson(response, 401, { error: "invalid api key" })],
    ["fails within the stream", begun(event({ error: { message: "context size exceeded", code: 400 } }))],
  ])("has its completion given to another: it %s", async (_what, answer) => {
    const { session, fake, server } = await start({ answer });
    await expect(generate(session)).rejects.toMatchObject({ name: "EngineFailure", code: "engine_crashed" });
    fake.state.answer = say("well", " again");
    expect((await generate(session)).completion.text).toBe("well again");
    expect(server.problem).toBeNull();
  });

  it.each<[string, Answer]>([
    ["never answers", () => undefined],
    ["never begins", (response) => void openStream(response).flushHeaders()],
    ["stops in the middle", (response) => void openStream(response).write(event(delta("a")))],
    [
      "sends signs of life and no tokens",
      (response) => {
        openStream(response).write(event(delta("a")));
        const beat = setInterval(() => response.write(": ping\n\n"), 20);
        response.on("close", () => clearInterval(beat));
      },
    ],
  ])("is not waited for: it %s", async (_what, answer) => {
    const { session } = await start({ answer }, {}, IMPATIENT);
    await expect(generate(session)).rejects.toMatchObject({ name: "EngineFailure", code: "engine_timeout" });
  });

  it("is taken at its word when only the end of the stream is missing", async () => {
    const uncounted = await start({
      answer: (response) => void openStream(response).write(`${event(delta("a"))}${event(ended())}`),
    });
    expect((await generate(uncounted.session)).completion).toMatchObject({
      text: "a",
      finish_reason: "stop",
    });
    const undone = await start({
      answer: (response) =>
        void openStream(response).write(`${event(delta("a"))}${event(ended())}${event(usage(4, 1))}`),
    });
    expect((await generate(undone.session)).completion.usage.prompt_tokens).toBe(4);
  });

  it("stops at the time of the shard", async () => {
    const { session } = await start({ answer: (response) => void openStream(response).flushHeaders() });
    const options = { timeout_ms: 50, signal: new AbortController().signal, given: null };
    await expect(session.generate(chatRequest(), options)).rejects.toMatchObject({ code: "engine_timeout" });
  });

  it("cannot go on with what is no text", async () => {
    const { session } = await start();
    await expect(
      generate(session, chatRequest(), { tokens: null, positions: 2, text: "" }),
    ).rejects.toMatchObject({
      code: "engine_crashed",
    });
  });
});

describe("a request that the server refuses", () => {
  it.each([
    [400, { error: { message: "This model's maximum context length is 4096 tokens." } }, "context_too_long"],
    [
      400,
      { error: { type: "exceed_context_size_error", message: "the request exceeds it" } },
      "context_too_long",
    ],
    [400, { error: { message: '"tiny" does not support tools' } }, "request_unsupported"],
    [501, { error: { message: "not here" } }, "request_unsupported"],
    [422, { detail: [{ loc: ["body", "seed"], msg: "wrong" }] }, "request_invalid"],
    [400, "nonsense", "request_invalid"],
  ])("is an error of the request, and no failure: %s %j", async (status, body, code) => {
    const { generation } = await answered((response) => sendJson(response, status, body));
    expect(generation).toMatchObject({ error: { code } });
  });

  it("is one when the server says so in a stream that has not begun", async () => {
    const { generation } = await answered(streamed({ error: { code: 400, message: "prompt is too long" } }));
    expect(generation).toMatchObject({ error: { code: "context_too_long" } });
  });

  it("is told without the places on its owner's machine", async () => {
    const { generation } = await answered((response) =>
      sendJson(response, 400, {
        error: "cannot read /home/ada/models/tiny.gguf from http://10.0.0.7:8000/x, is it so?",
      }),
    );
    expect(generation).toEqual({
      error: { code: "request_invalid", message: "cannot read <path> from <address> is it so?" },
    });
  });
});

describe("what a server offers", () => {
  /** What is offered whenever the edge is told of it, and why it is nothing. */
  const listen = ({ engine, server }: Pick<Awaited<ReturnType<typeof start>>, "engine" | "server">) => {
    const heard: { formats: string[]; problem: string | null }[] = [];
    const stop = engine.onOffersChanged?.(() =>
      heard.push({ formats: engine.offer.formats, problem: server.problem }),
    );
    if (stop) stops.push(stop);
    return { heard, count: (changes: number) => expect.poll(() => heard.length, POLL).toBe(changes) };
  };
  const POLL = { timeout: 10_000, interval: 10 };
  const stops: (() => void)[] = [];
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });

  it("is taken back when it dies, and offered again when it is back", async () => {
    const started = await start({}, { probe_ms: 20 });
    const { fake, session } = started;
    const { heard, count } = listen(started);
    await fake.stop();
    await count(1);
    await expect(generate(session)).rejects.toMatchObject({ code: "engine_crashed" });
    servers.push(await startFakeServer({ port: fake.port }));
    await count(2);
    expect(heard).toEqual([
      { formats: [], problem: "nothing answers there" },
      { formats: ["tiny"], problem: null },
    ]);
    expect((await generate(session)).completion.text).toBe("Hi");
  });

  it("follows its version, and leaves out names that are none", async () => {
    const started = await start({ models: ["tiny", "\u001b[2J", "x".repeat(200)] }, { probe_ms: 20 });
    expect(started.engine.offer.formats).toEqual(["tiny"]);
    const { count } = listen(started);
    started.fake.state.version = "0.13.0";
    await count(1);
    expect(started.session.execution_class).toBe("openai/ollama-0.13.0/cpu/q4_k_m");
  });

  it("follows the models that it has", async () => {
    const started = await start({}, { probe_ms: 20 });
    const { heard, count } = listen(started);
    started.fake.state.models = ["other"];
    await count(1);
    expect(heard).toEqual([{ formats: ["other"], problem: null }]);
    await expect(generate(started.session)).rejects.toMatchObject({ code: "engine_crashed" });
  });

  it("is taken back when it fails again and again, whatever it says of itself, until it has rested", async () => {
    const started = await start(
      { answer: (response) => sendJson(response, 500, {}) },
      { probe_ms: 20, rest_ms: 300 },
    );
    const { heard, count } = listen(started);
    for (const _ of [1, 2, 3])
      await expect(generate(started.session)).rejects.toMatchObject({ code: "engine_crashed" });
    await count(2);
    expect(heard).toEqual([
      { formats: [], problem: expect.stringContaining("again and again") },
      { formats: ["tiny"], problem: null },
    ]);
  });

  it("is nothing where something else answers", async () => {
    const other = createServer((_, response) => sendJson(response, 200, { data: "a shop" })).listen(
      0,
      "127.0.0.1",
    );
    await once(other, "listening");
    const address = other.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const server = serverAt(`http://127.0.0.1:${port}`);
    await server.refresh();
    expect([server.offer.formats, server.problem]).toEqual([[], "its answer is not of the OpenAI API"]);
    other.closeAllConnections();
    other.close();
  });
});
