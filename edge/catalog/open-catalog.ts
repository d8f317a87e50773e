/** The one object that holds the network's models. */
export const openCatalog = (env: Env): ReturnType<Env["CATALOG"]["getByName"]> =>
  env.CATALOG.getByName("catalog");
