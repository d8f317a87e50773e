import { LIMITS } from "@infernet/schemas/limits";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Libp2p, PeerInfo } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { untilAborted } from "../../until-aborted.ts";

export interface KeepConnectedOptions {
  libp2p: Libp2p;
  /** Those to begin with; asked anew whenever there is nobody. */
  find(signal: AbortSignal): Promise<readonly PeerAddress[]>;
  /** Told once, when of all of them nobody answers, with what each said. */
  onAlone(tried: readonly TriedPeer[]): void;
  /** Told when there is somebody again after that. */
  onCompany(): void;
  signal: AbortSignal;
  rejoin_ms_min?: number | undefined;
}

export interface TriedPeer {
  address: PeerAddress;
  reason: string;
}

/** With fewer than these it goes to whomever it hears of. */
const COMPANY_MIN = 4;

/**
 * Goes to the peers to begin with, and again whenever the last connection is lost: at once, and then less and less often for as
 * long as nobody answers. Resolves when the first try is over; the rest goes on behind.
 */
export async function keepConnected(options: KeepConnectedOptions): Promise<void> {
  const { libp2p, signal } = options;
  const goTo = (event: CustomEvent<PeerInfo>): void => {
    if (libp2p.getConnections().length < COMPANY_MIN)
      void libp2p.dial(event.detail.id, { signal: limited(signal) }).catch(() => undefined);
  };
  libp2p.addEventListener("peer:discovery", goTo);
  signal.addEventListener("abort", () => libp2p.removeEventListener("peer:discovery", goTo), { once: true });
  const tried = await tryAll(options);
  void rejoin(options, tried).catch(() => undefined);
}

async function rejoin(options: KeepConnectedOptions, first: readonly TriedPeer[]): Promise<void> {
  const { libp2p, signal, onAlone, onCompany, rejoin_ms_min = LIMITS.peer_rejoin_ms_min } = options;
  let tried = first;
  for (;;) {
    let isTold = false;
    for (let wait_ms = rejoin_ms_min; isAlone(libp2p); wait_ms = longer(wait_ms)) {
      if (!isTold && tried.length > 0) onAlone(tried);
      isTold ||= tried.length > 0;
      await untilSomebody(libp2p, wait_ms * (1 + Math.random()), signal);
      if (isAlone(libp2p)) tried = await tryAll(options);
    }
    if (isTold) onCompany();
    await untilNobody(libp2p, signal);
    tried = await tryAll(options);
  }
}

const longer = (wait_ms: number): number => Math.min(2 * wait_ms, LIMITS.peer_rejoin_ms_max);
const isAlone = (libp2p: Libp2p): boolean => libp2p.getConnections().length === 0;
const limited = (signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(LIMITS.peer_dial_ms_max)]);

/** Resolves as soon as one answers, or when none has: then with what each said. */
async function tryAll({ libp2p, find, signal }: KeepConnectedOptions): Promise<TriedPeer[]> {
  const own = `/p2p/${libp2p.peerId}`;
  const addresses = (await find(signal)).filter((address) => !address.endsWith(own));
  const tried: TriedPeer[] = [];
  const dials = addresses.map(async (address) => {
    try {
      await libp2p.dial(multiaddr(address), { signal: limited(signal) });
    } catch (error) {
      tried.push({ address, reason: reasonOf(error) });
      throw error;
    }
  });
  await Promise.any(dials).catch(() => undefined);
  signal.throwIfAborted();
  return tried;
}

/** What went wrong at the one address, without the library's list of them. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError" || error.name === "AbortError") return "no answer";
  return error.message;
}

function untilSomebody(libp2p: Libp2p, wait_ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, wait_ms).unref();
  const come = (): void => resolve();
  libp2p.addEventListener("peer:connect", come);
  return untilAborted(promise, signal).finally(() => {
    clearTimeout(timer);
    libp2p.removeEventListener("peer:connect", come);
  });
}

async function untilNobody(libp2p: Libp2p, signal: AbortSignal): Promise<void> {
  while (!isAlone(libp2p)) {
    const { promise, resolve } = Promise.withResolvers<void>();
    libp2p.addEventListener("peer:disconnect", () => resolve(), { once: true });
    await untilAborted(promise, signal);
  }
}
