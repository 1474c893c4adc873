/** Time as the watcher sees it: milliseconds that only ever grow. Wall clocks decide nothing here. */
export interface Clock {
  elapsedMs(): number;
}
