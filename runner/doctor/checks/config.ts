import { loadSettings } from "../../config/load-settings.ts";
import { RUNNER_ERRORS, RunnerError } from "../../runner-error.ts";
import { type Check, fail, pass } from "../check.ts";

/** Whether the settings can be read: file and environment. */
export const checkConfig: Check = {
  name: "settings",
  examine: async ({ home, config }) => {
    try {
      const { file, hasFile } = await loadSettings({ home, config, env: process.env });
      return pass(
        hasFile ? `${file} is valid` : `${file} does not exist; what is not set stands as it comes`,
      );
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      return fail(error.message, RUNNER_ERRORS[error.code].hint);
    }
  },
};
