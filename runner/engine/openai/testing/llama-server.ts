import { createServer, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { LlamaContext, LlamaModel, LlamaModule } from "./llama-api.ts";

/**
 * llama.cpp behind a small server, for tests: the library is the real one; the server, which npm has none of, answers as
 * far as llama.cpp's own does. Run as a process with: the address of node-llama-cpp's module, the model's file, its name,
 * its context, its port. Prints a line with its port when it listens.
 */
const [moduleUrl = "", modelPath = "", name = "", context_text = "", port_text = "0"] = process.argv.slice(2);
const SLOTS = 2;
const contextSize = Number(context_text);

const { getLlama } = (await import(moduleUrl)) as LlamaModule;
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, logLevel: "error" });
const model = await llama.loadModel({ modelPath });
// More sequences than slots: one that is given back is free a moment later only.
const context = await model.createContext({ contextSize, sequences: 4 * SLOTS, threads: 1 });

const Body = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.string() })).optional(),
  prompt: z.union([z.string(), z.array(z.int())]).optional(),
  temperature: z.number(),
  top_p: z.number(),
  seed: z.int(),
  max_tokens: z.int(),
  stop: z.array(z.string()).default([]),
  logprobs: z.union([z.boolean(), z.int()]).optional(),
  top_logprobs: z.int().optional(),
});
type Body = z.infer<typeof Body>;

const server = createServer(async (request, response) => {
  try {
    if (request.url === "/v1/models")
      return send(response, 200, {
        object: "list",
        data: [{ id: name, object: "model", owned_by: "llamacpp" }],
      });
    if (request.url === "/props")
      return send(response, 200, { build_info: llama.llamaCppRelease.release, total_slots: SLOTS });
    await complete(Body.parse(JSON.parse(await text(request))), response);
  } catch (error) {
    if (!response.headersSent)
      send(response, 500, { error: { code: 500, message: String(error), type: "server_error" } });
    else response.destroy();
  }
});
server.listen(Number(port_text), "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${address !== null && typeof address === "object" ? address.port : ""}\n`);
});

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** A last message of the assistant is gone on with, as llama.cpp's server does. */
function promptOf({ messages = [], prompt = "" }: Body): number[] {
  if (Array.isArray(prompt)) return prompt;
  const said = messages.map(({ role, content }) => `${role}: ${content}`).join("\n");
  const asked = messages.at(-1)?.role === "assistant" ? said : `${said}\nassistant: `;
  return [model.tokens.bos, ...model.tokenize(messages.length > 0 ? asked : prompt)];
}

async function complete(body: Body, response: ServerResponse): Promise<void> {
  const prompt = promptOf(body);
  if (prompt.length >= contextSize)
    return send(response, 400, {
      error: {
        code: 400,
        message: "the request exceeds the available context size, try increasing it",
        type: "exceed_context_size_error",
      },
    });
  response.writeHead(200, { "content-type": "text/event-stream" });
  const write = (data: unknown): void =>
    void response.write(`data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`);
  const of = (choice: object): object => ({ model: name, choices: [{ index: 0, ...choice }] });
  const isChat = body.messages !== undefined;
  const { tokens, reason } = await generate(context, model, prompt, body, response, (piece, logprobs) =>
    write(
      of({
        ...(isChat ? { delta: { content: piece } } : { text: piece }),
        ...(logprobs ? { logprobs } : {}),
      }),
    ),
  );
  write(of({ ...(isChat ? { delta: {} } : { text: "" }), finish_reason: reason }));
  write({ model: name, choices: [], usage: { prompt_tokens: prompt.length, completion_tokens: tokens } });
  write("[DONE]");
  response.end();
}

async function generate(
  context: LlamaContext,
  model: LlamaModel,
  prompt: readonly number[],
  { temperature, top_p, seed, max_tokens, stop, logprobs, top_logprobs = 0 }: Body,
  response: ServerResponse,
  onText: (piece: string, logprobs: object | null) => void,
): Promise<{ tokens: number; reason: "stop" | "length" }> {
  const sequence = context.getSequence();
  const made: number[] = [];
  let sent = 0;
  try {
    const options = { temperature, topP: top_p, seed };
    for await (const { token, probabilities } of sequence.evaluateWithMetadata(
      prompt,
      { probabilities: true },
      options,
    )) {
      made.push(token);
      if (model.isEogToken(token) || response.destroyed) return { tokens: made.length, reason: "stop" };
      // What may be half a character is held back.
      const whole = model.detokenize(made).replace(/\ufffd+$/, "");
      const isLast = made.length >= max_tokens || prompt.length + made.length >= contextSize;
      const end = Math.min(...stop.map((one) => whole.indexOf(one)).filter((at) => at >= 0), whole.length);
      const isStopped = end < whole.length;
      // Nor what may become a text that ends the completion.
      const held = isLast || isStopped ? 0 : Math.max(0, ...stop.map((one) => one.length - 1));
      const piece = whole.slice(sent, Math.max(sent, end - held));
      sent += piece.length;
      onText(piece, logprobs ? { content: [logprobOf(model, token, probabilities, top_logprobs)] } : null);
      if (isStopped) return { tokens: made.length, reason: "stop" };
      if (isLast) return { tokens: made.length, reason: "length" };
    }
    return { tokens: made.length, reason: "stop" };
  } finally {
    sequence.dispose();
  }
}

function logprobOf(
  model: LlamaModel,
  token: number,
  probabilities: Map<number, number>,
  top: number,
): object {
  const entry = (id: number, p: number): object => {
    const written = model.detokenize([id]);
    return { id, token: written, bytes: [...Buffer.from(written)], logprob: Math.log(p) };
  };
  return {
    ...entry(token, probabilities.get(token) ?? 0),
    top_logprobs: [...probabilities].slice(0, top).map(([id, p]) => entry(id, p)),
  };
}
