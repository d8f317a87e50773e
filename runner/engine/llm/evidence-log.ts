import type { Reading } from "@infernet/protocol/llm/sampling/read-logits";

/** Likeliest tokens at each position that evidence names. */
const TOKENS = 8;
const TOKEN_BYTES = 6;
const POSITION_BYTES = TOKENS * TOKEN_BYTES;

/** Steps of logprobs and margins in a nat. */
const STEPS = 2 ** 12;
const LOGPROB_STEPS_MIN = -32_768;

/** Evidence for the positions of a completion, as it grows: see `Evidence` in the schemas. */
export class EvidenceLog {
  #bytes = new Uint8Array(POSITION_BYTES * 64);
  readonly margins: number[] = [];

  add({ top, margin }: Pick<Reading, "top" | "margin">): void {
    const at = this.margins.length * POSITION_BYTES;
    if (at === this.#bytes.length) {
      const longer = new Uint8Array(this.#bytes.length * 2);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    const view = new DataView(this.#bytes.buffer, at);
    for (let i = 0; i < TOKENS; i++) {
      const { token, logprob } = top[i] ?? { token: 0, logprob: Number.NEGATIVE_INFINITY };
      view.setUint32(i * TOKEN_BYTES, token, true);
      view.setInt16(i * TOKEN_BYTES + 4, Math.max(LOGPROB_STEPS_MIN, Math.round(logprob * STEPS)), true);
    }
    this.margins.push(Math.round(margin * STEPS));
  }

  /** A copy of the fingerprints of these positions. */
  fingerprint(start = 0, end = this.margins.length): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(start * POSITION_BYTES, end * POSITION_BYTES);
  }
}
