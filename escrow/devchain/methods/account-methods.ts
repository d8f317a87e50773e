import { parseAccountView } from "../encode/account-data.ts";
import { parseAccountFilters } from "../encode/account-filter.ts";
import { encodeAccount, encodeMaybeAccount } from "../encode/encode-account.ts";
import type { Methods } from "../rpc/method.ts";
import {
  parseAddress,
  parseCommitment,
  parseCommitmentConfig,
  parseConfig,
  parseInteger,
  parseList,
} from "../rpc/params.ts";
import { viewAt } from "./slot-view.ts";

/** Addresses in one call: a validator's own limit. */
const ADDRESSES_MAX = 100;
/** The most that an account can hold. */
const ACCOUNT_BYTES_MAX = 10 * 1024 * 1024;

export const ACCOUNT_METHODS: Methods = {
  getAccountInfo: (context, [key, options]) => {
    const address = parseAddress(key, "the account");
    const config = parseConfig(options);
    const view = viewAt(context, parseCommitment(config.commitment));
    return view.withContext(
      encodeMaybeAccount(view.account(address), parseAccountView(config), view.account),
    );
  },

  getMultipleAccounts: (context, [keys, options]) => {
    const addresses = parseList(keys, "the accounts", ADDRESSES_MAX).map((key) =>
      parseAddress(key, "an account"),
    );
    const config = parseConfig(options);
    const view = viewAt(context, parseCommitment(config.commitment));
    const look = parseAccountView(config);
    return view.withContext(
      addresses.map((address) => encodeMaybeAccount(view.account(address), look, view.account)),
    );
  },

  getBalance: (context, [key, options]) => {
    const view = viewAt(context, parseCommitmentConfig(options));
    const account = view.account(parseAddress(key, "the account"));
    return view.withContext(account.exists ? account.lamports : 0);
  },

  getProgramAccounts: (context, [program, options]) => {
    const config = parseConfig(options);
    const view = viewAt(context, parseCommitment(config.commitment));
    const passes = parseAccountFilters(config.filters);
    const look = parseAccountView(config);
    const found = view
      .ownedBy(parseAddress(program, "the program"))
      .filter(passes)
      .map((account) => ({ pubkey: account.address, account: encodeAccount(account, look, view.account) }));
    return config.withContext === true ? view.withContext(found) : found;
  },

  getMinimumBalanceForRentExemption: ({ chain }, [bytes]) =>
    chain.svm.minimumBalanceForRentExemption(
      BigInt(parseInteger(bytes, "the data length", ACCOUNT_BYTES_MAX)),
    ),
};
