import { readFileSync } from 'node:fs';

// Reads vitest's JSON report and prints the closing line. A file that could not be loaded is a failure, though none of its
// tests ran; under CI a skipped test is one too, since nobody would notice it.

const counts = readReport(process.argv[2]);
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);

function readReport(path) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  );
  const skipped = report.numPendingTests + report.numTodoTests;
  if (skipped > 0) console.log(`\n${skipped} skipped`);
  const inCi = process.env.CI !== undefined && process.env.CI !== '' && process.env.CI !== 'false';
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length + (inCi ? skipped : 0) };
}
