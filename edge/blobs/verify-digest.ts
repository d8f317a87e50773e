import { renderSha256, type Sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";

/**
 * Passes bytes through and fails unless they are `bytes` many and have the digest. The last chunk is held back until
 * that is known, so whoever reads never sees the end of a wrong stream.
 */
export function verifyDigest(expected: Sha256, bytes: number): TransformStream<Uint8Array, Uint8Array> {
  const digester = new crypto.DigestStream("SHA-256");
  const writer = digester.getWriter();
  let seen = 0;
  let held: Uint8Array | null = null;
  return new TransformStream<Uint8Array, Uint8Array>({
    async transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen > bytes)
        throw new InfernetError("body_too_large", `The body is longer than its ${bytes} bytes.`);
      // A reader may take the chunk's buffer away, so it is hashed before it is passed on.
      await writer.write(chunk);
      if (held) controller.enqueue(held);
      held = chunk;
    },
    async flush(controller) {
      await writer.close();
      const actual = renderSha256(await digester.digest);
      if (seen !== bytes) {
        throw new InfernetError("request_malformed", `The body ended after ${seen} of ${bytes} bytes.`);
      }
      if (actual !== expected) {
        throw new InfernetError(
          "digest_mismatch",
          `The ${bytes} bytes have the sha256 ${actual}, not ${expected}.`,
        );
      }
      if (held) controller.enqueue(held);
    },
  });
}
