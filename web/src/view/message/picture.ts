// The pictures that the API lets a browser show; everything else it gives for saving.

const types = new Set([
  "image/avif",
  "image/bmp",
  "image/gif",
  "image/jpeg",
  "image/png",
  "image/webp",
]);

export function isPicture(contentType: string): boolean {
  return types.has(contentType);
}
