import { base64 } from "@scure/base";

/** Likeliest tokens that a fingerprint has of each position. */
export const FINGERPRINT_TOKENS = 8;
/** Logprobs and margins are told in steps of 2^-12 nat. */
export const STEPS_PER_NAT = 4_096;

const TOKEN_BYTES = 4;
const ENTRY_BYTES = 6;
const POSITION_BYTES = FINGERPRINT_TOKENS * ENTRY_BYTES;
const STEPS_MIN = -32_768;

/** The likeliest tokens of each position, 8 after 8, and their logprobs in steps. */
export interface Fingerprint {
  readonly positions: number;
  readonly tokens: Uint32Array;
  readonly steps: Int16Array;
}

/** From the form that `Evidence` has it in. Null where it is not whole positions in canonical base64. */
export function parseFingerprint(text: string): Fingerprint | null {
  let bytes: Uint8Array;
  try {
    bytes = base64.decode(text);
  } catch {
    return null;
  }
  if (bytes.byteLength % POSITION_BYTES !== 0) return null;
  const entries = bytes.byteLength / ENTRY_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tokens = new Uint32Array(entries);
  const steps = new Int16Array(entries);
  for (let i = 0; i < entries; i++) {
    tokens[i] = view.getUint32(i * ENTRY_BYTES, true);
    steps[i] = view.getInt16(i * ENTRY_BYTES + TOKEN_BYTES, true);
  }
  return { positions: entries / FINGERPRINT_TOKENS, tokens, steps };
}

/** The 48 bytes of one position as in `TokenBlock`: its 8 likeliest tokens, the likeliest first. */
export function encodeLikely(likely: readonly { token: number; logprob: number }[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(POSITION_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, { token, logprob }] of likely.slice(0, FINGERPRINT_TOKENS).entries()) {
    view.setUint32(i * ENTRY_BYTES, token, true);
    view.setInt16(i * ENTRY_BYTES + TOKEN_BYTES, stepsOf(logprob), true);
  }
  return bytes;
}

/** The form that `Evidence` has it in, of the bytes of consecutive positions. */
export function renderFingerprint(parts: readonly Uint8Array[]): string {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return base64.encode(bytes);
}

const stepsOf = (logprob: number): number => Math.max(STEPS_MIN, Math.round(logprob * STEPS_PER_NAT));
