import { z } from "zod";
import { LIMITS } from "./limits.ts";

const words = z.string().trim().min(1).max(LIMITS.ban_reason_chars_max);

/** `POST /providers/{id}/ban`: the operator keeps a provider out. */
export const BanRequest = z
  .strictObject({
    /** Why, for everybody to read. */
    detail: words,
    /** Without it, for good. */
    until: z.iso.datetime({ offset: true }).optional(),
  })
  .meta({ id: "BanRequest" });
export type BanRequest = z.infer<typeof BanRequest>;

/** `DELETE /providers/{id}/ban`: the operator lets a provider in again, and acquits it. */
export const BanLift = z.strictObject({ detail: words }).meta({ id: "BanLift" });
export type BanLift = z.infer<typeof BanLift>;

/** `POST /runner/appeal`: what a banned provider says to its ban. */
export const AppealRequest = z.strictObject({ detail: words }).meta({ id: "AppealRequest" });
export type AppealRequest = z.infer<typeof AppealRequest>;
