import { ExecutionClass } from "@infernet/schemas/execution-class";
import { LeaseId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { expect, it } from "vitest";
import { createJobStream, type JobStream, restartCompletion } from "./job-stream.ts";
import { createCursor, readOn } from "./stream-cursor.ts";
import { LLM_CLASS, partAt, textJob, textOf, textRead } from "./testing/streams.ts";

const { id: runner } = await createTestSigner(1);
const lease_id = "lease_007_019aa5d0c1f07c3e8f2b6d4e5a901122_0";

function newStream(): JobStream {
  return createJobStream(textJob().record) ?? expect.fail("the job is not streamed");
}

function deliver({ completions: [completion] }: JobStream, start: number, count: number, variant = 0): void {
  const by = { runner, lease_id: LeaseId.parse(lease_id), execution_class: ExecutionClass.parse(LLM_CLASS) };
  const parts = Array.from({ length: count }, (_, n) => partAt(start + n, variant));
  completion?.stream.append(parts, by);
}

it("a reader that is slow costs no more than its place, and gets what has come in few records", () => {
  const stream = newStream();
  const cursor = createCursor(stream, [], [0], () => false);
  for (let position = 0; position < 1_000; position += 1) deliver(stream, position, 1);
  const sizes: number[] = [];
  for (;;) {
    const [record] = readOn(stream, cursor, LIMITS.parts_per_delta_max);
    if (record?.kind !== "parts") break;
    sizes.push(record.parts.length);
  }
  expect(sizes).toEqual([256, 256, 256, 232]);
});

it("readers do not hold up each other, wherever each begins", () => {
  const stream = newStream();
  const [early, late] = [
    createCursor(stream, [], [0], () => false),
    createCursor(stream, [8], [0], () => false),
  ];
  deliver(stream, 0, 10);
  expect(textRead(readOn(stream, early, 256))).toBe(textOf(0, 10));
  deliver(stream, 10, 5);
  expect(textRead(readOn(stream, late, 256), 0, 8)).toBe(textOf(8, 15));
  expect(textRead(readOn(stream, early, 256), 0, 10)).toBe(textOf(10, 15));
});

it("a reader is told that a completion begins anew, once, if it had any of it", () => {
  const stream = newStream();
  const [reader, fresh] = [
    createCursor(stream, [], [0], () => false),
    createCursor(stream, [], [0], () => false),
  ];
  deliver(stream, 0, 10);
  readOn(stream, reader, 256);
  restartCompletion(stream, 0, 1);
  deliver(stream, 0, 4, 1);
  const records = readOn(stream, reader, 256);
  expect(records.map(({ kind }) => kind)).toEqual(["restart", "parts"]);
  expect(textRead(records)).toBe(textOf(0, 4, 1));
  expect(readOn(stream, reader, 256)).toEqual([]);
  expect(readOn(stream, fresh, 256).map(({ kind }) => kind)).toEqual(["parts"]);
});
