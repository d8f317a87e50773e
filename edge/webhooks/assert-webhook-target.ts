import { InfernetError } from "@infernet/schemas/errors";
import ipaddr from "ipaddr.js";

/** Names that resolve inside a machine, a site or a cloud's own network, never on the public internet. */
const PRIVATE_SUFFIXES = [
  "localhost",
  "local",
  "internal",
  "intranet",
  "lan",
  "home.arpa",
  "invalid",
  "test",
  "onion",
];

type Policy = Pick<Env, "ALLOW_PRIVATE_WEBHOOKS">;

/**
 * Throws `webhook_refused` unless the address may be sent to: https, without credentials, a public host. What a public
 * name resolves to is for the network to guard: the platform's, or the self-host's, which reaches public addresses only.
 */
export function assertWebhookTarget(url: string, policy: Policy): void {
  const reason = refusalOf(url, policy.ALLOW_PRIVATE_WEBHOOKS === "true");
  if (reason) throw new InfernetError("webhook_refused", `The webhook address ${reason}.`);
}

function refusalOf(text: string, allowPrivate: boolean): string | null {
  const url = URL.parse(text);
  if (!url) return "is not a URL";
  if (url.username || url.password) return "carries credentials; webhooks are signed, so none are needed";
  if (allowPrivate)
    return url.protocol === "https:" || url.protocol === "http:" ? null : "is not an http(s) address";
  if (url.protocol !== "https:") return "is not https";
  // URL parsing has already turned odd notations of IPv4 (octal, hexadecimal, one number) into the dotted one.
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return ipaddr.isValid(host) ? refusalOfAddress(host) : refusalOfName(host);
}

function refusalOfAddress(host: string): string | null {
  const range = ipaddr.process(host).range();
  return range === "unicast" ? null : `is not public: ${host} is a ${range} address`;
}

function refusalOfName(host: string): string | null {
  if (!host.includes(".")) return `is not public: ${host} has no domain`;
  const suffix = PRIVATE_SUFFIXES.find((name) => host.endsWith(`.${name}`));
  return suffix ? `is not public: .${suffix} names are private` : null;
}
