import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { ProviderMessage } from "@infernet/schemas/peer/direct-messages";
import type { SignedOffer } from "@infernet/schemas/peer/direct-offer";
import { renderTensorJson } from "@infernet/schemas/tensor-json";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { peerIdFromString } from "@libp2p/peer-id";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createIdentity, type Identity } from "../../identity/identity.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { runnerIdOf } from "../peer-id.ts";
import { PROTOCOLS } from "../protocols.ts";
import { type MessageStream, openMessages } from "../stream/message-stream.ts";
import { TestPeers } from "../testing/test-peers.ts";
import { callProvider, type DirectJob, type ProviderLine } from "./call-provider.ts";
import { createEchoModel, rowsOf } from "./testing/echo-provider.ts";
import { ProviderProcess } from "./testing/start-provider.ts";

const NEVER = new AbortController().signal;
const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

describe("a direct job whose provider is killed", () => {
  let home: string;
  let peers: TestPeers;
  let identity: Identity;
  let client: PeerNode;
  let provider: ProviderProcess & { address: string };
  let job: DirectJob;
  let signed: SignedOffer;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-crash-"));
    peers = new TestPeers();
    identity = createIdentity();
    client = await peers.open({ identity, listen: [] });
    await start();
    job = { ...(await createEchoModel()), inputs: rowsOf(1, 2), price_micro_max: "0" };
    signed = await line().offer(job);
  });
  afterEach(async () => {
    await provider.kill();
    await peers[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  const start = async (): Promise<void> => {
    provider = await ProviderProcess.start(home);
  };
  const restart = async (): Promise<void> => {
    await provider.kill();
    await start();
  };
  const target = () => {
    const { address } = provider;
    const id = runnerIdOf(peerIdFromString(address.split("/").at(-1) ?? ""));
    if (id === null) throw new Error("the provider's key is not Ed25519");
    return { provider: id, addresses: [address] };
  };
  const line = (): ProviderLine => callProvider(client, { identity, ...target() });
  const openStream = async (): Promise<MessageStream> => {
    const { provider: id, addresses } = target();
    return openMessages(await client.open(id, PROTOCOLS.job, { addresses }));
  };
  const sendInputs = async (messages: MessageStream): Promise<void> => {
    await messages.send({ type: "inputs", offer: signed.offer.id, voucher: null });
    await messages.sendBytes(encodeTensors(job.inputs));
  };
  const accepted = async (): Promise<MessageStream> => {
    const messages = await openStream();
    await messages.send({ type: "offer", offer: signed.bytes });
    expect(await messages.receive(ProviderMessage)).toMatchObject({ type: "accepted" });
    return messages;
  };

  it("at each message is worked again as long as nothing was kept, and answered with what was kept from then on", async () => {
    await accepted();
    await restart();

    // Accepted, and forgotten: it accepts again, and computes.
    const messages = await accepted();
    await sendInputs(messages);
    await expect
      .poll(() => readdir(join(home, "direct", "jobs")))
      .toContain(`${identity.id}-${signed.offer.id}`);
    await restart();

    // Kept, whether it was sent or not: it computes nothing, and gives what the process signed that is dead.
    const again = await openStream();
    await again.send({ type: "offer", offer: signed.bytes });
    const first = await again.receive(ProviderMessage);
    expect(first).toMatchObject({ type: "result", tensors: [{ name: "y", data: Uint8Array.from([1, 2]) }] });
    await restart();

    // Sent, and no receipt came: the same once more, and the receipt is kept.
    const { receipt, outputs } = await line().ask(signed, job, NEVER);
    expect(first).toMatchObject({ receipt: receipt.receipt, tensors: outputs });
    await expect.poll(() => readdir(join(home, "direct", "receipts"))).toHaveLength(1);
    expect(provider.events).toMatchObject([{ event: "listening" }]);
  });
});

describe("a direct job whose client is killed", () => {
  let home: string;
  let provider: ProviderProcess & { address: string };

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-crash-"));
  });
  afterEach(async () => {
    await provider.kill();
    await rm(home, { recursive: true, force: true });
  });

  it("is not done twice: the same command gets the answer to the offer that was out", async () => {
    const row_ms = 1_500;
    provider = await ProviderProcess.start(join(home, "provider"), row_ms);
    const { manifest } = await createEchoModel(row_ms);
    await writeFile(join(home, "manifest.json"), JSON.stringify(manifest));
    await writeFile(join(home, "rows.json"), JSON.stringify({ tensors: rowsOf(7, 8).map(renderTensorJson) }));
    const run = () =>
      spawn(
        process.execPath,
        [
          ...[MAIN, "run", "--json", "--home", join(home, "client")],
          ...["--model", join(home, "manifest.json"), "--input", join(home, "rows.json")],
          ...["--direct", provider.address],
        ],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
    const first = run();
    const ended = once(first, "exit");
    await expect.poll(() => provider.events, { timeout: 30_000 }).toContainEqual({ event: "working" });
    first.kill("SIGKILL");
    await ended;
    const second = run();
    const out = JSON.parse(await text(second.stdout));
    expect(out).toMatchObject({ price_micro: "0", tensors: [{ name: "y", data: [7, 8] }] });
    expect(provider.events.filter(({ event }) => event === "done")).toHaveLength(1);
  });
});
