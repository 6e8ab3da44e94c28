/*
 * run.json: what a run was made from and what it left, with nothing of the host in it. Whoever has
 * it and scenario.yaml can make the same run again.
 */
import { z } from 'zod';
import type { RunResult } from '../run/result.ts';
import { decodeChoices, encodeChoices } from './choices.ts';

/** The versions of the formats in a run's folder. */
const FORMATS = { run: 1, scenario: 1, trace: 1 } as const;

/** What a run is made from. */
export interface RunIdentity {
  /** The version of Lockstep. */
  readonly version: string;
  readonly scenario: string;
  readonly seed: number | string;
  /** As given on the command line, `path=value`. */
  readonly overrides: readonly string[];
  /** The effective scenario, as YAML. */
  readonly effective: string;
  /** The lines of its steps in the file it was made from. */
  readonly lines: readonly number[];
  /** Of an explored run. */
  readonly schedule?: string;
}

export const MANIFEST = 'run.json';

const file = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  rows: z.int().min(0),
  bytes: z.int().min(0),
});

/** Only the bytes of an input count. */
export const inputDigest = file.omit({ rows: true });

export type InputDigest = z.output<typeof inputDigest>;

/** A file's digest and size; `rows` are lines without a CSV's header. */
export type FileDigest = z.output<typeof file>;

/** The files of a run's folder that a manifest lists, beside the inputs. */
const files = z.strictObject({
  'trace.csv': file,
  'summary.csv': file,
  'findings.csv': file,
  'scenario.yaml': file,
  'console.txt': file,
  'table.csv': file.optional(),
});
export type RunFile = keyof typeof files.shape;
export const RUN_FILES = Object.keys(files.shape) as readonly RunFile[];

const manifest = z.object({
  lockstep: z.string(),
  formats: z.object({ run: z.literal(FORMATS.run) }),
  scenario: z.string(),
  seed: z.union([z.int(), z.string()]),
  overrides: z.array(z.string()),
  ending: z.enum(['until', 'quiescent', 'limit', 'circle', 'bound', 'interrupted']),
  choices: z.string(),
  /** In which lines of the user's file the steps stand, if findings name any. */
  lines: z
    .string()
    .regex(/^\d+( \d+)*$/)
    .optional(),
  /** What decided, if time did not. */
  schedule: z.string().optional(),
  /** What the scenario read, by its path in the scenario's folder and in the run's. */
  inputs: z.record(z.string(), inputDigest),
  files,
});

export type Manifest = z.output<typeof manifest>;

/** The digests of everything in a run's folder. */
export interface Digests {
  readonly inputs: Readonly<Record<string, InputDigest>>;
  readonly files: Readonly<z.output<typeof files>>;
}

/** The text of run.json. */
export function manifestText(identity: RunIdentity, result: RunResult, digests: Digests): string {
  const { version, scenario, seed, overrides, schedule } = identity;
  const lines = linesNamed(identity, result);
  const { ending, limit, timeNs, steps, checks } = result;
  const content = {
    lockstep: version,
    formats: FORMATS,
    scenario,
    seed,
    overrides,
    ending,
    ...(limit === undefined ? {} : { limit }),
    timeNs,
    steps,
    checks,
    ...(lines.length === 0 ? {} : { lines: lines.join(' ') }),
    choices: encodeChoices(result.choices),
    ...(schedule === undefined ? {} : { schedule }),
    inputs: digests.inputs,
    files: digests.files,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** A run without findings says nothing of lines: comments in the file make no other run of it. */
export function linesNamed({ lines }: RunIdentity, { findings }: RunResult): readonly number[] {
  return findings.length === 0 ? [] : lines;
}

/** @throws Error saying what is wrong with the text. */
export function parseManifest(text: string): Manifest {
  const { data, error } = manifest.safeParse(JSON.parse(text));
  if (error === undefined) return data;
  const issue = error.issues[0];
  throw new Error(`${issue?.path.join('.')}: ${issue?.message}`);
}

/** The lines of the steps of a run, where they are told. */
export function linesOf({ lines }: Manifest): number[] | undefined {
  return lines?.split(' ').map(Number);
}

/** The choices of a run. @throws Error if they are damaged. */
export function choicesOf({ choices }: Manifest): number[] {
  return decodeChoices(choices);
}
