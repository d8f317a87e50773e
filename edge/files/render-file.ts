import type { FileObject, StoredFile } from "@infernet/schemas/file";

export const renderFile = ({
  id,
  bytes,
  filename,
  purpose,
  created_ms,
  expires_ms,
}: StoredFile): FileObject => ({
  id,
  object: "file",
  bytes,
  created_at: Math.floor(created_ms / 1_000),
  expires_at: Math.floor(expires_ms / 1_000),
  filename,
  purpose,
  status: "processed",
});
