import { RunnerId } from "@infernet/schemas/ids";
import { SIGNATURE } from "@infernet/schemas/signature";

/**
 * Who a request says that it was signed by: the `keyid` of its one signature (RFC 9421). Null where there is another signature or key
 * besides, so that what is looked at here is what is checked later.
 */
export function signerOf(signatureInput: string): RunnerId | null {
  const [label, ...others] = [...signatureInput.matchAll(/([a-z*][a-z0-9_.*-]*)=\(/g)].map(
    ([, name]) => name,
  );
  const [key, ...otherKeys] = [...signatureInput.matchAll(/keyid="([^"]*)"/g)].map(([, id]) => id);
  if (label !== SIGNATURE.label || others.length > 0 || otherKeys.length > 0) return null;
  return RunnerId.safeParse(key).data ?? null;
}
