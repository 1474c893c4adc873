/** Text as lines of at most so many characters, all but the first indented by two more. A word that is too long is broken. */
export function wrapText(text: string, columns: number, indent: number): string[] {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let isEmpty = true;
  const next = (): void => {
    lines.push(line);
    line = ' '.repeat(indent + 2);
    isEmpty = true;
  };
  for (const word of text.split(' ').filter((part) => part !== '')) {
    let rest = [...word];
    const fits = (): boolean => [...line].length + (isEmpty ? 0 : 1) + rest.length <= columns;
    if (!fits() && !isEmpty) next();
    while (!fits()) {
      const room = Math.max(1, columns - [...line].length);
      line += rest.slice(0, room).join('');
      rest = rest.slice(room);
      next();
    }
    line += `${isEmpty ? '' : ' '}${rest.join('')}`;
    isEmpty = false;
  }
  if (!isEmpty) lines.push(line);
  return lines;
}

/** `20 s`, `3 min`, `2 h`, `5 d`: how long ago a moment was. */
export function spellAge(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
