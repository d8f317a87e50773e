import { LIMITS } from "@infernet/schemas/limits";
import type { Connection, IdentifyResult, Startable, Stream, StreamHandler } from "@libp2p/interface";
import { isPrivate } from "@libp2p/utils";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { z } from "zod";
import { PROTOCOLS } from "../protocols.ts";
import { openMessages } from "../stream/message-stream.ts";
import { isRelayed } from "./host-of.ts";

/** What is lent of a node's inside. */
export interface DialBackComponents {
  registrar: { handle(protocol: string, handler: StreamHandler, options: object): Promise<void> };
  connectionManager: {
    openConnection(address: Multiaddr, options: { force: boolean; signal: AbortSignal }): Promise<Connection>;
  };
  transportManager: { getAddrs(): Multiaddr[] };
  addressManager: {
    getAddresses(): Multiaddr[];
    confirmObservedAddr(address: Multiaddr, options: { type: "transport" | "ip-mapping" }): void;
    addPublicAddressMapping(host: string, port: number, publicHost: string, publicPort: number): void;
  };
}

/** A port that the asking peer listens on, wherever it is seen to be. */
const Question = z.strictObject({ port: z.int().min(1).max(65_535), ws: z.boolean() });
type Question = z.infer<typeof Question>;
/** Whether the port was reached, and the address that it was tried at. */
const Answer = z.strictObject({ reached: z.boolean(), host: z.union([z.ipv4(), z.ipv6()]) });

/**
 * Finds out whether others reach this node at a public address, in place of libp2p's AutoNAT: that needs four peers in networks of
 * their own, and as the library has it takes the connection that there is for the one that it was to open. Here a peer that the
 * node has gone to dials it back, at the address that it sees it come from and no other, so that nobody can be made to dial
 * a third.
 */
export class DialBack implements Startable {
  readonly #components: DialBackComponents;
  readonly #asked = new WeakMap<Connection, number>();
  #last_ms = Number.NEGATIVE_INFINITY;

  constructor(components: DialBackComponents) {
    this.#components = components;
  }

  async start(): Promise<void> {
    const handler = (stream: Stream, connection: Connection): void => {
      this.#answer(stream, connection).catch((error: unknown) => stream.abort(error as Error));
    };
    await this.#components.registrar.handle(PROTOCOLS.reach, handler, { maxInboundStreams: 1 });
  }

  stop(): void {
    this.#last_ms = Number.POSITIVE_INFINITY;
  }

  /** To be called where the owner says that the machine is reached at its public addresses: a peer to begin with has nobody to ask. */
  trust(): void {
    const { addressManager, transportManager } = this.#components;
    for (const address of transportManager.getAddrs().filter((own) => !isPrivate(own)))
      addressManager.confirmObservedAddr(address, { type: "transport" });
  }

  /** To be told what peers say of themselves. */
  async note({ connection, protocols }: IdentifyResult): Promise<void> {
    const { remoteAddr, direction } = connection;
    // One that it has gone to knows it from outside; one that came here may say what it likes.
    const isApt = direction === "outbound" && !isRelayed(remoteAddr) && !isPrivate(remoteAddr);
    const now_ms = performance.now();
    if (!(isApt && protocols.includes(PROTOCOLS.reach)) || this.#last_ms > now_ms - LIMITS.reach_ask_ms)
      return;
    const ports = this.#ports();
    if (ports.length === 0) return;
    this.#last_ms = now_ms;
    for (const port of ports) {
      const { reached, host } = await ask(connection, port);
      if (reached) this.#confirm(host, port);
    }
  }

  /** Those that it listens on and that no public address is known to lead to. */
  #ports(): Question[] {
    const known = new Set(
      this.#components.addressManager
        .getAddresses()
        .filter((address) => !isPrivate(address) && !isRelayed(address))
        .map((address) => JSON.stringify(portOf(address))),
    );
    const own = new Set(
      this.#components.transportManager.getAddrs().map((address) => JSON.stringify(portOf(address))),
    );
    return [...own]
      .filter((port) => !known.has(port))
      .flatMap((text) => Question.safeParse(JSON.parse(text)).data ?? []);
  }

  #confirm(host: string, { port, ws }: Question): void {
    const { addressManager, transportManager } = this.#components;
    const own = transportManager.getAddrs().filter((address) => {
      const at = portOf(address);
      return at?.port === port && at.ws === ws;
    });
    const same = own.find((address) => hostOf(address) === host);
    if (same !== undefined) {
      addressManager.confirmObservedAddr(same, { type: "transport" });
      return;
    }
    // A router forwards the port.
    for (const inner of own.flatMap((address) => hostOf(address) ?? []))
      addressManager.addPublicAddressMapping(inner, port, host, port);
    addressManager.confirmObservedAddr(addressOf(host, { port, ws }), { type: "ip-mapping" });
  }

  async #answer(stream: Stream, connection: Connection): Promise<void> {
    const messages = openMessages(stream, { bytes_max: LIMITS.reach_message_bytes_max });
    const question = await messages.receive(Question);
    const times = (this.#asked.get(connection) ?? 0) + 1;
    this.#asked.set(connection, times);
    const { remoteAddr, remotePeer } = connection;
    const host = hostOf(remoteAddr);
    if (host === null || isRelayed(remoteAddr) || isPrivate(remoteAddr) || times > LIMITS.reach_asks_max)
      throw new Error("this connection is not one to ask it on");
    const address = addressOf(host, question).encapsulate(`/p2p/${remotePeer}`);
    await messages.send({ reached: await this.#reaches(address), host });
    await messages.close();
  }

  async #reaches(address: Multiaddr): Promise<boolean> {
    const signal = AbortSignal.timeout(LIMITS.reach_dial_ms_max);
    try {
      const back = await this.#components.connectionManager.openConnection(address, { force: true, signal });
      await back.close({ signal }).catch(() => undefined);
      return true;
    } catch {
      return false;
    }
  }
}

async function ask(connection: Connection, question: Question): Promise<z.infer<typeof Answer>> {
  const signal = AbortSignal.timeout(2 * LIMITS.reach_dial_ms_max);
  const messages = openMessages(await connection.newStream(PROTOCOLS.reach, { signal }), {
    bytes_max: LIMITS.reach_message_bytes_max,
    signal,
  });
  await messages.send(question);
  const answer = await messages.receive(Answer);
  await messages.close();
  return answer;
}

function portOf(address: Multiaddr): Question | null {
  const parts = address.getComponents();
  const tcp = parts.find(({ name }) => name === "tcp")?.value;
  return tcp === undefined ? null : { port: Number(tcp), ws: parts.some(({ name }) => name === "ws") };
}

/** The IP address as it is written in the multiaddr. */
const hostOf = (address: Multiaddr): string | null =>
  address.getComponents().find(({ name }) => name === "ip4" || name === "ip6")?.value ?? null;

const addressOf = (host: string, { port, ws }: Question): Multiaddr =>
  multiaddr(`/${host.includes(":") ? "ip6" : "ip4"}/${host}/tcp/${port}${ws ? "/ws" : ""}`);
