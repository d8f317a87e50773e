import { findIdentity } from "../../identity/identity.ts";
import { RUNNER_ERRORS, RunnerError } from "../../runner-error.ts";
import { type Check, fail, pass } from "../check.ts";

/** Whether the key that this machine goes by is there, whole, and for its owner's eyes alone. */
export const checkIdentity: Check = {
  name: "identity",
  examine: async ({ home }) => {
    try {
      return pass((await findIdentity(home)).id);
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      if (error.code === "identity_missing") return pass("none yet; the first start makes it");
      return fail(error.message, RUNNER_ERRORS[error.code].hint);
    }
  },
};
