import { type Bytes, Sha256 } from "@infernet/schemas/digest";
import type { ModelManifest, ModelName } from "@infernet/schemas/model";
import { z } from "zod";
import { EdgeUnreachable, readRefusal } from "../../transport/edge-error.ts";

export interface AccountClient {
  hasBlob(sha256: Sha256): Promise<boolean>;
  putBlob(sha256: Sha256, bytes: Bytes): Promise<void>;
  /** The model's digest. */
  register(name: ModelName, manifest: ModelManifest): Promise<Sha256>;
}

const Registered = z.object({ digest: Sha256 });

/** An edge as a client of it, with an account's key. Throws `EdgeRefusal` and `EdgeUnreachable`. */
export function createAccountClient(edge: string, api_key: string): AccountClient {
  const base = edge.replace(/\/+$/, "");
  const send = async (method: string, path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${api_key}`);
    try {
      return await fetch(`${base}${path}`, { ...init, method, headers, redirect: "error" });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new EdgeUnreachable(`${edge} does not answer: ${cause instanceof Error ? cause.message : cause}`);
    }
  };
  const expect = async (method: string, path: string, init: RequestInit): Promise<Response> => {
    const response = await send(method, path, init);
    if (!response.ok) throw await readRefusal(response, `${method} ${path}`);
    return response;
  };
  return {
    hasBlob: async (sha256) => (await send("HEAD", `/blobs/${sha256}`)).ok,
    putBlob: async (sha256, bytes) => {
      await (await expect("PUT", `/blobs/${sha256}`, { body: bytes })).arrayBuffer();
    },
    register: async (name, manifest) => {
      const response = await expect("POST", "/models", {
        body: JSON.stringify({ name, manifest }),
        headers: { "content-type": "application/json" },
      });
      return Registered.parse(await response.json()).digest;
    },
  };
}
