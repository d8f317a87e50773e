import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { Cleanup } from "../network/cleanup.ts";
import { explainNoLab } from "../network/namespaces/explain-no-lab.ts";
import { type Lab, type LabMachine, openLab } from "../network/namespaces/lab.ts";
import { until } from "../network/until.ts";

const PROBE = fileURLToPath(new URL("../network/namespaces/run-probe.ts", import.meta.url));
const PORT = 4000;
const FROM_PORT = 5000;

const obstacle = await explainNoLab();
if (obstacle !== null) console.warn(`skipped, for want of network namespaces: ${obstacle}`);

const cleanup = new Cleanup();
let lab: Lab;
let near: LabMachine;
let far: LabMachine;
beforeAll(async () => {
  if (obstacle !== null) return;
  lab = await openLab();
  cleanup.add(lab.close);
  [near, far] = [await lab.addServer("near"), await lab.addServer("far")];
});
afterAll(() => cleanup.run());

const Source = z.looseObject({ address: z.string(), port: z.int() });

/** What the servers see of a machine that comes to both from one port of its own, and whether one gets in by what it saw. */
async function look(machine: LabMachine) {
  const [seenNear, seenFar] = [await visit(machine, near), await visit(machine, far)];
  const listener = machine.start({ name: "listener", file: PROBE, args: ["--listen", String(FROM_PORT)] });
  await listener.waitFor("listening");
  const caller = near.start({
    name: "caller",
    file: PROBE,
    args: ["--connect", seenNear.address, "--port", String(FROM_PORT)],
  });
  await caller.exited;
  await listener.kill();
  return { seenNear, seenFar, isLetIn: caller.lines.some(({ event }) => event === "connected") };
}

async function visit(machine: LabMachine, server: LabMachine) {
  const listener = server.start({ name: server.name, file: PROBE, args: ["--listen", String(PORT)] });
  await listener.waitFor("listening");
  await machine.start({
    name: machine.name,
    file: PROBE,
    args: ["--connect", server.address, "--port", String(PORT), "--from", String(FROM_PORT)],
  }).exited;
  const seen = Source.parse(await listener.waitFor("connection"));
  await listener.kill();
  return seen;
}

test.skipIf(obstacle !== null)(
  "a symmetric NAT shows each destination another port, and lets nobody in",
  async () => {
    const { seenNear, seenFar, isLetIn } = await look(await lab.addHome("home", "symmetric"));
    expect(new Set([seenNear.port, seenFar.port, FROM_PORT]).size).toBe(3);
    expect(isLetIn).toBe(false);
  },
);

test.skipIf(obstacle !== null)(
  "a port-restricted NAT shows everybody one port, and lets nobody in who was not written to",
  async () => {
    const { seenNear, seenFar, isLetIn } = await look(await lab.addHome("home", "port_restricted"));
    expect([seenNear.port, seenFar.port]).toEqual([FROM_PORT, FROM_PORT]);
    expect(isLetIn).toBe(false);
  },
);

test.skipIf(obstacle !== null)("a full-cone NAT lets in whoever knows the port", async () => {
  const { seenNear, isLetIn } = await look(await lab.addHome("home", "full_cone"));
  expect(seenNear.port).toBe(FROM_PORT);
  expect(isLetIn).toBe(true);
});

test.skipIf(obstacle !== null)(
  "a firewall lets a machine out by its own address, and nobody in",
  async () => {
    const machine = await lab.addServer("walled", "no_inbound");
    const { seenNear, isLetIn } = await look(machine);
    expect(seenNear).toMatchObject({ address: machine.address, port: FROM_PORT });
    expect(isLetIn).toBe(false);
  },
);

test.skipIf(obstacle !== null)("what goes over a machine's network is counted", async () => {
  const machine = await lab.addHome("home", "symmetric");
  const before = machine.traffic();
  await visit(machine, near);
  const after = machine.traffic();
  expect(after.sent_bytes).toBeGreaterThan(before.sent_bytes);
  expect(after.received_bytes).toBeGreaterThan(before.received_bytes);
});

test.skipIf(obstacle !== null)("of a lab that is closed no process is left", async () => {
  const own = await openLab();
  const { namespace } = await own.addHome("home", "symmetric");
  await own.close();
  await until("its process to be gone", () => (isRunning(namespace.pid) ? null : true));
});

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(" Z ");
  } catch {
    return false;
  }
}
