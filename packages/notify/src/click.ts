const MAX_ADDRESS_BYTES = 800;

/** The web address of a file in the queue; null without a template, or where no usable address comes of it. */
export function clickTo(path: string, template: string | undefined): string | null {
  if (template === undefined) return null;
  const withPath = (text: string): string => template.replaceAll('{path}', () => text);
  const [plain, address] = [withPath('path'), withPath(path.split('/').map(encodeURIComponent).join('/'))];
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address) || !URL.canParse(plain)) return null;
  const { href, origin } = new URL(address);
  // A path comes from the queue, and must not choose the host.
  if (origin !== new URL(plain).origin) return null;
  return Buffer.byteLength(href) > MAX_ADDRESS_BYTES ? null : href;
}
