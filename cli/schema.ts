/*
 * lockstep schema: the JSON Schema of scenario files, for editors.
 */
import { jsonSchema } from '../scenarios/load/index.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import { registry } from '../scenarios/registry.ts';
import type { Io } from './io.ts';

export function schema(io: Io): ExitCode {
  io.out(`${JSON.stringify(jsonSchema(registry), null, 2)}\n`);
  return EXIT.fine;
}
