import { createHash, timingSafeEqual } from "node:crypto";

/** `crypto.DigestStream` of the Workers platform: the digest of what is written to it. */
class DigestStream extends WritableStream<Uint8Array> {
  readonly digest: Promise<ArrayBuffer>;

  /** @param algorithm as `crypto.subtle.digest` names it: SHA-256 */
  constructor(algorithm: string) {
    const hash = createHash(algorithm.replace("-", ""));
    const { promise, resolve, reject } = Promise.withResolvers<ArrayBuffer>();
    // Nobody needs to ask for the digest of a stream that broke off.
    promise.catch(() => undefined);
    super({
      write: (chunk) => void hash.update(chunk),
      close: () => resolve(new Uint8Array(hash.digest()).buffer),
      abort: (reason) => reject(reason),
    });
    this.digest = promise;
  }
}

/** Node's Web Crypto with what the Workers platform has besides. */
export function createPlatformCrypto(): object {
  const { subtle } = crypto;
  return {
    getRandomValues: crypto.getRandomValues.bind(crypto),
    randomUUID: () => crypto.randomUUID(),
    DigestStream,
    subtle: new Proxy(subtle, {
      get(target, member) {
        if (member === "timingSafeEqual") return timingSafeEqual;
        const found: unknown = Reflect.get(target, member);
        return typeof found === "function" ? found.bind(target) : found;
      },
    }),
  };
}
