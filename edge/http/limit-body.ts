import { InfernetError } from "@infernet/schemas/errors";
import { bodyLimit } from "hono/body-limit";

/**
 * Refuses a body over `bytes_max`: by its Content-Length before a byte is read, or else while it streams in. Stands
 * before whatever reads the body.
 */
export const limitBody = (bytes_max: number) =>
  bodyLimit({
    maxSize: bytes_max,
    onError: () => {
      throw new InfernetError("body_too_large", `The body is over ${bytes_max} bytes.`);
    },
  });
