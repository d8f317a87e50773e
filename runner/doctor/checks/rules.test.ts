import { Network } from "@infernet/schemas/network";
import type { EngineOffer } from "@infernet/schemas/runner";
import { describe, expect, it } from "vitest";
import { noPeers } from "../../control/peers-report.ts";
import type { NetworkAnswer } from "../check.ts";
import { judgeClock } from "./clock.ts";
import { judgeContainers } from "./containers.ts";
import { judgeDisk } from "./disk.ts";
import { judgeEdge } from "./edge.ts";
import { judgeEngines } from "./engines.ts";
import { judgeGpus } from "./gpu.ts";
import { judgeHome } from "./home.ts";
import { judgeServers, type ServerFound } from "./llm-servers.ts";
import { judgeMemory } from "./memory.ts";
import { judgeBootstrap, judgePeers } from "./peers.ts";
import { judgeSandboxes } from "./sandbox.ts";

const GIB = 1024 ** 3;
const network = Network.parse({
  object: "network",
  network: `net_${"A".repeat(43)}`,
  version: "0.1.0",
  now_ms: 0,
  epoch_ms: 600_000,
  epoch: 0,
  hold_ms: 1,
  escrows: null,
});
const answer = (offset_ms: number, latency_ms = 10): NetworkAnswer => ({
  kind: "network",
  network,
  latency_ms,
  offset_ms,
});

