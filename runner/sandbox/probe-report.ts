import { z } from "zod";

/** What an attempt came to: `done` where nothing stopped it, else the error's code. */
const Attempt = z.string().max(64);

/** What a child found out about its own sandbox: see `probe-child.ts`. */
export const ProbeReport = z.object({
  /** What Node has mapped for writing, in bytes; null where the system does not say. */
  data_bytes: z.int().min(0).nullable(),
  /** Whether the kernel filters its calls: 2 of `Seccomp:` in proc(5). */
  filtered: z.boolean(),
  attempts: z.object({
    "read a file of the system": Attempt,
    "write a file": Attempt,
    "start a program": Attempt,
    "open a connection": Attempt,
    "take more memory than it may": Attempt,
  }),
});
export type ProbeReport = z.infer<typeof ProbeReport>;
export type Attempted = keyof ProbeReport["attempts"];
