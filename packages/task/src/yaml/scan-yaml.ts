import { Composer, type CST, type Document, LineCounter, type ParsedNode, Parser } from 'yaml';

/** Deeper nesting than any file here has; the composer recurses, and a bottomless file would end the process. */
const MAX_DEPTH = 32;
/** A garbled text can make an error of every character. */
const MAX_SYNTAX_FAULTS = 20;

/** Something wrong at an offset of the text, before it has a line and a column. */
export interface Fault {
  offset: number;
  code: string;
  message: string;
  hint?: string;
}

export interface ScannedYaml {
  /** Null where the text has no node at all, or none was built. */
  document: Document.Parsed<ParsedNode, true> | null;
  faults: Fault[];
  lines: LineCounter;
}

/** Text to YAML 1.2 core nodes, with every syntax error, at most one per line. Never throws, whatever the text. */
export function scanYaml(text: string): ScannedYaml {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = findTooDeep(tokens);
  if (deep !== null) {
    const message = `this is nested more than ${MAX_DEPTH} levels deep`;
    return { document: null, faults: [{ offset: deep, code: 'yaml-too-deep', message, hint: 'Flatten it.' }], lines };
  }
  const directive = tokens.find((token) => token.type === 'directive');
  if (directive !== undefined) {
    const message = 'YAML directives (`%…`) are not read here';
    const hint = 'Delete the line that starts with `%`.';
    return { document: null, faults: [{ offset: directive.offset, code: 'yaml-directive', message, hint }], lines };
  }
  const options = { version: '1.2', stringKeys: true, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const;
  let document: Document.Parsed<ParsedNode, true> | null = null;
  const faults: Fault[] = [];
  for (const composed of new Composer<ParsedNode, true>(options).compose(tokens, true, text.length)) {
    if (document === null) {
      document = composed;
      continue;
    }
    faults.push(secondDocument(composed.range[0]));
    break;
  }
  if (document !== null) faults.unshift(...faultsOf(document, lines));
  return { document, faults, lines };
}

/** Offset of the first token beyond the deepest level, without recursion. */
function findTooDeep(tokens: CST.Token[]): number | null {
  const open: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 1 }));
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    const { token, depth } = top;
    if (depth > MAX_DEPTH) return token.offset;
    if (token.type === 'document' && token.value) open.push({ token: token.value, depth });
    if (!('items' in token)) continue;
    for (const item of token.items) {
      if (item.key) open.push({ token: item.key, depth: depth + 1 });
      if (item.value) open.push({ token: item.value, depth: depth + 1 });
    }
  }
  return null;
}

function faultsOf(document: Document.Parsed<ParsedNode, true>, lines: LineCounter): Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<number>();
  for (const error of document.errors.slice(0, MAX_SYNTAX_FAULTS)) {
    const line = lines.linePos(error.pos[0]).line;
    // One slip makes the parser stumble several times: the first report of a line is the one that helps.
    if (seen.has(line)) continue;
    seen.add(line);
    faults.push({ offset: error.pos[0], ...explainSyntax(error.code, error.message) });
  }
  return faults;
}

function secondDocument(offset: number): Fault {
  const message = 'a second YAML document starts here';
  return { offset, code: 'yaml-multi-document', message, hint: 'Keep one document: delete the `---` or `...` before it.' };
}

function explainSyntax(code: string, text: string): Omit<Fault, 'offset'> {
  const message = `this is not valid YAML: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
  switch (code) {
    case 'TAB_AS_INDENT':
      return { code: 'yaml-tab-indent', message: 'this line is indented with a tab', hint: 'Indent with spaces.' };
    case 'BAD_INDENT':
      return { code: 'yaml-indent', message, hint: 'Line the keys up, and close every bracket.' };
    case 'MISSING_CHAR':
      return { code: 'yaml-unclosed', message, hint: 'Close the quote or bracket, or write `key: value`.' };
    case 'BAD_SCALAR_START':
      return { code: 'yaml-quote-needed', message, hint: 'Put the value in quotes.' };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        code: 'yaml-quote-needed',
        message: 'this value holds another `key: value`',
        hint: 'Put the value in quotes if it has a colon in it; else check the indentation.',
      };
    case 'BAD_DQ_ESCAPE':
      return { code: 'yaml-escape', message, hint: "Write the backslash twice, or use 'single quotes'." };
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS':
    case 'MULTIPLE_ANCHORS':
      return { code: 'yaml-alias', message, hint: 'Write the value itself: anchors and aliases are not read.' };
    case 'MULTIPLE_TAGS':
    case 'TAG_RESOLVE_FAILED':
    case 'BAD_COLLECTION_TYPE':
      return { code: 'yaml-tag', message, hint: 'Delete the tag (`!…`).' };
    case 'NON_STRING_KEY':
      return { code: 'yaml-key-not-text', message: 'a key must be plain text', hint: 'Write it as `name: value`.' };
    default:
      return { code: 'yaml-syntax', message, hint: 'Write one `key: value` per line, and quote text with special characters.' };
  }
}
