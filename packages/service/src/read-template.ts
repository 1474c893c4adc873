import { readFileSync } from 'node:fs';

/** From this file, built, bundled or not: the templates as the checkout has them. */
const CONFIG = new URL('../../../config/', import.meta.url);

export type TemplateName = 'systemd/errand.service' | 'launchd/dev.errand.worker.plist';

export function readTemplate(name: TemplateName): string {
  return readFileSync(new URL(name, CONFIG), 'utf8');
}
