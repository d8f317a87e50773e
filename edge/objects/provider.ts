import { DurableObject } from "cloudflare:workers";

export class Provider extends DurableObject<Env> {}
