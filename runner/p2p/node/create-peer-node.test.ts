import { expect, test } from "vitest";
import { z } from "zod";
import { openMessages } from "../stream/message-stream.ts";
import { createTestIdentity, TestPeers } from "../testing/test-peers.ts";

test("a runner's key is its PeerId: whoever serves a protocol is told the runner's id", async () => {
  await using peers = new TestPeers();
  const identity = createTestIdentity();
  const server = await peers.open();
  const client = await peers.open({ identity, listen: [] });
  await server.serve("/infernet/test/1", async (stream, from) => {
    const messages = openMessages(stream);
    const { n } = await messages.receive(z.strictObject({ n: z.int() }));
    await messages.send({ n: n + 1, from });
    await messages.close();
  });

  const messages = openMessages(await client.open(server.id, "/infernet/test/1"));
  await messages.send({ n: 1 });

  expect(await messages.receive(z.unknown())).toEqual({ n: 2, from: identity.id });
});
