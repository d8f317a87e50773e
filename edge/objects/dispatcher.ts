import { DurableObject } from "cloudflare:workers";

export class Dispatcher extends DurableObject<Env> {}
