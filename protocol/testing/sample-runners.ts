import { sampleRunner } from "./sample-ids.ts";

export const ann = sampleRunner(0);
export const bob = sampleRunner(1);
export const cid = sampleRunner(2);
export const dan = sampleRunner(3);
export const eve = sampleRunner(4);
