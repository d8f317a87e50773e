import { reset, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { LIMITS } from "@infernet/schemas/limits";
import { readAttestation, SignedAttestation } from "@infernet/schemas/peer/attestation";
import { Peers } from "@infernet/schemas/peer/bootstrap";
import { type PeerRecord, signPeerRecord } from "@infernet/schemas/peer/peer-record";
import { parseRecordText, renderRecordText } from "@infernet/schemas/peer/peer-record-text";
import { Provider } from "@infernet/schemas/provider";
import { RunnerWelcome } from "@infernet/schemas/runner";
import { samplePeerRecord } from "@infernet/schemas/testing/sample-peer-record";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { callEdge } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createTestProvider, newJobId, workEvent } from "../testing/test-provider.ts";
import { testRegistration } from "../testing/test-registration.ts";
import { createTestRunner, type TestRunner } from "../testing/test-runner.ts";

beforeEach(migrateIndex);
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const ADDRESS = "/ip4/203.0.113.7/tcp/4801/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";

/** What a runner sends with its registration: its record as of now, signed by itself or another. */
async function recordOf(runner: TestRunner, changes: Partial<PeerRecord> = {}, by = runner): Promise<string> {
  const now_ms = Date.now();
  const times = { sequence: now_ms, issued_ms: now_ms, expires_ms: now_ms + LIMITS.peer_mirror_ms };
  const record = samplePeerRecord({ runner: runner.id, ...times, addresses: [ADDRESS], ...changes });
  const sign = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
    new Uint8Array(await crypto.subtle.sign("Ed25519", by.key, bytes));
  return renderRecordText((await signPeerRecord(record, sign)).bytes);
}

async function register(runner: TestRunner, peer_record: string): Promise<string[]> {
  const body = JSON.stringify(testRegistration({ peer_record }));
  const headers = { "Content-Type": "application/json" };
  const answer = await runner.call("/runner/register", { method: "POST", headers, body });
  return RunnerWelcome.parse(await answer.json()).warnings;
}

const read = async (runner: TestRunner): Promise<Provider> =>
  Provider.parse(await (await runner.call(`/providers/${runner.id}`)).json());
const list = async (runner: TestRunner): Promise<Provider[]> =>
  z.object({ data: z.array(Provider) }).parse(await (await runner.call("/providers")).json()).data;
const peers = async () => Peers.parse(await (await callEdge("/peers")).json()).bootstrap;

test("where peers reach a provider is shown in its record and in the list, until that is over", async () => {
  const runner = await createTestRunner();
  const text = await recordOf(runner, { services: ["blob", "relay"] });
  expect(await register(runner, text)).toEqual([]);
  await runDurableObjectAlarm(env.PROVIDER.getByName(runner.id));
  const shown = {
    ...{ addresses: [ADDRESS], services: ["blob", "relay"], models: samplePeerRecord().models },
    expires_at: expect.any(String),
  };
  expect((await read(runner)).peer).toEqual(shown);
  expect((await list(runner))[0]?.peer).toEqual(shown);
  expect(await peers()).toEqual([ADDRESS]);

  vi.useFakeTimers({ now: Date.now() + LIMITS.peer_mirror_ms, toFake: ["Date"] });
  expect([(await read(runner)).peer, (await list(runner))[0]?.peer, await peers()]).toEqual([null, null, []]);
});

test("a record that does not hold is left out with a warning, and the runner is welcome", async () => {
  const runner = await createTestRunner();
  const other = await createTestRunner();
  const warning = (fault: string) => [
    `The peer record that came with this registration is ${fault}, and is not shown.`,
  ];
  expect(await register(runner, await recordOf(runner, {}, other))).toEqual(warning("forged"));
  expect(await register(runner, await recordOf(other))).toEqual(warning("another runner's"));
  expect(await register(runner, await recordOf(runner, { expires_ms: 1 }))).toEqual(warning("expired"));
  expect(await register(runner, "AAAA")).toEqual(warning("malformed"));
  expect((await read(runner)).peer).toBeNull();
});

test("whoever does not relay is not named to begin with", async () => {
  const runner = await createTestRunner();
  await register(runner, await recordOf(runner));
  await runDurableObjectAlarm(env.PROVIDER.getByName(runner.id));
  expect(await peers()).toEqual([]);
});

test("a provider's attestation is signed by the network, and says what its ledger says", async () => {
  const provider = await createTestProvider();
  await provider.stub.record([workEvent(newJobId(), 2_000)]);
  const { reputation } = await read(provider);
  const answer = await provider.call(`/providers/${provider.id}/attestation`);
  const { attestation, signed } = SignedAttestation.parse(await answer.json());
  expect(await readAttestation(parseRecordText(signed), provider.id, Date.now())).toEqual(attestation);
  expect(attestation).toMatchObject({
    ...{ runner: provider.id, banned: false, shards_completed: 10, audits_passed: 10 },
    latency_p50_ms: reputation.latency_ms?.p50,
    score: expect.closeTo(reputation.score, 6),
  });
  expect(attestation.expires_ms - attestation.issued_ms).toBe(LIMITS.attestation_ms);
});

test("nothing is attested of one that has not registered", async () => {
  const runner = await createTestRunner();
  expect((await runner.call(`/providers/${runner.id}/attestation`)).status).toBe(404);
});
