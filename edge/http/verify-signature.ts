import { InfernetError } from "@infernet/schemas/errors";
import { publicKeyOf, RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { SIGNATURE, signatureTagFor } from "@infernet/schemas/signature";
import { isSignatureError, type Verifier, verifySignature, webcrypto } from "http-message-sig";
import { loadNetworkKey } from "../network/network-key.ts";
import { BoundedCache } from "./bounded-cache.ts";

const AGE_SECONDS_MAX = LIMITS.signature_age_ms_max / 1000;

const verifiers = new BoundedCache<RunnerId, Verifier>({ entries_max: 4_096, age_ms_max: 3_600_000 });

/**
 * The runner that signed the request (profile in schemas/signature.ts). A signature made up to
 * `signature_age_ms_max` before or after `now_ms` counts, for clocks differ. Whether the body is the signed one
 * is for the caller to check against `Content-Digest`, which a signature `withBody` covers. Its tag may name the network that it is
 * for, which then is this one.
 *
 * Throws `signature_missing` and `signature_invalid`.
 */
export async function verifyRunnerSignature(
  request: Request,
  env: Pick<Env, "NETWORK_PRIVATE_KEY">,
  { withBody, now_ms }: { withBody: boolean; now_ms: number },
): Promise<RunnerId> {
  if (!request.headers.has("Signature") || !request.headers.has("Signature-Input")) {
    throw new InfernetError("signature_missing", "The request has no Signature and Signature-Input headers.");
  }
  const bound = await tagOfNetwork(request, env);
  try {
    const signature = await verifySignature(request, {
      label: SIGNATURE.label,
      policy: {
        algorithms: ["ed25519"],
        requiredComponents: withBody ? SIGNATURE.components_with_body : SIGNATURE.components_without_body,
        requiredParameters: ["created", "keyid", "tag"],
        maxAge: 0,
        clockSkew: AGE_SECONDS_MAX,
        now: Math.floor(now_ms / 1000),
        validate: ({ parameters }) => parameters.tag === SIGNATURE.tag || parameters.tag === bound,
      },
      resolveVerifier: ({ parameters }) => verifierOf(RunnerId.parse(parameters.keyid), now_ms),
    });
    return RunnerId.parse(signature.parameters.keyid);
  } catch (error) {
    if (!isSignatureError(error)) throw error;
    throw new InfernetError(
      "signature_invalid",
      `${error.message}; it is ${new Date(now_ms).toISOString()} here.`,
    );
  }
}

/** Null where the signature names no network, as those for an edge do: then its key is not needed. */
async function tagOfNetwork(request: Request, env: Pick<Env, "NETWORK_PRIVATE_KEY">): Promise<string | null> {
  if (!request.headers.get("Signature-Input")?.includes(`${SIGNATURE.tag}/`)) return null;
  return signatureTagFor((await loadNetworkKey(env)).id);
}

async function verifierOf(runner: RunnerId, now_ms: number): Promise<Verifier> {
  const known = verifiers.get(runner, now_ms);
  if (known) return known;
  const key = await crypto.subtle.importKey("raw", publicKeyOf(runner), "Ed25519", false, ["verify"]);
  const verifier = webcrypto.verifier(key);
  verifiers.set(runner, verifier, now_ms);
  return verifier;
}
