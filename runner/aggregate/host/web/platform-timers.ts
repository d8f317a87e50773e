import { currentObject, type RunningObject, runAs } from "../current-object.ts";

export interface PlatformTimers {
  setTimeout: (work: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => NodeJS.Timeout;
  clearTimeout: (timer: NodeJS.Timeout | null | undefined) => void;
}

/**
 * Timers of the Worker's code: an object whose timer runs stays in memory until then. What a timer's work throws is logged.
 */
export function createTimers(logFailure: (error: unknown) => void): PlatformTimers {
  const owners = new Map<NodeJS.Timeout, RunningObject>();
  const forget = (timer: NodeJS.Timeout): void => {
    owners.get(timer)?.leave();
    owners.delete(timer);
  };
  return {
    setTimeout: (work, ms, ...args) => {
      const owner = currentObject();
      const timer = setTimeout(() => {
        try {
          if (owner === null) work(...args);
          else runAs(owner, () => work(...args));
        } catch (error) {
          logFailure(error);
        } finally {
          forget(timer);
        }
      }, ms);
      if (owner !== null) {
        owner.enter();
        owners.set(timer, owner);
      }
      return timer;
    },
    clearTimeout: (timer) => {
      if (timer === null || timer === undefined) return;
      clearTimeout(timer);
      forget(timer);
    },
  };
}
