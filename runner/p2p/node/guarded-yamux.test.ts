import { LIMITS } from "@infernet/schemas/limits";
import type { MessageStream, StreamMuxerFactory } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { expect, test } from "vitest";
import { TestPeers } from "../testing/test-peers.ts";

/** A peer that writes below the multiplexer, to the first node of the test. */
async function dialRaw(address: string) {
  let frames: MessageStream | undefined;
  const muxer = (): StreamMuxerFactory => {
    const factory = yamux()();
    return {
      protocol: factory.protocol,
      createStreamMuxer: (connection) => {
        frames = connection;
        return factory.createStreamMuxer(connection);
      },
    };
  };
  const libp2p = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [muxer],
    connectionGater: { denyDialMultiaddr: () => false },
  });
  const connection = await libp2p.dial(multiaddr(address));
  if (frames === undefined) throw new Error("nothing was dialled");
  return { frames, connection, [Symbol.asyncDispose]: async () => libp2p.stop() };
}

test("a frame longer than the limit ends its connection before it has come", async () => {
  await using peers = new TestPeers();
  const [address = ""] = (await peers.open()).addresses;
  await using raw = await dialRaw(address);
  // Data of four gigabytes (Yamux: version, type, flags, stream, length).
  raw.frames.send(Buffer.from("000000010000000bffffffff", "hex"));
  raw.frames.send(new Uint8Array(2 * LIMITS.peer_frame_bytes_max));
  await expect.poll(() => raw.connection.status).not.toBe("open");
});
