import { customType } from "drizzle-orm/sqlite-core";

/** A BLOB column that code sees as bytes. SQLite in a Durable Object takes and gives ArrayBuffers. */
export const bytes = customType<{ data: Uint8Array<ArrayBuffer>; driverData: ArrayBuffer }>({
  dataType: () => "blob",
  toDriver: ({ buffer, byteOffset, byteLength }) => buffer.slice(byteOffset, byteOffset + byteLength),
  fromDriver: (value) => new Uint8Array(value),
});
