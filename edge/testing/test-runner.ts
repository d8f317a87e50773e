import { formatRunnerId, type RunnerId } from "@infernet/schemas/ids";
import { SIGNATURE } from "@infernet/schemas/signature";
import { base64 } from "@scure/base";
import { appendSignature, createSignature, webcrypto } from "http-message-sig";
import { callEdge } from "./call-edge.ts";

interface SigningOptions {
  created_ms?: number;
  tag?: string;
  keyid?: string;
}

export interface TestRunner {
  id: RunnerId;
  /** What it signs with, requests and commitments alike. */
  key: CryptoKey;
  /** Sends a request signed as a runner signs it. */
  call(path: string, init?: RequestInit, options?: SigningOptions): Promise<Response>;
  /** The headers of such a request. */
  sign(path: string, init?: RequestInit, options?: SigningOptions): Promise<Headers>;
}

/** A runner with a fresh key. */
export async function createTestRunner(): Promise<TestRunner> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("Ed25519 makes a pair of keys");
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
  if (!(raw instanceof ArrayBuffer)) throw new Error("a raw key is bytes");
  const id = formatRunnerId(new Uint8Array(raw));
  const signer = webcrypto.signer(pair.privateKey);

  const sign: TestRunner["sign"] = async (path, init = {}, options = {}) => {
    const request = new Request(`http://edge.test${path}`, init);
    const body = await request.clone().arrayBuffer();
    const withBody = request.body !== null;
    const headers = new Headers(request.headers);
    if (withBody) {
      const digest = base64.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", body)));
      headers.set("Content-Digest", `sha-256=:${digest}:`);
    }
    const signed = new Request(request.url, { method: request.method, headers });
    const fields = await createSignature(signed, {
      label: SIGNATURE.label,
      components: withBody ? SIGNATURE.components_with_body : SIGNATURE.components_without_body,
      parameters: {
        created: Math.floor((options.created_ms ?? Date.now()) / 1000),
        keyid: options.keyid ?? id,
        alg: "ed25519",
        tag: options.tag ?? SIGNATURE.tag,
      },
      signer,
    });
    return appendSignature(headers, fields);
  };

  return {
    id,
    key: pair.privateKey,
    sign,
    call: async (path, init = {}, options = {}) =>
      callEdge(path, { ...init, headers: await sign(path, init, options) }),
  };
}
