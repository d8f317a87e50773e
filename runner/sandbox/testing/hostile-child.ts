/** A child that tries to get out of its sandbox, by Node's own means and past them by the C library. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { constants } from "node:os";
import { joinBytes, splitBytes } from "@infernet/schemas/tensor-bytes";
import koffi from "koffi";
import { serveModel, watchParent } from "../../engine/child/serve-model.ts";
import { Attack, type Outcome } from "./attack.ts";

const O_WRONLY_CREAT = 0o101;
const PROT_READ_WRITE = 3;
const MAP_ANONYMOUS = 0x20;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const PTRACE_ATTACH = 16;
const FORKS_MAX = 20;
const PTHREAD_ATTR_BYTES = 64;
const STACK_BYTES = 16_384;

const libc = koffi.load("libc.so.6");
const open = libc.func("int open(const char *path, int flags, int mode)");
const write = libc.func("long write(int fd, const char *bytes, long count)");
const fork = libc.func("int fork()");
const exitNow = libc.func("void _exit(int code)");
const kill = libc.func("int kill(int pid, int signal)");
const ptrace = libc.func("long ptrace(long request, long pid, void *address, void *data)");
const mmap = libc.func("intptr mmap(void *at, long bytes, int protection, int flags, int fd, long offset)");
const memset = libc.func("void *memset(intptr at, int byte, long bytes)");
const dlsym = libc.func("void *dlsym(void *library, const char *name)");
const attrInit = libc.func("int pthread_attr_init(void *attributes)");
const attrSetStackSize = libc.func("int pthread_attr_setstacksize(void *attributes, long bytes)");
const threadCreate = libc.func(
  "int pthread_create(void *thread, void *attributes, void *start, void *argument)",
);

await watchParent();
serveModel("hostile", async () => ({
  execution_provider: "cpu",
  precision: "none",
  run: async ([input]) => {
    const [text] = splitBytes(input?.data ?? new Uint8Array());
    const outcome = await attempt(Attack.parse(JSON.parse(new TextDecoder().decode(text))));
    const data = joinBytes([new TextEncoder().encode(JSON.stringify(outcome))]);
    return { outputs: [{ name: "outcome", datatype: "BYTES", shape: [1], data }], compute_ms: 1 };
  },
}));

async function attempt(attack: Attack): Promise<Outcome> {
  switch (attack.kind) {
    case "none":
      return { javascript: "done" };
    case "read":
      return { javascript: by(() => readFileSync(attack.path)), native: errno(open(attack.path, 0, 0)) };
    case "write":
      return { javascript: by(() => writeFileSync(attack.path, "x")), native: nativeWrite(attack.path) };
    case "connect":
      return { javascript: await connected(attack.to) };
    case "start_program":
      return { javascript: by(spawned) };
    case "fork":
      return { native: forked() };
    case "make_threads":
      return { native: makeThreads(attack.threads) };
    case "fill_heap":
      return fillHeap();
    case "take_memory":
      return { native: takeMemory(attack.bytes, attack.shared) };
    case "loop":
      for (;;);
    case "kill":
      return {
        javascript: by(() => process.kill(attack.pid, "SIGKILL")),
        native: errno(kill(attack.pid, constants.signals.SIGKILL)),
      };
    case "ptrace":
      return { native: errno(ptrace(PTRACE_ATTACH, attack.pid, null, null)) };
    default:
      return attack satisfies never;
  }
}

function by(act: () => unknown): string {
  try {
    act();
    return "done";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

function errno(result: number): string {
  if (result >= 0) return "done";
  return nameOf(koffi.errno());
}

const nameOf = (number: number): string =>
  Object.entries(constants.errno).find(([, value]) => value === number)?.[0] ?? String(number);

function nativeWrite(path: string): string {
  const fd = open(path, O_WRONLY_CREAT, 0o600);
  return fd < 0 ? errno(fd) : errno(write(fd, "x", 1));
}

function spawned(): void {
  const { error } = spawnSync(process.execPath, ["--version"]);
  if (error) throw error;
}

/** A bomb of few sparks: each child that is made ends at once. */
function forked(): string {
  for (let made = 0; made < FORKS_MAX; made++) {
    const pid = fork();
    if (pid === 0) exitNow(0);
    if (pid < 0) return errno(pid);
  }
  return "done";
}

/** Threads that wait for ever, on the smallest stacks, so that memory is not what runs out. */
function makeThreads(threads: number): string {
  const pause = dlsym(null, "pause");
  const attributes = Buffer.alloc(PTHREAD_ATTR_BYTES);
  attrInit(attributes);
  attrSetStackSize(attributes, STACK_BYTES);
  for (let made = 0; made < threads; made++) {
    const number = threadCreate(Buffer.alloc(8), attributes, pause, null);
    if (number !== 0) return nameOf(number);
  }
  return "done";
}

function connected(to: { port: number } | { path: string }): Promise<string> {
  return new Promise((resolve) => {
    const done = (): void => resolve("done");
    const socket = "port" in to ? connect(to.port, "127.0.0.1", done) : connect(to.path, done);
    socket.once("error", (error) => resolve("code" in error ? String(error.code) : String(error)));
  });
}

/** Until something gives way: the process, in every case. */
function fillHeap(): never {
  const kept: string[][] = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, (_, i) => `${kept.length} ${i}`));
}

/** Takes and touches memory in pieces, up to so many bytes. */
function takeMemory(bytes: number, shared: boolean): string {
  const piece = 64 * 1024 ** 2;
  const flags = MAP_ANONYMOUS | (shared ? MAP_SHARED : MAP_PRIVATE);
  for (let taken = 0; taken < bytes; taken += piece) {
    const at = Number(mmap(null, piece, PROT_READ_WRITE, flags, -1, 0));
    if (at === -1) return errno(-1);
    memset(at, 1, piece);
  }
  return "done";
}
