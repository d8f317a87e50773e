import { customType } from "drizzle-orm/sqlite-core";

/** A BLOB column that code sees as bytes. SQLite in a Durable Object takes and gives ArrayBuffers. */
export const bytes = customType<{ data: Uint8Array<ArrayBuffer>; driverData: ArrayBuffer }>({
  dataType: () => "blob",
  toDriver: (value) => (value.byteLength === value.buffer.byteLength ? value.buffer : value.slice().buffer),
  fromDriver: (value) => new Uint8Array(value),
});
