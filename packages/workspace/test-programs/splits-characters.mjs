// Writes one character of four bytes, a byte at a time.
const bytes = Buffer.from('🐌', 'utf8');
for (const byte of bytes) {
  await new Promise((resolve) => process.stdout.write(Buffer.from([byte]), resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
