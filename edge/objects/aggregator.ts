import { DurableObject } from "cloudflare:workers";

export class Aggregator extends DurableObject<Env> {}