describe("the doctor's rules", () => {
  it("pass an edge that answers quickly, look at a slow one, and fail what is none", () => {
    expect(judgeEdge(answer(0))).toMatchObject({ status: "pass", detail: expect.stringContaining("0.1.0") });
    expect(judgeEdge(answer(0, 900))).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("900 ms"),
    });
    expect(judgeEdge({ kind: "unset" })).toMatchObject({
      status: "fail",
      fix: expect.stringContaining("init --edge"),
    });
  });

  it("pass a machine among peers, however it is reached, and one that nobody names any to", () => {
    for (const reachability of ["direct", "hole_punched", "relayed", "outbound", "unknown"] as const)
      expect(judgePeers({ ...noPeers("among_peers"), reachability }).status).toBe("pass");
    expect(judgePeers({ ...noPeers("alone"), reachability: "outbound" })).toMatchObject({
      status: "pass",
      detail: expect.stringContaining("this machine is not reached by others: it goes to them"),
    });
    expect(judgePeers(noPeers("waiting")).status).toBe("pass");
    expect(judgeBootstrap([]).status).toBe("pass");
  });

  it("warn of peers that do not answer, all of them, and of a node that could not be opened", () => {
    const [dead, alive] = [
      { address: "/ip4/203.0.113.7/tcp/4801", reason: "no answer" },
      { address: "/ip4/203.0.113.8/tcp/4801", reason: null },
    ];
    expect(judgeBootstrap([dead])).toMatchObject({
      status: "warn",
      detail: "the one peer to begin with does not answer: /ip4/203.0.113.7/tcp/4801 (no answer)",
      fix: expect.stringContaining("peers.bootstrap"),
    });
    expect(judgeBootstrap([dead, alive])).toMatchObject({
      status: "pass",
      detail: "1 of 2 peers to begin with answer",
    });
    expect(judgePeers({ ...noPeers("alone"), tried: [{ ...dead, reason: "refused" }] })).toMatchObject({
      status: "warn",
      fix: expect.stringContaining("peers.bootstrap"),
    });
    expect(judgePeers(noPeers("failed", "cannot listen on /ip4/192.0.2.1/tcp/1: no such"))).toMatchObject({
      status: "warn",
      fix: expect.stringContaining("peers.listen"),
    });
  });

  it("pass a clock within five seconds, warn beyond, and fail where signatures would be refused", () => {
    const status = [0, -4_000, 6_000, 40_000, -3_600_000].map((offset) => judgeClock(answer(offset)).status);
    expect(status).toEqual(["pass", "pass", "warn", "fail", "fail"]);
    expect(judgeClock(answer(40_000)).detail).toContain("40 s behind");
    expect(judgeClock({ kind: "none", detail: "away" }).status).toBe("warn");
  });

  it("fail a disk without room for a model, and warn of one that the cache could fill", () => {
    const status = [GIB / 2, 5 * GIB, 50 * GIB, null].map((free) => judgeDisk(free, 10 * GIB).status);
    expect(status).toEqual(["fail", "warn", "pass", "warn"]);
    expect(judgeDisk(5 * GIB, 10 * GIB).detail).toBe("5 GiB free; the cache may grow to 10 GiB");
  });

  it("fail too little memory, and warn of little", () => {
    expect([GIB / 4, GIB, 8 * GIB].map((bytes) => judgeMemory(bytes, "2 cores").status)).toEqual([
      "fail",
      "warn",
      "pass",
    ]);
  });

  it("fail a home that cannot be written to, and warn of one that others can", () => {
    const reading = { exists: true, isWritable: true, mode: 0o700 };
    expect(judgeHome("/h", reading).status).toBe("pass");
    expect(judgeHome("/h", { ...reading, isWritable: false }).status).toBe("fail");
    expect(judgeHome("/h", { ...reading, mode: 0o777 })).toMatchObject({
      status: "warn",
      fix: "Run `chmod 700 /h`.",
    });
    expect(judgeHome("/h", { ...reading, exists: false, mode: 0o777 }).status).toBe("pass");
  });

  it("pass a machine without a GPU, and warn of a card whose driver does not answer", () => {
    const none = {
      gpus: [],
      sources: [{ source: "NVIDIA driver", gpus: 0, reason: "cuInit failed with code 999" }],
    };
    expect(judgeGpus(none, false)).toMatchObject({ status: "pass" });
    expect(judgeGpus(none, true)).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("code 999"),
    });
    const gpu = { name: "RTX 4090", vram_bytes: 24 * GIB, cuda_cores: 16_384, driver: "580.65.06" };
    const bandwidth = { memory_bandwidth_bytes_per_s: 1_008_096_000_000 };
    expect(judgeGpus({ gpus: [{ ...gpu, ...bandwidth }], sources: [] }, true)).toEqual({
      status: "pass",
      detail: "RTX 4090, 24 GiB, 16,384 CUDA cores, 1008 GB/s, driver 580.65.06",
      fix: null,
    });
  });

  it("pass engines that all run, warn of some that do not, and fail where none does, each with its fix", () => {
    const offer: EngineOffer = {
      engine: "onnx",
      version: "1.30.0",
      execution_provider: "cpu",
      formats: ["onnx"],
      sandbox: "bwrap",
    };
    const missing = [{ engine: "wasm" as const, reason: "it broke", fix: "Mend it." }];
    expect(judgeEngines({ engines: [{ offer }], missing: [] })).toMatchObject({
      status: "pass",
      detail: "onnx 1.30.0 on cpu in bwrap",
    });
    expect(judgeEngines({ engines: [{ offer }], missing })).toMatchObject({
      status: "warn",
      fix: "Mend it.",
    });
    expect(judgeEngines({ engines: [], missing })).toMatchObject({
      status: "fail",
      detail: "none works: wasm: it broke",
      fix: "Mend it.",
    });
  });

  it("pass a machine that confines models, and say what a weaker one lacks", () => {
    const finding = (level: "none" | "process" | "bwrap", usable: boolean) => ({
      level,
      usable,
      reason: usable ? null : "bwrap is not installed",
      fix: usable ? null : "Run `sudo apt install bubblewrap`.",
    });
    const weak = [finding("none", true), finding("process", true), finding("bwrap", false)];
    expect(judgeSandboxes(weak)).toEqual({
      status: "warn",
      detail: "models run in process at most. bwrap: bwrap is not installed",
      fix: "Run `sudo apt install bubblewrap`.",
    });
    expect(judgeSandboxes([...weak.slice(0, 2), finding("bwrap", true)]).status).toBe("pass");
  });

  it("warn of containers that cannot be given the GPU that is there", () => {
    expect(judgeContainers([], { hasGpu: true, hasCdi: false }).status).toBe("pass");
    expect(judgeContainers(["podman 5.0"], { hasGpu: true, hasCdi: false })).toMatchObject({
      status: "warn",
      fix: expect.stringContaining("nvidia-ctk cdi generate"),
    });
    expect(judgeContainers(["podman 5.0"], { hasGpu: true, hasCdi: true }).status).toBe("pass");
  });

  it("warn of a server that was named and does not answer, and of one with nothing to offer", () => {
    const ollama: ServerFound = {
      base: "http://127.0.0.1:11434",
      isNamed: false,
      reading: { version: "ollama-0.12.3", models: ["llama3.2:3b"], left_out: 0 },
      problem: null,
    };
    const silent = { ...ollama, reading: null, problem: "nothing answers there" };
    expect(judgeServers([silent], "none").status).toBe("pass");
    expect(judgeServers([ollama, silent], "none")).toEqual({
      status: "pass",
      detail: "ollama-0.12.3 at http://127.0.0.1:11434 with 1 model",
      fix: null,
    });
    expect(judgeServers([{ ...silent, isNamed: true }], "none")).toMatchObject({
      status: "warn",
      detail: "not http://127.0.0.1:11434: nothing answers there",
      fix: expect.stringContaining("`servers`"),
    });
    const reading = { version: "ollama-0.12.3", models: [], left_out: 0 };
    expect(judgeServers([{ ...ollama, reading }], "none").fix).toContain("ollama pull");
    expect(
      judgeServers([{ ...ollama, reading: { ...reading, models: ["a"], left_out: 9 } }], "none").fix,
    ).toContain("`models`");
    expect(judgeServers([ollama], "bwrap")).toMatchObject({
      status: "warn",
      fix: expect.stringContaining("not offered"),
    });
  });
});
