import { describe, expect, it } from 'vitest';
import { explainRoute, route } from './index.ts';

describe('the explanation of a route', () => {
  it('is one line that names what counted, with signs', () => {
    expect(explainRoute(route('Security audit of API endpoints'))).toBe(
      'no-known-verb (+2), audit (+3), security (+1), api (+0.5)',
    );
    expect(explainRoute(route('Fix a typo'))).toBe('fix (+3), typo (-3)');
  });

  it('says that the task named its model', () => {
    expect(explainRoute(route('Fix a typo', { model: 'opus' }))).toBe('model: opus');
  });

  it('says so when nothing counted', () => {
    expect(explainRoute(route(''))).toBe('nothing in the text counts');
  });
});
