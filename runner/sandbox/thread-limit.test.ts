import { expect, it } from "vitest";
import { findProgram } from "./find-program.ts";
import { asOrdinaryUser, whyNotOrdinary } from "./testing/as-ordinary-user.ts";
import { nativeFolders } from "./testing/native-folders.ts";
import { tryBwrap } from "./try-bwrap.ts";

const { reason } = await tryBwrap();
const obstacle = reason ?? whyNotOrdinary() ?? (findProgram("prlimit") ? null : "there is no prlimit");
if (obstacle !== null) console.warn(`skipped: threads are not counted, for ${obstacle}`);

const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** Has a hostile child make threads, and prints how far it came. */
const PROGRAM = `
  const { joinBytes, splitBytes } = await import("@infernet/schemas/tensor-bytes");
  const { ChildSession } = await import(${at("../engine/child/child-session.ts")});
  const { startEngineChild } = await import(${at("../engine/child/start-child.ts")});
  const { tryBwrap } = await import(${at("./try-bwrap.ts")});
  const { sandbox } = await tryBwrap();
  const entry = (await import("node:url")).fileURLToPath(${at("./testing/hostile-child.ts")});
  const reads = ${JSON.stringify(nativeFolders())};
  const program = { entry, reads, gpu: false, memory_bytes_max: 2 ** 28, env: {} };
  const start = (events) => startEngineChild(sandbox, program, events);
  const session = await ChildSession.load({ engine: "onnx", model: null, start });
  const attack = new TextEncoder().encode(JSON.stringify({ kind: "make_threads", threads: 5_000 }));
  const input = { name: "attack", datatype: "BYTES", shape: [1], data: joinBytes([attack]) };
  const { outputs } = await session.run([input], 1, { timeout_ms: 20_000, signal: new AbortController().signal });
  console.log(new TextDecoder().decode(splitBytes(outputs[0].data)[0]));
  await session.close();
`;

it.skipIf(obstacle !== null)(
  "a child of an ordinary user makes no more threads than an engine needs",
  async () => {
    expect(JSON.parse(await asOrdinaryUser(PROGRAM))).toEqual({ native: "EAGAIN" });
  },
);
