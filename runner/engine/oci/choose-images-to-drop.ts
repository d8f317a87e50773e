/** An image that this runner brought here, by the name it gave it or pulled it by. */
export interface KeptImage {
  name: string;
  bytes: number;
  used_ms: number;
}

/** The images to remove, the one used longest ago first, until both limits hold. The one used last always stays. */
export function chooseImagesToDrop(
  images: readonly KeptImage[],
  limits: { images_max: number; bytes_max: number },
): KeptImage[] {
  const oldestFirst = images.toSorted((a, b) => a.used_ms - b.used_ms);
  let bytes = images.reduce((sum, image) => sum + image.bytes, 0);
  const dropped: KeptImage[] = [];
  for (const image of oldestFirst.slice(0, -1)) {
    if (images.length - dropped.length <= limits.images_max && bytes <= limits.bytes_max) break;
    dropped.push(image);
    bytes -= image.bytes;
  }
  return dropped;
}
