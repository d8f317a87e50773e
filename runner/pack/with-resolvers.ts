/** ES2024, which Node has from 22 on. Goes into each program of the package before anything that uses it. */
Promise.withResolvers ??= function withResolvers<T>(this: PromiseConstructor): PromiseWithResolvers<T> {
  let resolve: PromiseWithResolvers<T>["resolve"] | undefined;
  let reject: PromiseWithResolvers<T>["reject"] | undefined;
  const promise = new this<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // A promise calls its executor before its constructor returns.
  if (!resolve || !reject) throw new Error("unreachable");
  return { promise, resolve, reject };
};
