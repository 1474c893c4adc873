import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Compose {
  services: { [name: string]: Service };
  volumes: { [name: string]: unknown };
}

interface Service {
  image: string;
  ports: string[];
  environment: { [key: string]: unknown };
  volumes: string[];
  healthcheck?: object;
}

const FILE: Compose = parse(readFileSync(new URL('../../../config/ntfy/compose.yaml', import.meta.url), 'utf8'));
const PAGE = readFileSync(new URL('../../../docs/notifications.md', import.meta.url), 'utf8');
const { ntfy } = FILE.services;
if (!ntfy) throw new Error('there is no service ntfy');

test('the ntfy server lets nobody in who was not given access, and nobody gives it to themselves', () => {
  expect(ntfy.environment).toMatchObject({
    NTFY_AUTH_FILE: expect.stringMatching(/^\//),
    NTFY_AUTH_DEFAULT_ACCESS: 'deny-all',
    NTFY_ENABLE_SIGNUP: 'false',
    NTFY_ENABLE_RESERVATIONS: 'false',
  });
  // Users, access and tokens are given on the server alone.
  const auth = Object.keys(ntfy.environment).filter((key) => key.startsWith('NTFY_AUTH_'));
  expect(auth.sort()).toEqual(['NTFY_AUTH_DEFAULT_ACCESS', 'NTFY_AUTH_FILE']);
});

test('every setting is a text, as compose demands: a bare true is none', () => {
  for (const [key, value] of Object.entries(ntfy.environment)) expect(typeof value, key).toBe('string');
  expect(ntfy.image).toMatch(/^binwiederhier\/ntfy:v\d+\.\d+\.\d+$/);
});

test('it listens where the page points the reverse proxy, and nowhere else', () => {
  const proxied = /reverse_proxy (\S+)/.exec(PAGE)?.[1];
  expect(proxied).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(ntfy.ports).toEqual([`${proxied}:80`]);
  expect(PAGE).toContain(`listens on ${proxied} alone`);
  // The proxy tells visitors apart by a header that the page asks it to pass on.
  expect(ntfy.environment.NTFY_BEHIND_PROXY).toBe('true');
  expect(PAGE).toContain('X-Forwarded-For');
});

test('what it must not forget is in a volume that compose keeps', () => {
  const [volume, place] = ntfy.volumes[0]?.split(':') ?? [];
  expect(Object.keys(FILE.volumes)).toEqual([volume]);
  for (const key of ['NTFY_AUTH_FILE', 'NTFY_CACHE_FILE']) {
    expect(String(ntfy.environment[key]).startsWith(`${place}/`), key).toBe(true);
  }
});

test('the commands of the page fit it: the name of the service, the health that --wait waits for, and the settings that it names', () => {
  const services = [...PAGE.matchAll(/docker compose exec (\S+) ntfy /g)].map(([, name]) => name);
  expect(new Set(services)).toEqual(new Set(['ntfy']));
  expect(PAGE).toContain('docker compose up -d --wait');
  expect(ntfy.healthcheck).toMatchObject({ test: expect.arrayContaining([expect.stringContaining('/v1/health')]) });
  expect(PAGE).toContain('NTFY_BASE_URL');
  expect(ntfy.environment.NTFY_BASE_URL).toMatch(/^https:\/\//);
});
