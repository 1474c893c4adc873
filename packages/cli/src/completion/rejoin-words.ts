/** What bash takes for the end of a word, though it stands within an address: `git@host:queue.git` comes as five words. */
const WITHIN = /^[:@]+$/;

/**
 * The words as they were typed, where a shell has parted addresses. The last one is whole then, too: nothing that is offered by
 * name holds one of these characters.
 */
export function rejoinWords(words: readonly string[]): string[] {
  const joined: string[] = [];
  let isOpen = false;
  for (const word of words) {
    const isWithin = WITHIN.test(word);
    // An empty word has a space before it.
    if (joined.length > 0 && word !== '' && (isWithin || isOpen)) joined.push(`${joined.pop()}${word}`);
    else joined.push(word);
    isOpen = isWithin;
  }
  return joined;
}
