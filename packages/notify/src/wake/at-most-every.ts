/** Something that is done at once when asked for, and then not again before a while has passed. */
export interface PacedAct {
  ask(): void;
  stop(): void;
}

/** Several askings within `ms` after an act become one act at the end of that time. Its timer keeps no process alive. */
export function atMostEvery(ms: number, act: () => void): PacedAct {
  let timer: NodeJS.Timeout | undefined;
  let asked = false;
  const rest = (): void => {
    timer = undefined;
    if (asked) perform();
  };
  const perform = (): void => {
    asked = false;
    timer = setTimeout(rest, ms).unref();
    act();
  };
  return {
    ask: () => {
      asked = true;
      if (timer === undefined) perform();
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      asked = false;
    },
  };
}
