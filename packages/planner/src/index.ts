export type { Self } from './self.ts';
export type { Clock, Held, ResultFile, TaskFile, View } from './view.ts';
