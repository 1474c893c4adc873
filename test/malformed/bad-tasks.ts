const front = (yaml: string): string => `---\n${yaml}\n---\nDo it.\n`;

/** One thing that is wrong with a task file, and the line where it is reported. */
export interface BadTask {
  code: string;
  id: string;
  text: string | Uint8Array;
  line: number;
}

const bad = (code: string, line: number, text: string | Uint8Array, id = `bad-${code}`): BadTask => ({ code, id, text, line });

/** A task file for every code that can be wrong in one. */
export const BAD_TASKS: readonly BadTask[] = [
  bad('too-large', 1, 'x'.repeat(256 * 1024 + 1)),
  bad('not-utf8', 1, new Uint8Array([0xff, 0xfe, 0x41, 0x00])),
  bad('nul-byte', 2, 'a\nb\0'),
  bad('conflict-markers', 2, 'a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n'),
  bad('front-matter-not-closed', 1, '---\ntitle: a\n'),
  bad('front-matter-not-a-map', 2, front('just text')),
  bad('empty-prompt', 4, '---\nhold: true\n---\n \n'),
  bad('bad-id', 1, 'x', 'Bad Id'),
  bad('reserved-name', 1, 'x', 'con'),
  bad('yaml-syntax', 3, front('title: a\nkey\nhold: true')),
  bad('yaml-tab-indent', 3, front('title:\n\ta')),
  bad('yaml-indent', 3, front('machine: [pi\nhold: true')),
  bad('yaml-unclosed', 3, front('title: "a')),
  bad('yaml-quote-needed', 2, front('title: fix: login')),
  bad('yaml-escape', 2, front('title: "C:\\q"')),
  bad('yaml-directive', 2, front('%YAML 1.1')),
  bad('yaml-alias', 2, front('title: &t a')),
  bad('yaml-tag', 2, front('title: !!str 5')),
  bad('yaml-multi-document', 4, front('title: a\n...\nhold: true')),
  bad('yaml-key-not-text', 2, front('? [a]\n: b')),
  bad('yaml-too-deep', 2, front(`x-a: ${'['.repeat(50)}${']'.repeat(50)}`)),
  bad('duplicate-key', 3, front('title: a\ntitle: b')),
  bad('unknown-key', 2, front('timeot: 3m')),
  bad('unsupported-key', 2, front('group: release')),
  bad('newer-schema', 2, front('schema: 2')),
  bad('bad-schema', 2, front('schema: one')),
  bad('empty-value', 2, front('title:')),
  bad('bad-title', 2, front('title: 42')),
  bad('bad-machine', 2, front('machine: [pi, My Laptop]')),
  bad('empty-list', 2, front('machine: []')),
  bad('bad-needs', 2, front('needs: { docker: true }')),
  bad('bad-agent', 2, front('agent: cluade')),
  bad('bad-model', 2, front('model: a b')),
  bad('bad-priority', 2, front('priority: high')),
  bad('bad-dependency', 2, front('depends_on: [tasks/a.md]')),
  bad('depends-on-itself', 2, front('depends_on: [a, bad-depends-on-itself]')),
  bad('bad-key', 2, front('key: [a]')),
  bad('bad-hold', 2, front('hold: yes')),
  bad('bad-date', 2, front('not_before: tomorrow')),
  bad('bad-duration', 2, front('timeout: 30')),
  bad('duration-too-short', 2, front('timeout: 500ms')),
  bad('duration-too-long', 2, front('timeout: 400d')),
  bad('bad-repo', 2, front('repo: ext::sh -c id')),
  bad('bad-base', 3, front('repo: a\nbase: --upload-pack=x')),
  bad('bad-verify', 2, front('verify: |\n  a\n  b')),
  bad('bad-deliver', 3, front('repo: a\ndeliver: pr')),
  bad('repo-missing', 2, front('base: main')),
  bad('bad-retries', 2, front('retries: -1')),
];
