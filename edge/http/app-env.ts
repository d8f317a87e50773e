import type { AccountId, RequestId, RunnerId } from "@infernet/schemas/ids";

/** The client account that a request's API key belongs to. */
export interface AuthorizedAccount {
  id: AccountId;
  name: string;
  /** Addresses that answered 410 Gone and get no webhooks until they are enabled again. */
  disabled_webhooks: string[];
}

/**
 * What a handler finds in its context. `account` is set behind `requireAccount`, `runner` behind `requireRunner`;
 * behind `requireAccountOrRunner` exactly one of them is.
 */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    requestId: RequestId;
    account: AuthorizedAccount;
    runner: RunnerId;
  };
}
