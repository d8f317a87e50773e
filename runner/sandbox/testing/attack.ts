import { z } from "zod";

/** What a hostile child is told to try, as the one input of a run in JSON. */
export const Attack = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("none") }),
  z.object({ kind: z.literal("read"), path: z.string() }),
  z.object({ kind: z.literal("write"), path: z.string() }),
  z.object({
    kind: z.literal("connect"),
    to: z.union([z.object({ port: z.int() }), z.object({ path: z.string() })]),
  }),
  z.object({ kind: z.literal("start_program") }),
  z.object({ kind: z.literal("fork") }),
  z.object({ kind: z.literal("make_threads"), threads: z.int() }),
  z.object({ kind: z.literal("fill_heap") }),
  z.object({ kind: z.literal("take_memory"), shared: z.boolean(), bytes: z.int() }),
  z.object({ kind: z.literal("loop") }),
  z.object({ kind: z.literal("kill"), pid: z.int() }),
  z.object({ kind: z.literal("ptrace"), pid: z.int() }),
]);
export type Attack = z.infer<typeof Attack>;

/** How far it came: `done`, or an error's code, by JavaScript and by the C library, where it tried both. */
export const Outcome = z.object({ javascript: z.string().optional(), native: z.string().optional() });
export type Outcome = z.infer<typeof Outcome>;
