import { LIMITS } from "@infernet/schemas/limits";
import type { Libp2p, Stream } from "@libp2p/interface";
import { byteStream } from "@libp2p/utils";

/** https://github.com/libp2p/specs/blob/master/ping/ping.md */
const PING = { protocol: "/ipfs/ping/1.0.0", bytes: 32 };

/**
 * Answers pings in place of libp2p's own service, which piles up in memory whatever is sent by a peer that does not read the
 * answers. This reads the next ping when the last one's answer is on its way, and resets the stream of who sends far ahead.
 */
export async function answerPings(libp2p: Libp2p): Promise<void> {
  await libp2p.unhandle(PING.protocol);
  await libp2p.handle(
    PING.protocol,
    (stream) => answer(stream).catch((error: unknown) => stream.abort(error as Error)),
    { maxInboundStreams: LIMITS.peer_ping_streams_max, runOnLimitedConnection: true },
  );
}

async function answer(stream: Stream): Promise<void> {
  const bytes = byteStream(stream, { maxBufferSize: LIMITS.peer_ping_ahead_bytes_max });
  while (stream.readStatus === "readable" && stream.remoteWriteStatus === "writable") {
    const signal = AbortSignal.timeout(LIMITS.peer_message_ms_max);
    const ping = await bytes.read({ bytes: PING.bytes, signal }).catch(nullAtEnd);
    if (ping === null) break;
    await bytes.write(ping, { signal });
  }
  await stream.close({ signal: AbortSignal.timeout(LIMITS.peer_message_ms_max) });
}

function nullAtEnd(error: unknown): null {
  if (error instanceof Error && error.name === "UnexpectedEOFError") return null;
  throw error;
}
