import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { joinBytes, splitBytes } from "@infernet/schemas/tensor-bytes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ChildSession } from "../engine/child/child-session.ts";
import { startEngineChild } from "../engine/child/start-child.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Attack } from "./testing/attack.ts";
import { Outcome } from "./testing/attack.ts";
import { nativeFolders } from "./testing/native-folders.ts";
import { tryBwrap } from "./try-bwrap.ts";
import { tryProcess } from "./try-process.ts";

const MIB = 1024 ** 2;
const MEMORY_MAX = 256 * MIB;
const TIMEOUT_MS = 10_000;

let dir: string;
let server: Server;
let abstractServer: Server;
/** Where Linux keeps sockets that no file stands for. */
let abstractPath: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "infernet-escape-"));
  await writeFile(join(dir, "secret"), "of the host");
  server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  abstractPath = `\0infernet-escape-${process.pid}`;
  abstractServer = createServer((socket) => socket.end()).listen(abstractPath);
  await Promise.all([once(server, "listening"), once(abstractServer, "listening")]);
});
afterAll(async () => {
  server.close();
  abstractServer.close();
  await rm(dir, { recursive: true, force: true });
});

function load(sandbox: Sandbox): Promise<ChildSession> {
  const entry = fileURLToPath(new URL("./testing/hostile-child.ts", import.meta.url));
  const program = { entry, reads: nativeFolders(), gpu: false, memory_bytes_max: MEMORY_MAX, env: {} };
  const start = (events: Parameters<typeof startEngineChild>[2]) =>
    startEngineChild(sandbox, program, events);
  return ChildSession.load({ engine: "onnx", model: null, start });
}

async function attack(session: ChildSession, what: Attack, timeout_ms = TIMEOUT_MS): Promise<Outcome> {
  const data = joinBytes([new TextEncoder().encode(JSON.stringify(what))]);
  const { signal } = new AbortController();
  const { outputs } = await session.run([{ name: "attack", datatype: "BYTES", shape: [1], data }], 1, {
    timeout_ms,
    signal,
  });
  const [text] = splitBytes(outputs[0]?.data ?? new Uint8Array());
  return Outcome.parse(JSON.parse(new TextDecoder().decode(text)));
}

const port = (): number => {
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
};

const tried = { process: await tryProcess(), bwrap: await tryBwrap() };
for (const { level, reason } of Object.values(tried)) {
  if (reason !== null) console.warn(`skipped: nothing is tried in '${level}', for ${reason}`);
}

/** What holds at every level above none. */
describe.each(["process", "bwrap"] as const)("a hostile child in the sandbox '%s'", (level) => {
  const { sandbox } = tried[level];
  let session: ChildSession;
  beforeAll(async () => {
    if (sandbox) session = await load(sandbox);
  });
  afterAll(() => session?.close());

  it.skipIf(!sandbox)("gets no file of the host by Node's means", async () => {
    const path = join(dir, "secret");
    const { javascript } = await attack(session, { kind: "read", path });
    expect(javascript).toBe(level === "bwrap" ? "ENOENT" : "ERR_ACCESS_DENIED");
  });

  it.skipIf(!sandbox)("writes no byte to a file, by whatever means", async () => {
    const path = join(dir, "secret");
    const outcome = await attack(session, { kind: "write", path });
    expect(outcome.javascript).not.toBe("done");
    expect(outcome.native).not.toBe("done");
    expect(await readFile(path, "utf8")).toBe("of the host");
  });

  it.skipIf(!sandbox)("starts no program by Node's means", async () => {
    const { javascript } = await attack(session, { kind: "start_program" });
    expect(javascript).not.toBe("done");
  });

  it.skipIf(!sandbox)("gets no more memory than it may, and is told so", async () => {
    const attackOf = { kind: "take_memory", shared: false, bytes: 4 * MEMORY_MAX } as const;
    expect(await attack(session, attackOf)).toEqual({ native: "ENOMEM" });
  });

  it.skipIf(!sandbox)("that fills its heap ends for want of memory, and the next shard runs", async () => {
    await expect(attack(session, { kind: "fill_heap" }, 30_000)).rejects.toMatchObject({
      code: "out_of_memory",
    });
    expect(await attack(session, { kind: "none" })).toEqual({ javascript: "done" });
  });

  it.skipIf(!sandbox)("that never ends is ended at its time, and the next shard runs", async () => {
    await expect(attack(session, { kind: "loop" }, 300)).rejects.toMatchObject({ code: "engine_timeout" });
    expect(await attack(session, { kind: "none" })).toEqual({ javascript: "done" });
  });
});

