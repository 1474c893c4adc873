/** What stands for `{{name}}`: a text, or lines of their own (none: the line of the placeholder goes away). */
export type Filling = { readonly [name: string]: string | readonly string[] };

/** Puts values into a template. A placeholder that has no value is a mistake in the template, and throws. */
export function fillTemplate(template: string, filling: Filling): string {
  const fillingOf = (name: string): string | readonly string[] => {
    const value = filling[name];
    if (value === undefined) throw new Error(`the template asks for ${name}, which has no value`);
    return value;
  };
  return template
    .split('\n')
    .flatMap((line) => {
      const whole = /^\{\{(\w+)\}\}$/.exec(line)?.[1];
      if (whole !== undefined) return fillingOf(whole);
      return line.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
        const value = fillingOf(name);
        return typeof value === 'string' ? value : value.join(' ');
      });
    })
    .join('\n');
}
