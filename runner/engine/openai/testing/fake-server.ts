import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { ServerKind } from "../probe-server.ts";

const sampling = {
  model: z.string(),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.literal(true) }),
  temperature: z.number(),
  top_p: z.number(),
  seed: z.int().min(0),
  max_tokens: z.int().min(1).optional(),
  stop: z.array(z.string()).min(1).optional(),
  presence_penalty: z.number().optional(),
  frequency_penalty: z.number().optional(),
  response_format: z.unknown().optional(),
};
const ChatBody = z.strictObject({
  ...sampling,
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
  logprobs: z.literal(true).optional(),
  top_logprobs: z.int().optional(),
  tools: z.array(z.unknown()).optional(),
  tool_choice: z.unknown().optional(),
  continue_final_message: z.literal(true).optional(),
  add_generation_prompt: z.literal(false).optional(),
});
const CompletionBody = z.strictObject({
  ...sampling,
  prompt: z.union([z.string(), z.array(z.int())]),
  logprobs: z.int().optional(),
});

export interface Call {
  path: string;
  body: Record<string, unknown>;
  authorization: string | undefined;
}

export type Answer = (response: ServerResponse, call: Call) => void | Promise<void>;

export interface FakeOptions {
  kind?: ServerKind;
  models?: string[];
  /** Of a completion. */
  answer?: Answer;
  /** Where one listened before. */
  port?: number;
}

/** A server of the OpenAI API that takes what the API has and nothing else, and answers as a test wants. */
export async function startFakeServer({
  kind = "ollama",
  models = ["tiny"],
  answer = say("Hi"),
  port = 0,
}: FakeOptions = {}) {
  const calls: Call[] = [];
  const state = { models, answer, version: "0.12.3" };
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) =>
      sendJson(response, 500, { error: String(error) }),
    );
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = "", method, headers } = request;
    if (method === "GET") {
      const owned_by = kind === "llama.cpp" ? "llamacpp" : kind === "vllm" ? "vllm" : "somebody";
      if (path === "/v1/models")
        return sendJson(response, 200, {
          object: "list",
          data: state.models.map((id) => ({ id, owned_by })),
        });
      const told = SIGNS[kind];
      if (told?.path === path) return sendJson(response, 200, told.answer(state.version));
      // As LM Studio has it for what it does not know.
      return sendJson(response, kind === "lm-studio" ? 200 : 404, {
        error: `Unexpected endpoint. (GET ${path})`,
      });
    }
    const schema = path === "/v1/chat/completions" ? ChatBody : CompletionBody;
    const body = schema.safeParse(JSON.parse(await text(request)));
    if (!body.success) return sendJson(response, 418, { error: z.prettifyError(body.error) });
    const call = { path, body: body.data, authorization: headers.authorization };
    calls.push(call);
    await state.answer(response, call);
  }

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    calls,
    state,
    /** Breaks every connection off. */
    stop: async (): Promise<void> => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
export type FakeServer = Awaited<ReturnType<typeof startFakeServer>>;

const SIGNS: Partial<Record<ServerKind, { path: string; answer: (version: string) => unknown }>> = {
  ollama: { path: "/api/version", answer: (version) => ({ version }) },
  vllm: { path: "/version", answer: () => ({ version: "0.11.0+cu128" }) },
  "llama.cpp": { path: "/props", answer: () => ({ build_info: "b6900-1A2B", total_slots: 3 }) },
  "lm-studio": { path: "/api/v0/models", answer: () => ({ data: [{ id: "tiny", state: "loaded" }] }) },
};

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Opens a stream. */
export const openStream = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { "content-type": "text/event-stream" });

export const event = (data: unknown): string =>
  `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;

export const delta = (content: string, more: object = {}): object => ({
  model: "tiny",
  choices: [{ index: 0, delta: { content }, ...more }],
});
export const ended = (finish_reason = "stop"): object => ({
  model: "tiny",
  choices: [{ index: 0, delta: {}, finish_reason }],
});
export const usage = (prompt_tokens: number, completion_tokens: number, cached_tokens?: number): object => ({
  model: "tiny",
  choices: [],
  usage: {
    prompt_tokens,
    completion_tokens,
    ...(cached_tokens === undefined ? {} : { prompt_tokens_details: { cached_tokens } }),
  },
});

/** Streams these events and `[DONE]`. */
export const streamed =
  (...events: object[]): Answer =>
  (response) => {
    openStream(response);
    for (const one of events) response.write(event(one));
    response.end(event("[DONE]"));
  };

/** A whole completion, a token a word. */
export const say = (...words: string[]): Answer =>
  streamed(...words.map((word) => delta(word)), ended(), usage(5, words.length));
