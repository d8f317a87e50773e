import { randomBytes } from "node:crypto";
import type { Stream } from "@libp2p/interface";
import { lpStream } from "@libp2p/utils";
import { multiaddr } from "@multiformats/multiaddr";
import type { PeerNode } from "../node/peer-node.ts";
import { PROTOCOLS } from "../protocols.ts";

/** Of libp2p's kad-dht specification, as far as lies are told with it. */
const TYPE = { put: 0, get: 1, find_node: 4 } as const;

/** What a peer answers to any question of the DHT. */
export interface Lie {
  /** How many peers that do not exist it names as nearer, and as providers. */
  nearer?: number;
  providers?: number;
  /** What it says lies under the key. */
  value?: Uint8Array;
  /** Bytes in the place of a message, without end. */
  isNoise?: boolean;
  /** It takes questions and answers none. */
  isSilent?: boolean;
}

/** Has a node of the network lie to whoever asks it; what it is told to keep it forgets. Its other protocols stay honest. */
export async function tellLies(node: PeerNode, lie: Lie): Promise<{ asked: () => number }> {
  let asked = 0;
  await node.libp2p.unhandle(PROTOCOLS.kad);
  await node.libp2p.handle(PROTOCOLS.kad, async (stream) => {
    try {
      asked += 1;
      if (lie.isNoise) return await makeNoise(stream);
      const messages = lpStream(stream);
      const { type, key } = readQuestion((await messages.read()).subarray());
      if (lie.isSilent || type === TYPE.put) return;
      await messages.write(answer(type, key, lie));
    } catch {
      // Whoever has heard enough goes away.
    }
  });
  return { asked: () => asked };
}

/** More than a message may have. */
async function makeNoise(stream: Stream): Promise<void> {
  for (let n = 0; n < 80 && stream.status === "open"; n += 1)
    if (!stream.send(randomBytes(64 * 1024))) await stream.onDrain();
}

function answer(type: number, key: Uint8Array, { nearer = 0, providers = 0, value }: Lie): Uint8Array {
  // A record with its key, its value and when it was received (libp2p record.proto).
  const record =
    value === undefined || type !== TYPE.get
      ? []
      : [bytesOf(3, join(bytesOf(1, key), bytesOf(2, value), bytesOf(5, text(new Date().toISOString()))))];
  return join(
    join(varint(1 << 3), varint(type)),
    bytesOf(2, key),
    ...record,
    ...Array.from({ length: nearer }, () => bytesOf(8, nobody())),
    ...(type === TYPE.find_node ? [] : Array.from({ length: providers }, () => bytesOf(9, nobody()))),
  );
}

const NOWHERE = multiaddr("/ip4/127.0.0.1/tcp/1").bytes;
/** An identity multihash of the protobuf of an Ed25519 key. */
const KEY_PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);

/** A peer with a key and an address that nobody has. */
const nobody = (): Uint8Array => join(bytesOf(1, join(KEY_PREFIX, randomBytes(32))), bytesOf(2, NOWHERE));

function readQuestion(message: Uint8Array): { type: number; key: Uint8Array } {
  let type = 0;
  let key = new Uint8Array();
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const field = read();
    if ((field & 7) === 0) {
      const value = read();
      if (field >> 3 === 1) type = value;
      continue;
    }
    const length = read();
    if (field >> 3 === 2) key = message.slice(at, at + length);
    at += length;
  }
  return { type, key };
}

const bytesOf = (field: number, bytes: Uint8Array): Uint8Array =>
  join(varint((field << 3) | 2), varint(bytes.length), bytes);

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, value);
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
