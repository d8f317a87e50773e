import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { TensorSpec } from "@infernet/schemas/tensor";
import { type ContainerSpec, containerArgs } from "infernet-runner/engine/oci/container-args";
import type { ContainerEngine } from "infernet-runner/engine/oci/container-engine";
import { nextContainerName } from "infernet-runner/engine/oci/container-identity";
import { helloFrame } from "infernet-runner/engine/oci/frame";
import { createFrameChannel, type FrameChannel } from "infernet-runner/engine/oci/frame-channel";
import { portableNode } from "infernet-runner/engine/oci/portable-node";

/** One way to run the program of the test images: as a process, or in a container of some runtime. */
export interface Setting {
  name: string;
  /** Null for a process without a container. */
  runtime: readonly string[] | null;
  transport: "stdio" | "http";
}

export interface OpenSetting {
  channel: FrameChannel;
  /** From the command to the answer of the first frame. */
  start_ms: number;
  close(): Promise<void>;
}

export interface Program {
  engine: ContainerEngine;
  /** The compiled file, and ids of images that hold it. */
  file: string;
  images: Record<Setting["transport"], string>;
}

const SPECS: TensorSpec[] = [{ name: "x", datatype: "FP32", shape: [null, 2] }];
const MEMORY_BYTES = 512 * 1024 ** 2;
const PORT = "8080";
const ANSWER_BYTES_MAX = "100000000";
const LOOK_MS = 20;

export async function openSetting(program: Program, setting: Setting): Promise<OpenSetting> {
  const started = performance.now();
  const { input, output, close } =
    setting.runtime === null ? openProcess(program) : await openContainer(program, setting, setting.runtime);
  const channel = createFrameChannel(input, output);
  const { kind } = await channel.exchange(helloFrame(SPECS, SPECS));
  if (kind !== "ready") throw new Error(`${setting.name} answers '${kind}'`);
  return { channel, start_ms: performance.now() - started, close };
}

interface Streams {
  input: Writable;
  output: Readable;
  close(): Promise<void>;
}

function openProcess({ file }: Program): Streams {
  const child = spawn(file, ["double"], { stdio: ["pipe", "pipe", "ignore"] });
  return { input: child.stdin, output: child.stdout, close: async () => void child.kill() };
}

async function openContainer(
  { engine: { cli }, images }: Program,
  { transport }: Setting,
  runtime: readonly string[],
): Promise<Streams> {
  const node = transport === "http" ? portableNode() : null;
  const spec: ContainerSpec = {
    name: nextContainerName(),
    labels: {},
    image: images[transport],
    memory_bytes: MEMORY_BYTES,
    cpus: 1,
    gpu: false,
    interactive: node === null,
    mounts: node?.mounts ?? [],
  };
  const main = cli.start(containerArgs(cli.name, runtime, spec), ["pipe", "pipe", "ignore"]);
  const close = async (): Promise<void> => void (await cli.call(["rm", "--force", spec.name]));
  const speaker = node ? await exec() : main;
  if (!speaker.stdin || !speaker.stdout) throw new Error("a container has no streams");
  return { input: speaker.stdin, output: speaker.stdout, close };

  async function exec() {
    const isUp = ["container", "inspect", "--format", "{{.State.Running}}", spec.name];
    while ((await cli.call(isUp).catch(() => "")) !== "true") await sleep(LOOK_MS);
    const relay = [...(node?.command ?? []), node?.relay ?? "", PORT, "/", ANSWER_BYTES_MAX];
    return cli.start(["exec", "--interactive", spec.name, ...relay], ["pipe", "pipe", "ignore"]);
  }
}
