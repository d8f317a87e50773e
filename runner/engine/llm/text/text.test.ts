import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import knownAnswer from "../../../../e2e/fixtures/tinylm/known-answer.json" with { type: "json" };
import { TINYLM_DIR } from "../testing/tinylm.ts";
import { type ModelText, openText } from "./open-text.ts";
import { refuse } from "./refused-request.ts";

const folder = await mkdtemp(join(tmpdir(), "infernet-text-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

let made = 0;
/** A model's folder: tinylm's with other files. */
async function folderWith(files: Record<string, unknown>): Promise<string> {
  const dir = join(folder, String(made++));
  for (const name of ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"]) {
    await cp(join(TINYLM_DIR, name), join(dir, name));
  }
  for (const [name, content] of Object.entries(files)) {
    if (content === null) await rm(join(dir, name));
    else await writeFile(join(dir, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return dir;
}

/** A SentencePiece vocabulary with bytes to fall back on. */
const pieces = (): Promise<string> =>
  folderWith({
    "tokenizer.json": {
      added_tokens: [
        { id: 0, content: "<s>", special: true },
        { id: 1, content: "<▁>", special: false },
      ],
      normalizer: {
        type: "Sequence",
        normalizers: [
          { type: "Prepend", prepend: "▁" },
          { type: "Replace", pattern: { String: " " }, content: "▁" },
        ],
      },
      pre_tokenizer: null,
      post_processor: {
        type: "TemplateProcessing",
        single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
        pair: [],
        special_tokens: { "<s>": { id: "<s>", ids: [0], tokens: ["<s>"] } },
      },
      decoder: {
        type: "Sequence",
        decoders: [
          { type: "Replace", pattern: { String: "▁" }, content: " " },
          { type: "ByteFallback" },
          { type: "Fuse" },
          { type: "Strip", content: " ", start: 1, stop: 0 },
        ],
      },
      model: {
        type: "BPE",
        byte_fallback: true,
        fuse_unk: true,
        unk_token: null,
        merges: ["▁ a", "▁a b"],
        vocab: { "<s>": 0, "<▁>": 1, ...bytePieces(2), "▁": 258, a: 259, b: 260, "▁a": 261, "▁ab": 262 },
      },
    },
    "config.json": { vocab_size: 263 },
    "tokenizer_config.json": { bos_token: { content: "<s>" } },
  });

const bytePieces = (first: number): Record<string, number> =>
  Object.fromEntries(
    Array.from({ length: 256 }, (_, byte) => [
      `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
      first + byte,
    ]),
  );

const tinylm = await openText(TINYLM_DIR);
const sentencePiece = await openText(await pieces());

const request = (prompt: unknown, more: object = {}): GenerationRequest =>
  GenerationRequest.parse({ prompt, sampling: { seed: 1, tokens_max: 8 }, ...more });
const plain = (text: string): number[] => tinylm.render(request({ kind: "text", text }));

function refusal(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

/** The completion's text when another decoder goes on after each of some numbers of tokens. */
function decode(
  model: ModelText,
  tokens: readonly number[],
  stop: readonly string[] = [],
  cuts: readonly number[] = [],
): string {
  let text = "";
  let decoder = model.decoder(stop, null);
  for (const [i, token] of tokens.entries()) {
    if (cuts.includes(i)) decoder = model.decoder(stop, { tokens: tokens.slice(0, i), positions: i, text });
    const part = decoder.push(token);
    text += part.text;
    if (part.stopped) return text;
  }
  return text + decoder.end();
}

/** The text before the first stop that is complete, reading character by character. */
function before(text: string, stop: readonly string[]): string {
  for (let end = 1; end <= text.length; end++) {
    const found = stop.filter((one) => text.slice(0, end).endsWith(one)).sort((a, b) => b.length - a.length);
    if (found[0] !== undefined) return text.slice(0, end - found[0].length);
  }
  return text;
}

const wild = fc
  .string({ unit: "grapheme", maxLength: 40 })
  .filter((text) => text.isWellFormed() && text !== "");
const cuts = fc.array(fc.nat(60), { maxLength: 6 });
const anyTokens = (size: number) => fc.array(fc.nat(size - 1), { minLength: 1, maxLength: 60 });

describe("prompts", () => {
  it("are the tokens that the model was trained with", () => {
    expect(plain(knownAnswer.prompt)).toEqual(knownAnswer.promptIds);
    expect(decode(tinylm, knownAnswer.greedyIds)).toBe(knownAnswer.greedyText);
  });

  it("are written by the model's chat template, parts joined, and end where its answer begins", async () => {
    const template =
      "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<answer>{% endif %}";
    const written = "<|endoftext|><system>be brief<user>one two<assistant><answer>";
    const messages = [
      { role: "developer", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "one " },
          { type: "text", text: "two" },
        ],
      },
      { role: "assistant", content: null },
    ];
    for (const files of [
      { "tokenizer_config.json": { bos_token: "<|endoftext|>", chat_template: template } },
      {
        "tokenizer_config.json": {
          bos_token: { content: "<|endoftext|>" },
          chat_template: [
            { name: "tool_use", template: "no" },
            { name: "default", template },
          ],
        },
      },
      { "tokenizer_config.json": { bos_token: "<|endoftext|>" }, "chat_template.jinja": template },
    ]) {
      const model = await openText(await folderWith(files));
      const tokens = model.render(request({ kind: "chat", messages }));
      expect(tokens[0]).toBe(0);
      expect(tokens.map((token) => model.tokenText(token).token).join("")).toBe(written);
    }
  });

  it("do not depend on the day: a template that asks for the date is told that there is none", async () => {
    const template =
      "\n{% if strftime_now is defined %}{{ strftime_now('%d %b %Y') }}{% else %}some day{% endif %}";
    const model = await openText(await folderWith({ "chat_template.jinja": template }));
    const tokens = model.render(request({ kind: "chat", messages: [{ role: "user", content: "hello" }] }));
    expect(tokens.map((token) => model.tokenText(token).token).join("")).toBe("\nsome day");
    const bold = await openText(await folderWith({ "chat_template.jinja": "{{ strftime_now('%d') }}" }));
    const chat = request({ kind: "chat", messages: [{ role: "user", content: "hello" }] });
    expect(refusal(() => bold.render(chat))).toMatchObject({ error: { code: "request_invalid" } });
  });

  it("of a chat are refused where the model has no template, or none that can be read, or it refuses them", async () => {
    const chat = (content: unknown = "hello") =>
      request({ kind: "chat", messages: [{ role: "user", content }] });
    const bare = await openText(await folderWith({ "tokenizer_config.json": {} }));
    expect(refusal(() => bare.render(chat()))).toMatchObject({
      error: { code: "request_unsupported", message: expect.stringMatching(/no chat template/) },
    });
    expect(bare.render(request({ kind: "text", text: "hello" })).length).toBeGreaterThan(0);
    const broken = await openText(await folderWith({ "chat_template.jinja": "{% for" }));
    expect(refusal(() => broken.render(chat()))).toMatchObject({ error: { code: "request_unsupported" } });
    const strict = await openText(
      await folderWith({ "chat_template.jinja": "{{ raise_exception('roles must alternate') }}" }),
    );
    expect(refusal(() => strict.render(chat()))).toMatchObject({
      error: { code: "request_invalid", message: expect.stringMatching(/roles must alternate/) },
    });
    const picture = [
      { type: "text", text: "what is" },
      { type: "image_url", image_url: { url: "data:," } },
    ];
    expect(refusal(() => tinylm.render(chat(picture)))).toMatchObject({
      error: { code: "request_unsupported", message: expect.stringMatching(/image_url/) },
    });
  });

  it("of token ids are taken as they are, and refused beyond the model's vocabulary", () => {
    const tokens = (ids: number[]) => request({ kind: "tokens", tokens: ids });
    expect(tinylm.render(tokens([5, 1023]))).toEqual([5, 1023]);
    expect(refusal(() => tinylm.render(tokens([5, 1024])))).toMatchObject({
      error: {
        code: "request_invalid",
        message: "The prompt's token 1 is 1024; the model knows ids below 1024.",
      },
    });
  });

  it("without text begin with the model's first token, and are refused where it has none", async () => {
    const empty = request({ kind: "text", text: "" });
    expect(tinylm.render(empty)).toEqual([0]);
    const model = await openText(await folderWith({ "tokenizer_config.json": {} }));
    expect(refusal(() => model.render(empty))).toMatchObject({ error: { code: "request_invalid" } });
  });

  it("that are far longer than the model takes are refused before they are read whole", async () => {
    const model = await openText(TINYLM_DIR, 100);
    const text = (characters: number) => request({ kind: "text", text: "a".repeat(characters) });
    expect(model.render(text(800))).toHaveLength(800);
    expect(refusal(() => model.render(text(4_000_000)))).toMatchObject({
      error: {
        code: "context_too_long",
        message: expect.stringMatching(/more than 100 tokens/),
      },
    });
  });

  it("get what their tokenizer begins a text with", () => {
    expect(sentencePiece.render(request({ kind: "text", text: "ab" }))).toEqual([0, 262]);
  });
});

describe("completions", () => {
  it("are the text that was encoded, wherever they are interrupted", () => {
    fc.assert(
      fc.property(wild, cuts, (text, at) => {
        expect(decode(tinylm, plain(text), [], at)).toBe(text);
      }),
    );
  });

  it("of any tokens are their bytes as UTF-8, wherever they are interrupted", () => {
    for (const { model, size } of [
      { model: tinylm, size: 1_024 },
      { model: sentencePiece, size: 263 },
    ]) {
      fc.assert(
        fc.property(anyTokens(size), cuts, (tokens, at) => {
          const heard = tokens.filter((token) => token > (model === tinylm ? 2 : 0));
          const bytes = Uint8Array.from(heard.flatMap((token) => model.tokenText(token).bytes));
          expect(decode(model, tokens, [], at)).toBe(
            new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes),
          );
        }),
        { numRuns: 500 },
      );
    }
  });

  it("give an emoji whole, with the token that completes it", () => {
    const tokens = plain("a🙂b");
    const decoder = tinylm.decoder([], null);
    const parts = tokens.map((token) => decoder.push(token).text);
    expect(tokens.length).toBeGreaterThan(3);
    expect(parts.filter((part) => part !== "")).toEqual(["a", "🙂", "b"]);
  });

  it("give half a character as U+FFFD once it is certain or over, and not before", () => {
    const tokens = plain("🙂").slice(0, 3);
    const decoder = tinylm.decoder([], null);
    expect(tokens.map((token) => decoder.push(token).text)).toEqual(["", "", ""]);
    expect(decoder.end()).toBe("\ufffd");
    expect(decode(tinylm, [...tokens, ...plain("x")])).toBe("\ufffdx");
  });

  it("have no text of special tokens and of ids beyond the tokenizer, and that of other added ones", () => {
    expect(decode(tinylm, [...plain("a"), 0, 1, 2, 5_000, ...plain("b")])).toBe("ab");
    expect(decode(sentencePiece, [0, 1, 260])).toBe("< >b");
  });

  it("keep the space that a SentencePiece token begins with: they go on after a prompt", () => {
    expect(decode(sentencePiece, [262, 258, 259])).toBe(" ab a");
  });

  it("end before the first stop, whatever tokens it is in and wherever they are interrupted", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "ab", "🙂", "é"), minLength: 1, maxLength: 30 });
    const stop = fc.array(
      fc.string({ unit: fc.constantFrom("a", "b", "🙂", "é"), minLength: 1, maxLength: 4 }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(text, stop, cuts, (text, stop, at) => {
        expect(decode(tinylm, plain(text), stop, at)).toBe(before(text, stop));
      }),
      { numRuns: 1_000 },
    );
  });

  it("never show what may become a stop, and show it once it cannot", () => {
    const decoder = tinylm.decoder(["END"], null);
    const shown = ["x", "E", "N", "x", "E", "N"].map((text) => decoder.push(plain(text)[0] ?? 0));
    expect(shown.map(({ text }) => text)).toEqual(["x", "", "", "ENx", "", ""]);
    expect(decoder.push(plain("D")[0] ?? 0)).toEqual({ text: "", stopped: true });
    expect(decoder.push(plain("x")[0] ?? 0)).toEqual({ text: "", stopped: true });
    expect(decoder.end()).toBe("");
  });

  it("show at their end what was held back", () => {
    expect(decode(tinylm, plain("xEN"), ["END"])).toBe("xEN");
  });

  it("are as the library decodes them", async () => {
    const { readTokenizer } = await import("./read-tokenizer.ts");
    const { tokenizer } = await readTokenizer(TINYLM_DIR);
    fc.assert(
      fc.property(wild, (text) => {
        const tokens = tokenizer.encode(text).ids;
        expect(decode(tinylm, tokens)).toBe(
          tokenizer.decode(tokens, { clean_up_tokenization_spaces: false }),
        );
      }),
    );
  });
});

describe("a model's text", () => {
  it("knows the ends that its files name", async () => {
    expect(tinylm.eos).toEqual(new Set([0]));
    const dir = await folderWith({
      "generation_config.json": { eos_token_id: [7, 8] },
      "config.json": { eos_token_id: 9 },
      "tokenizer_config.json": { eos_token: "<|im_end|>" },
    });
    expect((await openText(dir)).eos).toEqual(new Set([7, 8, 9, 2]));
  });

  it("tells a token's own bytes, of special ones as they are written", () => {
    const [, first] = plain("a🙂");
    expect(tinylm.tokenText(first ?? 0)).toEqual({ token: "\ufffd", bytes: [0xf0] });
    expect(tinylm.tokenText(0).token).toBe("<|endoftext|>");
    expect(tinylm.tokenText(5_000)).toEqual({ token: "", bytes: [] });
  });

  it.each([
    ["has no tokenizer", { "tokenizer.json": null }, /no tokenizer.json/],
    ["has a tokenizer that is no JSON", { "tokenizer.json": "{" }, /tokenizer.json cannot be read/],
    [
      "has a tokenizer that is not known",
      { "tokenizer.json": { model: { type: "Best" } } },
      /no tokenizer that is known/,
    ],
    [
      "has a decoder that joins no bytes",
      { "tokenizer.json": { model: { type: "BPE", vocab: { a: 0 }, merges: [] }, decoder: { type: "CTC" } } },
      /decoder is CTC/,
    ],
    ["has a config of another form", { "config.json": { vocab_size: "many" } }, /config.json cannot be read/],
  ])("cannot be opened where the model %s", async (_, files, message) => {
    await expect(openText(await folderWith(files))).rejects.toMatchObject({
      code: "model_unloadable",
      message: expect.stringMatching(message),
    });
  });
});

describe("what the engine does not support", () => {
  const prompt = { kind: "text", text: "x" };
  const sampling = { seed: 1, tokens_max: 1 };

  it.each([
    ["tools", { tools: [{ type: "function" }] }],
    ["response_format", { response_format: { type: "json_object" } }],
    ["presence_penalty", { sampling: { ...sampling, presence_penalty: 1 } }],
    ["frequency_penalty", { sampling: { ...sampling, frequency_penalty: -1 } }],
  ])("is refused by its name: %s", (name, more) => {
    expect(refuse(request(prompt, more))).toMatchObject({
      code: "request_unsupported",
      message: expect.stringMatching(name),
    });
  });

  it("is not what changes nothing", () => {
    const more = {
      tools: [],
      response_format: { type: "text" },
      sampling: { ...sampling, presence_penalty: 0 },
    };
    expect(refuse(request(prompt, more))).toBeNull();
    expect(refuse(request(prompt))).toBeNull();
  });
});
