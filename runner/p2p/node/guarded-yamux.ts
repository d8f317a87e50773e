import { LIMITS } from "@infernet/schemas/limits";
import type { MessageStream, StreamMuxer, StreamMuxerFactory } from "@libp2p/interface";
import { yamux } from "@libp2p/yamux";

/**
 * The Yamux multiplexer, safe among peers who mean harm. As the library has it, a frame may say that it is four gigabytes long
 * and is gathered in memory until it is, and the answers to pings and refused streams pile up for a peer that does not read them.
 * Here the connection ends.
 */
export const guardedYamux = (): (() => StreamMuxerFactory) => {
  const create = yamux({
    maxInboundStreams: LIMITS.peer_streams_max,
    maxOutboundStreams: LIMITS.peer_streams_max,
    streamOptions: {
      maxReadBufferLength: LIMITS.peer_stream_unread_bytes_max,
      // A peer sends frames as long as the window that it was given: within the limit of one, with room for what comes after it.
      maxStreamWindowSize: LIMITS.peer_frame_bytes_max - LIMITS.peer_frame_slack_bytes,
    },
  });
  return () => {
    const factory = create();
    return {
      protocol: factory.protocol,
      createStreamMuxer: (connection) => guard(factory.createStreamMuxer(connection), connection),
    };
  };
};

function guard(muxer: StreamMuxer, connection: MessageStream): StreamMuxer {
  const begun = bytesIn(muxer, "decoder", "buffer");
  const unsent = bytesIn(connection, "writeBuffer");
  const end = (why: string): void => {
    const error = new Error(why);
    muxer.abort(error);
    connection.abort(error);
  };
  // The multiplexer has taken in what it could by then: it has listened for longer.
  connection.addEventListener("message", () => {
    if (begun.byteLength > LIMITS.peer_frame_bytes_max) return end("the peer sent a frame that is too long");
    if (
      unsent.byteLength > LIMITS.peer_unsent_bytes_max ||
      unsent.bufs.length > LIMITS.peer_unsent_frames_max
    )
      end("the peer asks more than it reads answers");
  });
  return muxer;
}

/** A list of bytes of the library's, in pieces: how long it is, and the pieces. */
interface Pieces {
  byteLength: number;
  bufs: readonly unknown[];
}

/** A list that the library has for itself. */
function bytesIn(of: object, ...path: string[]): Pieces {
  const list = path.reduce<unknown>(
    (at, name) => (typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined),
    of,
  );
  // Of another version of the library nobody knows whether it is safe.
  if (!isPieces(list)) throw new Error(`libp2p's ${path.join(".")} is not the one that this was written for`);
  return list;
}

const isPieces = (list: unknown): list is Pieces =>
  typeof list === "object" &&
  list !== null &&
  typeof Reflect.get(list, "byteLength") === "number" &&
  Array.isArray(Reflect.get(list, "bufs"));
