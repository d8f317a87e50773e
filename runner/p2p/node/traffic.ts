import type { MultiaddrConnection } from "@libp2p/interface";
import { isRelayed } from "./host-of.ts";

/** Bytes on the wire, those of handshakes and of the DHT included. */
export interface Traffic {
  received_bytes: number;
  sent_bytes: number;
}

/**
 * Counts what connections carry. The library's own hook for it takes part in reading, so that bytes which come between two
 * readers of a handshake would be lost; this one only looks on.
 */
export class TrafficMeter {
  readonly #traffic: Traffic = { received_bytes: 0, sent_bytes: 0 };

  read(): Traffic {
    return { ...this.#traffic };
  }

  /** A relayed connection's bytes are those of the connection with the relay, which is counted. */
  watch(connection: MultiaddrConnection): void {
    if (isRelayed(connection.remoteAddr)) return;
    observe(connection, "onData", (bytes) => {
      this.#traffic.received_bytes += bytes;
    });
    observe(connection, "sendData", (bytes) => {
      this.#traffic.sent_bytes += bytes;
    });
  }
}

/** Both are methods of every connection that this library's transports make; they are none of its interface's. */
function observe(
  connection: MultiaddrConnection,
  name: "onData" | "sendData",
  note: (bytes: number) => void,
): void {
  const method: unknown = Reflect.get(connection, name);
  if (typeof method !== "function") return;
  Reflect.set(connection, name, (data: { byteLength: number }, ...rest: unknown[]): unknown => {
    note(data.byteLength);
    return Reflect.apply(method, connection, [data, ...rest]);
  });
}
