import { expect, test } from "vitest";
import { openMessages } from "../stream/message-stream.ts";
import { TestPeers } from "../testing/test-peers.ts";

const MESSAGES = 40;

test("streams to a peer behind a relay share the one connection to it", async () => {
  await using peers = new TestPeers();
  await peers.open({ isServer: true });
  const hidden = await peers.open({ listen: [] });
  await hidden.serve("/infernet/test/1", async (stream) => {
    const messages = openMessages(stream);
    await messages.sendBytes(await messages.receiveBytes());
    await messages.close();
  });
  await expect.poll(() => hidden.addresses, { timeout: 20_000 }).not.toEqual([]);
  const client = await peers.open({ listen: [], bootstrap: [] });
  const dialled: string[] = [];
  client.libp2p.addEventListener("connection:open", ({ detail }) => {
    if (detail.limits !== undefined) dialled.push(detail.id);
  });

  const sent = Uint8Array.of(1, 2, 3);
  for (let n = 0; n < MESSAGES; n += 1) {
    const messages = openMessages(
      await client.open(hidden.id, "/infernet/test/1", { addresses: hidden.addresses }),
    );
    await messages.sendBytes(sent);
    expect(await messages.receiveBytes()).toEqual(sent);
    await messages.close();
  }
  expect(dialled).toHaveLength(1);
});
