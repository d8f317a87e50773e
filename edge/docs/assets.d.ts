/** By a rule of wrangler.toml these files are bytes to serve, not code to run. */
declare module "swagger-ui-dist/swagger-ui-bundle.js" {
  const bytes: ArrayBuffer;
  export default bytes;
}
declare module "swagger-ui-dist/swagger-ui.css" {
  const bytes: ArrayBuffer;
  export default bytes;
}
