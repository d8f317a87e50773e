/** Lets those who wait before they ask again ask at once when somebody else has had an answer. */
export class EdgeReturn {
  #back = Promise.withResolvers<void>();

  /** The edge answers again. */
  announce(): void {
    this.#back.resolve();
    this.#back = Promise.withResolvers();
  }

  /** Resolves after `ms` milliseconds, when the edge answers again, or when nobody wants to wait any more. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end, { once: true });
      void this.#back.promise.then(end);
      if (signal.aborted) end();
    });
  }
}
