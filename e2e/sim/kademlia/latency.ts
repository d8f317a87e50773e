import { KEY_SPACE } from "./key-space.ts";

/**
 * Round trips between machines of one continent and of several: log-normal with a median of 80 ms, 95 of 100 below 260 ms. An assumption,
 * after what measurements of home connections show.
 */
const MEDIAN_MS = 80;
const SIGMA = 0.72;

/** TCP, the choice of Noise, its handshake, Yamux with the first stream: `npm run bench -- kademlia` has real nodes count them. */
const DIAL_TRIPS = 4;
/** A stream on a connection that there is: its protocol and the question go together. */
const QUESTION_TRIPS = 1;

/** A round trip between two machines, the same each time. */
function roundTripMs(a: number, b: number): number {
  const [u, v] = [unit(mix(Math.min(a, b), Math.max(a, b))), unit(mix(Math.max(a, b), Math.min(a, b) + 1))];
  // Box and Muller (1958).
  const normal = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  return MEDIAN_MS * Math.exp(SIGMA * normal);
}

export const answerMs = (a: number, b: number, isConnected: boolean): number =>
  roundTripMs(a, b) * (isConnected ? QUESTION_TRIPS : DIAL_TRIPS + QUESTION_TRIPS);

/** 32 well mixed bits of two numbers: the finaliser of MurmurHash3 (Appleby, public domain). */
export function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const unit = (word: number): number => (word + 0.5) / KEY_SPACE;