describe("a hostile child in the sandbox 'process'", () => {
  const { sandbox } = tried.process;

  it.skipIf(!sandbox)(
    "still reads and forks by native code, connects, and kills what its user can: the level does not hold it",
    async () => {
      const session = await load(sandbox as Sandbox);
      expect((await attack(session, { kind: "read", path: join(dir, "secret") })).native).toBe("done");
      expect((await attack(session, { kind: "connect", to: { port: port() } })).javascript).toBe("done");
      expect((await attack(session, { kind: "fork" })).native).toBe("done");
      const victim = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      const ended = once(victim, "exit");
      await attack(session, { kind: "kill", pid: victim.pid ?? 0 });
      expect((await ended)[1]).toBe("SIGKILL");
      await session.close();
    },
  );
});

describe("a hostile child in the sandbox 'bwrap'", () => {
  const { sandbox } = tried.bwrap;
  let session: ChildSession;
  beforeAll(async () => {
    if (sandbox) session = await load(sandbox);
  });
  afterAll(() => session?.close());

  it.skipIf(!sandbox)("finds no file of the host by native code either", async () => {
    for (const path of [join(dir, "secret"), "/etc/passwd", "/proc/1/root/etc/passwd", "/home", "/root/.ssh"])
      expect((await attack(session, { kind: "read", path })).native, path).not.toBe("done");
  });

  it.skipIf(!sandbox)(
    "writes nowhere: not to a file system of its own, nor to the kernel's switches",
    async () => {
      const places = [
        ...["/x", "/tmp/x", "/dev/shm/x", "/dev/x", "/run/x", fileURLToPath(import.meta.url)],
        ...["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/self/oom_score_adj"],
      ];
      for (const path of places) {
        const { javascript, native } = await attack(session, { kind: "write", path });
        expect([path, javascript, native]).toEqual([
          path,
          expect.stringMatching(/^E/),
          expect.stringMatching(/^E/),
        ]);
      }
      expect(existsSync("/tmp/x")).toBe(false);
    },
  );

  it.skipIf(!sandbox)("reaches no port of the host and no socket without a file", async () => {
    expect(await attack(session, { kind: "connect", to: { port: port() } })).toEqual({ javascript: "EPERM" });
    expect(await attack(session, { kind: "connect", to: { path: abstractPath } })).toEqual({
      javascript: "EPERM",
    });
  });

  it.skipIf(!sandbox)("makes no process", async () => {
    expect(await attack(session, { kind: "fork" })).toEqual({ native: "EPERM" });
    expect(await attack(session, { kind: "start_program" })).toEqual({ javascript: "EPERM" });
  });

  it.skipIf(!sandbox)("takes no memory that the limit would not count", async () => {
    const attackOf = { kind: "take_memory", shared: true, bytes: MEMORY_MAX } as const;
    expect(await attack(session, attackOf)).toEqual({ native: "EPERM" });
  });

  it.skipIf(!sandbox)("sees neither the runner nor any process of the host to kill", async () => {
    const outcome = await attack(session, { kind: "kill", pid: process.pid });
    expect(outcome).toEqual({ javascript: "ESRCH", native: "ESRCH" });
    // The first process of its own namespace is bubblewrap's, which the kernel lets nobody inside kill.
    await attack(session, { kind: "kill", pid: 1 });
    expect(await attack(session, { kind: "none" })).toEqual({ javascript: "done" });
  });

  it.skipIf(!sandbox)(
    "that traces a process is ended for it, with that reason, and the next shard runs",
    async () => {
      await expect(attack(session, { kind: "ptrace", pid: 1 })).rejects.toMatchObject({
        code: "sandbox_violation",
        message: expect.stringMatching(/what no model needs/),
      });
      expect(await attack(session, { kind: "none" })).toEqual({ javascript: "done" });
    },
  );
});
