export type { Check, CheckContext } from './check.ts';
export { CHECKS } from './checks.ts';
export { type ExamineOptions, examine } from './examine.ts';
export type { Finding, FindingState } from './finding.ts';
export { NOT_LOOKED } from './run-checks.ts';
