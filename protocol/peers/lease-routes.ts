import type { RunnerId } from "@infernet/schemas/ids";
import type { LeaseRequestHead } from "@infernet/schemas/peer/lease-frame";

const DIGEST = /^[0-9a-f]{64}$/;
/** A name or a digest; never a step to another folder. */
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._%:@-]*$/;
const POSTED = new Set([
  "/runner/register",
  "/runner/poll",
  "/runner/leave",
  "/runner/heartbeat",
  "/runner/results",
  "/runner/stream",
  "/runner/challenge",
  "/runner/challenge/answer",
  "/runner/appeal",
  "/providers/me/payouts",
]);
const READ = new Set(["/network", "/runner/demand", "/providers/me/earnings", "/providers/me/payouts"]);

/**
 * Whether a request of a runner's is one that an aggregator answers to peers: what a runner and its owner ask of an edge, and
 * nothing of clients, other providers or the operator.
 */
export function isLeaseRoute(
  { method, path }: Pick<LeaseRequestHead, "method" | "path">,
  from: RunnerId,
): boolean {
  const [pathname = ""] = path.split("?");
  const [, first, second = "", third, ...more] = pathname.split("/");
  switch (method) {
    case "POST":
      return POSTED.has(pathname);
    case "PUT":
      return first === "blobs" && DIGEST.test(second) && third === undefined;
    case "GET":
      if (READ.has(pathname)) return true;
      if (more.length > 0) return false;
      if (first === "blobs") return DIGEST.test(second) && third === undefined;
      if (first === "models") return MODEL.test(second) && third === undefined;
      return first === "providers" && second === from && (third === undefined || third === "attestation");
    default:
      return method satisfies never;
  }
}

/** Only what it puts away is as large as a blob. */
export const isBlobUpload = ({ method }: Pick<LeaseRequestHead, "method">): boolean => method === "PUT";
