import { z } from "zod";
import { AccountId } from "./ids.ts";

export const AccountRequest = z
  .strictObject({ name: z.string().min(1).max(128) })
  .meta({ id: "AccountRequest" });
export type AccountRequest = z.infer<typeof AccountRequest>;

/** The API key is shown once, here; only its sha256 is kept. */
export const AccountCreated = z
  .strictObject({
    id: AccountId,
    object: z.literal("account"),
    name: z.string(),
    api_key: z.string(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: "AccountCreated" });
export type AccountCreated = z.infer<typeof AccountCreated>;

/** `infk_`, the account's UUID, and 32 random bytes in unpadded base64url: the key says which account checks it. */
export const ApiKey = z
  .string()
  .regex(/^infk_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$/)
  .brand<"ApiKey">();
export type ApiKey = z.infer<typeof ApiKey>;
