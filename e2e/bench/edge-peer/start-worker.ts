import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { findFreePort } from "@infernet/edge/host/free-port";
import { z } from "zod";
import { createTempFolder } from "../../network/temp-folder.ts";
import { until } from "../../network/until.ts";
import type { BenchContext } from "../bench-part.ts";

export interface BenchWorker {
  pid: number;
  /** One step of the object, with how long it took from outside, in milliseconds. */
  take(step: object): Promise<{ ms: number; answer: Record<string, unknown> }>;
}

const LOOPBACK = "127.0.0.1";
const Answer = z.record(z.string(), z.unknown());

/** A Worker with one Durable Object in a workerd of its own, which keeps nothing. */
export async function startWorker(code: string, { cleanup }: BenchContext): Promise<BenchWorker> {
  const { path, remove } = createTempFolder();
  cleanup.add(remove);
  const port = await findFreePort(LOOPBACK);
  writeFileSync(join(path, "worker.js"), code);
  writeFileSync(join(path, "config.capnp"), configOf(port));
  const workerd = String(createRequire(import.meta.url)("workerd").default);
  const child = spawn(workerd, ["serve", join(path, "config.capnp")], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  await once(child, "spawn");
  cleanup.add(() => void child.kill("SIGKILL"));
  const url = `http://${LOOPBACK}:${port}/`;
  const take = async (step: object) => {
    const begun = performance.now();
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(step) });
    return { answer: Answer.parse(await answer.json()), ms: performance.now() - begun };
  };
  await until("workerd answers", () => take({ step: "state" }).catch(() => null));
  return { pid: child.pid ?? Number.NaN, take };
}

const configOf = (port: number): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .peer),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "${LOOPBACK}:${port}", http = (), service = "main")],
);
const peer :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-20",
    durableObjectNamespaces = [(className = "EdgePeer", uniqueKey = "edge-peer")],
  durableObjectStorage = (inMemory = void),
  bindings = [(name = "PEER", durableObjectNamespace = "EdgePeer")],
);
`;
