import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { passGate } from "../current-object.ts";
import { isPublicAddress } from "./public-address.ts";
import { streamOf } from "./stream-of.ts";

/** Answers without a body (Fetch standard, "null body status"). */
const BODILESS = new Set([204, 205, 304]);

export interface OutgoingFetch {
  fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  close: () => void;
}

/**
 * `fetch` as the Worker has it for webhooks and for chains. On the public network an address is looked at after its name was
 * resolved, for the very connection that is made. Redirects are not followed; bodies are small, and sent with their length.
 *
 * @throws TypeError when an address is not public, or nobody answers
 */
export function createOutgoingFetch(network: "public" | "any"): OutgoingFetch {
  const guard: { lookup?: LookupFunction } = network === "public" ? { lookup: lookupPublic } : {};
  const agents = {
    "http:": new http.Agent({ keepAlive: true, ...guard }),
    "https:": new https.Agent({ keepAlive: true, ...guard }),
  };
  return {
    fetch: async (input, init = {}) => {
      await passGate();
      const request = new Request(input, init.body ? { ...init, duplex: "half" } : init);
      const url = new URL(request.url);
      const host = url.hostname.replace(/^\[|\]$/g, "");
      // A literal address is never looked up.
      if (network === "public" && isIP(host) !== 0) assertPublic(host, host);
      const { protocol } = url;
      if (protocol !== "http:" && protocol !== "https:") throw new TypeError(`${protocol} cannot be fetched`);
      return send(request, agents[protocol], protocol === "http:" ? http.request : https.request);
    },
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

async function send(request: Request, agent: http.Agent, start: typeof http.request): Promise<Response> {
  const { method, signal } = request;
  const body = request.body === null ? null : Buffer.from(await request.arrayBuffer());
  const headers = Object.fromEntries(request.headers);
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = start(request.url, { method, headers, agent, signal });
    sent.on("response", resolve).on("error", (error) => {
      reject(
        signal.aborted
          ? signal.reason
          : new TypeError(`${new URL(request.url).host}: ${error.message}`, { cause: error }),
      );
    });
    if (body !== null) sent.setHeader("Content-Length", body.byteLength);
    sent.end(body ?? undefined);
  });
  const status = message.statusCode ?? 0;
  const answered = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct))
    for (const value of values ?? []) answered.append(name, value);
  if (BODILESS.has(status)) message.resume();
  const content = BODILESS.has(status) ? null : streamOf(message);
  return new Response(content, { status, headers: answered });
}

const lookupPublic: LookupFunction = (host, options, done) => {
  lookup(host, { ...(options as LookupOptions), all: true }, (error, addresses) => {
    if (error) return done(error, "", 0);
    const [first] = addresses as LookupAddress[];
    try {
      for (const { address } of addresses as LookupAddress[]) assertPublic(address, host);
    } catch (refusal) {
      return done(refusal as Error, "", 0);
    }
    if (options.all) return done(null, addresses as LookupAddress[]);
    done(null, first?.address ?? "", first?.family ?? 0);
  });
};

function assertPublic(address: string, host: string): void {
  if (isPublicAddress(address)) return;
  const what = address === host ? "" : ` has the address ${address}, which`;
  throw new TypeError(`${host}${what} is not public; ALLOW_PRIVATE_WEBHOOKS=true allows it, for development`);
}
