import { fileURLToPath } from "node:url";
import { RunnerId } from "@infernet/schemas/ids";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { z } from "zod";
import { type Program, type ProgramOptions, startProgram } from "../program.ts";
import type { Visits } from "./visit-peer.ts";

/** A node of the network of peers in a process of its own. */
export interface PeerProcess {
  id: RunnerId;
  /** Those that it listens on. */
  addresses: PeerAddress[];
  home: string;
  program: Program;
}

export interface PeerProcessOptions {
  name: string;
  home: string;
  /** Multiaddrs to listen on; without any it goes to others only. */
  listen?: readonly string[];
  bootstrap?: readonly PeerAddress[];
  /** Whether it is a relay for others. */
  isRelay?: boolean;
  /** Whom it is to visit, once it listens. */
  visits?: Visits;
  /** How a program is started on the machine that it is to run on; without it, here. */
  start?: (options: ProgramOptions) => Program;
}

const PEER = fileURLToPath(new URL("./run-peer.ts", import.meta.url));
const Listening = z.object({ id: RunnerId, addresses: z.array(PeerAddress) });

/** Starts a node that echoes, and waits until it listens. */
export async function startPeer(options: PeerProcessOptions): Promise<PeerProcess> {
  const { name, home, listen = [], bootstrap = [], isRelay = false, visits } = options;
  const { start = startProgram } = options;
  const program = start({
    name,
    file: PEER,
    args: [
      ...["--home", home],
      ...listen.flatMap((address) => ["--listen", address]),
      ...bootstrap.flatMap((address) => ["--bootstrap", address]),
      ...(isRelay ? ["--relay"] : []),
      ...(visits === undefined ? [] : visitArgs(visits)),
    ],
  });
  const { id, addresses } = Listening.parse(await program.waitFor("listening"));
  return { id, addresses, home, program };
}

const visitArgs = ({ to, addresses, count, bytes }: Visits): string[] => [
  ...["--visit", to, "--visits", String(count), "--bytes", String(bytes)],
  ...addresses.flatMap((address) => ["--at", address]),
];
