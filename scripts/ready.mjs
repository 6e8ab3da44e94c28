/*
 * node scripts/ready.mjs FILE ARGS...: makes the clone ready, then runs a JavaScript file with the
 * arguments. The file runs in this very process, so that its exit code, its signals and its
 * terminal are what they would be without us.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale, fail, install, root } from './bootstrap.mjs';

const [file, ...args] = process.argv.slice(2);
try {
  await install();
  await buildIfStale();
} catch (error) {
  fail(error);
}
const program = path.join(root, file);
process.argv = [process.execPath, program, ...args];
await import(pathToFileURL(program));
