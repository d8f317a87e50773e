import { Peers } from "@infernet/schemas/peer/bootstrap";
import { expect, test } from "vitest";
import { z } from "zod";
import { callEdge } from "../testing/call-edge.ts";

const ADDRESS = "/ip4/203.0.113.7/tcp/4801/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";
const bootstrapOf = async (settings: Partial<Env>) =>
  Peers.parse(await (await callEdge("/peers", {}, settings)).json()).bootstrap;

test("the peers that the operator names are listed", async () => {
  expect(await bootstrapOf({ PEERS: ` ${ADDRESS},` })).toEqual([ADDRESS]);
});

test("a deployment that names none lists none", async () => {
  expect(await bootstrapOf({})).toEqual([]);
  expect(await bootstrapOf({ PEERS: "" })).toEqual([]);
});

test("an address that is none is left out, and the state of the deployment says so", async () => {
  const settings = { PEERS: `peer.example:4801,${ADDRESS}` };
  expect(await bootstrapOf(settings)).toEqual([ADDRESS]);
  const health = z
    .object({ status: z.string(), warnings: z.array(z.string()) })
    .parse(await (await callEdge("/health", {}, settings)).json());
  expect(health).toMatchObject({
    status: "degraded",
    warnings: ['PEERS: "peer.example:4801" is not an address such as /ip4/203.0.113.7/tcp/4801.'],
  });
});
