import { isIP } from "node:net";

/**
 * Whether a reference points at a registry by an address or a name that only this machine's own network knows. A stranger's
 * model must not choose which of those this machine speaks to. What a public name resolves to is not looked at.
 */
export function isPrivateRegistry(reference: string): boolean {
  const authority = reference.slice(0, reference.indexOf("/"));
  const host = authority.replace(/:\d+$/, "");
  return (
    isIP(host) !== 0 ||
    !host.includes(".") ||
    /\.(local|localhost|internal|lan|home|corp|home\.arpa)$/i.test(host)
  );
}
