import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyDirect } from "@infernet/protocol/peers/verify-direct";
import { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { ProviderMessage, type ResultSent } from "@infernet/schemas/peer/direct-messages";
import { signOffer } from "@infernet/schemas/peer/direct-offer";
import { SignedDirectReceipt } from "@infernet/schemas/peer/direct-receipt";
import type { Tensor } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createIdentity, type Identity } from "../../identity/identity.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { PROTOCOLS } from "../protocols.ts";
import { openMessages } from "../stream/message-stream.ts";
import { TestPeers } from "../testing/test-peers.ts";
import { callProvider, type DirectJob, type ProviderLine } from "./call-provider.ts";
import { DirectDesk, type DirectDeskDeps } from "./direct-desk.ts";
import { serveDirectJobs } from "./serve-direct-jobs.ts";
import { serveVisitor } from "./serve-visitor.ts";
import { createEchoDeps, rowsOf } from "./testing/echo-provider.ts";

const NEVER = new AbortController().signal;

function tensorOf({ tensors: [first] }: ResultSent): Tensor {
  if (first === undefined) throw new Error("the result has no tensors");
  return first;
}

describe("a direct job", () => {
  let home: string;
  let peers: TestPeers;
  let identity: Identity;
  let own: Identity;
  let client: PeerNode;
  let deps: DirectDeskDeps;
  let job: DirectJob;
  let line: ProviderLine;
  let provider: PeerNode;

  beforeAll(async () => {
    peers = new TestPeers();
    identity = createIdentity();
    own = createIdentity();
    provider = await peers.open({ identity: own });
    client = await peers.open({ identity, listen: [] });
  });
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-direct-"));
    const made = await createEchoDeps(home, own);
    deps = made;
    const { model, manifest } = made;
    job = { model, manifest, inputs: rowsOf(1, 2, 3, 4), price_micro_max: "0" };
    line = callProvider(client, { identity, provider: provider.id });
  });
  afterEach(async () => {
    await line.close();
    await provider.libp2p.unhandle(PROTOCOLS.job);
    await rm(home, { recursive: true, force: true });
  });
  afterAll(() => peers[Symbol.asyncDispose]());

  const serve = async (change: Partial<DirectDeskDeps> = {}): Promise<void> => {
    await serveDirectJobs(provider, { ...deps, ...change });
  };
  const ask = async (change: Partial<DirectJob> = {}) => {
    const one = { ...job, ...change };
    return line.ask(await line.offer(one), one, NEVER);
  };
  const receiptsKept = async (): Promise<SignedDirectReceipt[]> => {
    const dir = join(home, "direct", "receipts");
    const [name = ""] = await readdir(dir);
    const text = name === "" ? "" : await readFile(join(dir, name), "utf8");
    return text
      .split("\n")
      .filter((one) => one !== "")
      .map((one) => SignedDirectReceipt.parse(JSON.parse(one)));
  };

  it("comes back with a receipt that both have signed, and that proves what it can offline", async () => {
    await serve();
    const { outputs, receipt } = await ask();
    expect(outputs).toEqual([
      { name: "y", datatype: "UINT8", shape: [2, 2], data: Uint8Array.from([1, 2, 3, 4]) },
    ]);
    expect(await verifyDirect(receipt, outputs)).toEqual({
      verdict: "holds",
      proven: [
        "offer_signed",
        "provider_signed",
        "client_signed",
        "commitment_signed",
        "price_within_offer",
        "within_deadline",
        "outputs_committed",
      ],
      not_proven: ["rows_unchecked"],
      refuted: [],
    });
    await expect.poll(receiptsKept).toEqual([receipt]);
  });

  it("takes the manifest from the provider, and believes it only under its digest", async () => {
    await serve();
    expect(await line.manifest(job.model, NEVER)).toEqual(job.manifest);
    await expect(line.manifest(Sha256.parse("0".repeat(64)), NEVER)).rejects.toMatchObject({
      code: "model_unknown",
    });
  });

  it("is done once, however often it is asked for", async () => {
    let done = 0;
    await serve({
      onDone: () => {
        done += 1;
      },
    });
    const signed = await line.offer(job);
    const answers = await Promise.all([1, 2, 3].map(() => line.ask(signed, job, NEVER)));
    const again = await line.ask(signed, job, NEVER);
    for (const { receipt } of answers) expect(receipt).toEqual(again.receipt);
    expect(done).toBe(1);
  });

  it("costs what the model's declared time comes to at the provider's rate, and never more than was offered", async () => {
    await serve({ micro_per_core_hour: 500n, policy: { payments: ["voucher"], allow: null } });
    const escrow = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";
    const terms = { kind: "voucher" as const, escrow: escrow as never };
    line = callProvider(client, {
      ...{ identity, provider: provider.id },
      payer: { terms, pay: async () => "", done: async () => undefined, cancel: async () => undefined },
    });
    // Two rows of 3.6 s each are two thousandths of an hour.
    await expect(ask()).rejects.toMatchObject({ code: "price_too_low", price_micro: "1" });
  });

  it.each<[string, Partial<DirectDeskDeps>]>([
    ["not_taking", { policy: { payments: [], allow: null } }],
    ["not_allowed", { policy: { payments: ["free"], allow: [] } }],
    ["payment_kind", { policy: { payments: ["voucher"], allow: null } }],
    ["paused", { availability: () => "paused" }],
    ["clock_skew", { now: () => Date.now() - LIMITS.peer_clock_skew_ms_max - 60_000 }],
    ["expired", { now: () => Date.now() + LIMITS.direct_offer_ms_default + 1_000 }],
  ])("is refused as %s", async (code, change) => {
    await serve(change);
    await expect(ask()).rejects.toMatchObject({ name: "ProviderRefusal", code });
  });

  it("is small, or is not offered at all", async () => {
    const rows = LIMITS.direct_rows_max + 1;
    const many = [
      { name: "x", datatype: "UINT8" as const, shape: [rows, 2], data: new Uint8Array(2 * rows) },
    ];
    await expect(line.offer({ ...job, inputs: many })).rejects.toMatchObject({
      code: "input_unusable",
      message: expect.stringContaining("1 to 4096 rows and at most 3145728 bytes"),
    });
  });

  it("is refused when its rows are not the model's", async () => {
    await serve();
    const wide = [{ name: "x", datatype: "UINT8" as const, shape: [1, 3], data: new Uint8Array(3) }];
    await expect(ask({ inputs: wide })).rejects.toMatchObject({ code: "inputs_invalid" });
  });

  it("is refused when the engine fails, and the stream serves the next", async () => {
    const slow = await createEchoDeps(join(home, "slow"), deps.identity, 3_600_000);
    await serve({ ...slow, dir: deps.dir });
    const { model, manifest } = slow;
    const late = { model, manifest, patience_ms: 200 };
    await expect(ask(late)).rejects.toMatchObject({ name: "ProviderRefusal" });
    expect(await line.manifest(model, NEVER)).toEqual(manifest);
  });

  it("is refused from another key than the offer's", async () => {
    await serve();
    const other = createIdentity();
    const thief = callProvider(await peers.open({ identity: other, listen: [] }), {
      identity: other,
      provider: provider.id,
    });
    await expect(thief.ask(await line.offer(job), job, NEVER)).rejects.toMatchObject({
      code: "offer_invalid",
      message: `the offer is ${identity.id}'s, and the connection is ${other.id}'s`,
    });
  });

  it("is refused under an id that has named another offer", async () => {
    await serve();
    const first = await line.offer(job);
    await line.ask(first, job, NEVER);
    const changed = await signOffer({ ...first.offer, price_micro_max: "7" }, identity.sign);
    await expect(line.ask(changed, job, NEVER)).rejects.toMatchObject({ code: "offer_changed" });
  });

  it("ends the stream of a client that speaks out of turn, and nobody else's", async () => {
    await serve();
    const messages = openMessages(await client.open(provider.id, PROTOCOLS.job));
    const { offer } = await line.offer(job);
    await messages.send({ type: "inputs", offer: offer.id, voucher: null });
    await expect(messages.receive(ProviderMessage)).rejects.toMatchObject({ kind: "gone" });
    await expect(ask()).resolves.toBeDefined();
  });

  it("is refused with rows that the offer does not name, and what is no message at all ends the stream", async () => {
    await serve();
    const { bytes, offer } = await line.offer(job);
    const messages = openMessages(await client.open(provider.id, PROTOCOLS.job));
    await messages.send({ type: "offer", offer: bytes });
    expect(await messages.receive(ProviderMessage)).toMatchObject({ type: "accepted" });
    await messages.send({ type: "inputs", offer: offer.id, voucher: null });
    await messages.sendBytes(encodeTensors(rowsOf(9, 9)));
    expect(await messages.receive(ProviderMessage)).toMatchObject({
      type: "refused",
      code: "inputs_invalid",
    });
    const forged = bytes.slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    await messages.send({ type: "offer", offer: forged });
    expect(await messages.receive(ProviderMessage)).toMatchObject({ type: "refused", code: "offer_invalid" });
    await messages.sendBytes(new Uint8Array(100).fill(0xff));
    await expect(messages.receive(ProviderMessage)).rejects.toMatchObject({ kind: "gone" });
    await expect(ask()).resolves.toBeDefined();
  });

  it.each<[string, (result: ResultSent) => ResultSent, string]>([
    [
      "other rows",
      (result) => ({ ...result, tensors: [{ ...tensorOf(result), data: new Uint8Array(4) }] }),
      "outputs_other",
    ],
    [
      "rows of another shape",
      (result) => ({ ...result, tensors: [{ ...tensorOf(result), shape: [4, 1] }] }),
      "do not fit",
    ],
    [
      "a higher price",
      (result) => ({ ...result, receipt: { ...result.receipt, price_micro: "1" } }),
      "agreed was 0",
    ],
    [
      "another time",
      (result) => ({ ...result, receipt: { ...result.receipt, compute_ms: 0 } }),
      "provider_forged",
    ],
  ])("is not taken from a provider that sends %s, and no receipt is signed", async (_, lie, why) => {
    const desk = await DirectDesk.open(deps);
    let receipts = 0;
    await provider.serve(PROTOCOLS.job, (stream, from) =>
      serveVisitor(
        {
          manifest: (...args) => desk.manifest(...args),
          offer: (...args) => desk.offer(...args),
          inputs: async (...args) => lie(await desk.inputs(...args)),
          receipt: async () => {
            receipts += 1;
          },
          leave: (...args) => desk.leave(...args),
        },
        stream,
        from,
      ),
    );
    await expect(ask()).rejects.toMatchObject({
      name: "PeerFault",
      kind: "wrong",
      message: expect.stringContaining(why),
    });
    expect(receipts).toBe(0);
  });

  it("holds only so many accepted offers of one client, until their streams go", async () => {
    await serve();
    const streams = await Promise.all(
      Array.from({ length: LIMITS.direct_jobs_per_client_max }, async () => {
        const messages = openMessages(await client.open(provider.id, PROTOCOLS.job));
        await messages.send({ type: "offer", offer: (await line.offer(job)).bytes });
        expect(await messages.receive(ProviderMessage)).toMatchObject({ type: "accepted" });
        return messages;
      }),
    );
    await expect(ask()).rejects.toMatchObject({ code: "busy", retryable: true });
    for (const messages of streams) messages.abort(new Error("gone"));
    await expect.poll(() => ask().catch(({ code }) => code)).toMatchObject({ outputs: expect.anything() });
  });
});
