/** What is said of a task file that begins with keys and no `---`; `name` is what it is called. */
export function warnOfForgottenFrontMatter(name: string): string {
  return `${name} begins with what looks like front matter, and all of it is taken for text: put a line --- before the keys and one after them`;
}
