/*
 * The reference pages of docs/, generated from the registry and the loader's schema so that they
 * cannot fall behind. `npm run generated` writes them; a test compares.
 */
import { eras, kernelNames } from '../models/era.ts';
import { costPresets } from '../models/costs.ts';
import { detailFormat, eventNames } from '../models/events.ts';
import type { LeftOut } from './conformance/run.ts';
import type { Recording } from './conformance/words.ts';
import { formatSignature, jsonSchema, type JsonSchema, type Registry } from './load/index.ts';
import { fidelityPage } from './reference-fidelity.ts';
import { code, page, row, table } from './reference-markdown.ts';
import type { Op } from './vocabulary/define.ts';

/** What the files say beside the registry. */
export interface Evidence {
  /** What real kernels were recorded to do. */
  readonly recordings: readonly Recording[];
  /** Which of them do not count, and why not. */
  readonly leftOut: LeftOut;
  /** docs/fidelity.md as it stands, of which a part is generated. */
  readonly fidelity: string;
}

/** Every generated file of the project, by its path, with its text. */
export function generatedFiles(
  registry: Registry,
  { recordings, leftOut, fidelity }: Evidence,
): ReadonlyMap<string, string> {
  return new Map([
    ['docs/functions.md', functionsPage(registry)],
    ['docs/scenario-reference.md', scenarioPage(registry)],
    ['docs/eras.md', erasPage()],
    ['docs/events.md', eventsPage()],
    ['docs/fidelity.md', fidelityPage(fidelity, registry, recordings, leftOut)],
    ['scenarios/schema.json', `${JSON.stringify(jsonSchema(registry), null, 2)}\n`],
  ]);
}

/** docs/functions.md: every word of the step language. */
function functionsPage(registry: Registry): string {
  const rows = [...registry.ops.values()]
    .map((op) => op as Op)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((op) =>
      row([
        code(formatSignature(op)),
        op.mode,
        op.returns === 'int' ? 'int' : '',
        op.about,
        op.source,
      ]),
    );
  return page('Modelled functions', [
    'Words of the step language, most of them kernel functions. `-> name` after a step keeps the',
    'result in `$name` and logs a trace row. Mode `user` marks system calls and what a program',
    'does itself; a run of `kernel` words in a user process is one system call.',
    '',
    table(['step', 'mode', 'returns', 'what it does', 'source'], rows),
    '',
    '## Types of objects',
    '',
    table(
      ['type', 'also', 'what it is', 'source'],
      [...registry.objectTypes.values()].map((type) =>
        row([code(type.name), (type.aliases ?? []).map(code).join(', '), type.about, type.source]),
      ),
    ),
    '',
    '## Built-in programs',
    '',
    table(
      ['program', 'kind', 'what it does'],
      [...registry.programs.values()].map((program) =>
        row([code(program.name), program.kind ?? '', program.about]),
      ),
    ),
  ]);
}

/** docs/scenario-reference.md: every field of a scenario file. */
function scenarioPage(registry: Registry): string {
  return page('Scenario files', [
    'Durations carry a unit: `10us`, `1.5ms`, `60s`, `3jiffies`. `$name` or `${expression}` in a',
    'value stands for a parameter. Any value can be given on the command line:',
    '`--set machine.hz=250`.',
    '',
    table(['field', 'type', 'default', 'meaning'], fields(jsonSchema(registry), '')),
  ]);
}

/** docs/eras.md: what differs between the kernels that a scenario may name. */
function erasPage(): string {
  const names = Object.keys(eras['linux-6.1']).filter((field) => field !== 'name');
  const value = (kernel: (typeof kernelNames)[number], field: string): string =>
    JSON.stringify((eras[kernel] as unknown as Record<string, unknown>)[field])
      .replaceAll('"', '')
      .replaceAll(',', ', ');
  return page('Kernel versions', [
    'What `kernel:` selects. Costs in ns of the presets of `machine.costs.preset` below.',
    '',
    table(
      ['rule', ...kernelNames.map(code)],
      names.map((field) => row([field, ...kernelNames.map((kernel) => value(kernel, field))])),
    ),
    '',
    '## Costs',
    '',
    table(
      ['cost', ...Object.keys(costPresets).map(code)],
      Object.keys(costPresets.ideal).map((cost) =>
        row([cost, ...Object.values(costPresets).map((preset) => String(preset[cost as 'irq']))]),
      ),
    ),
  ]);
}

/** docs/events.md: the events of the trace. */
function eventsPage(): string {
  const rows = eventNames.map((name) =>
    row([
      code(name),
      /[A-Z]/.test(name) || !name.includes('_') ? 'ours, or a short tracepoint name' : 'tracepoint',
      detailFormat(name) === null ? '' : code(detailFormat(name)!(1, 2, 3)),
    ]),
  );
  return page('Trace events', [
    'Names in snake_case are Linux tracepoints. The example shows the form of `detail`.',
    '',
    table(['event', 'kind', 'detail'], rows),
  ]);
}

/** One row a field, depth first; alternatives of a union by what tells them apart. */
function fields(schema: JsonSchema, path: string): string[] {
  const node = schema as Record<string, unknown>;
  const rows: string[] = [];
  for (const [name, inner] of Object.entries((node['properties'] ?? {}) as object)) {
    const at = path === '' ? name : `${path}.${name}`;
    rows.push(fieldRow(at, inner as Record<string, unknown>), ...fields(inner as JsonSchema, at));
  }
  const values = node['additionalProperties'];
  if (typeof values === 'object' && values !== null) {
    rows.push(...fields(values as JsonSchema, `${path}.NAME`));
  }
  const items = node['items'];
  if (typeof items === 'object' && items !== null) {
    rows.push(...fields(items as JsonSchema, `${path}[]`));
  }
  for (const choice of (node['oneOf'] ?? node['anyOf'] ?? []) as Record<string, unknown>[]) {
    rows.push(...fields(choice as JsonSchema, `${path}${discriminator(choice)}`));
  }
  return rows;
}

function discriminator(choice: Record<string, unknown>): string {
  const properties = (choice['properties'] ?? {}) as Record<string, Record<string, unknown>>;
  const fixed = properties['type']?.['const'] ?? properties['kind']?.['const'];
  return typeof fixed === 'string' ? ` (${fixed})` : '';
}

function fieldRow(at: string, inner: Record<string, unknown>): string {
  const fallback = inner['default'];
  return row([
    code(at),
    typeText(inner),
    fallback === undefined ? '' : code(JSON.stringify(fallback)),
    String(inner['description'] ?? ''),
  ]);
}

/** `integer`, `none, full`, `integer or string`. */
function typeText(inner: Record<string, unknown>): string {
  if (inner['const'] !== undefined) return String(inner['const']);
  if (Array.isArray(inner['enum'])) return inner['enum'].map(String).join(', ');
  const choices = (inner['anyOf'] ?? inner['oneOf']) as Record<string, unknown>[] | undefined;
  if (choices !== undefined) return [...new Set(choices.map(typeText))].join(' or ');
  return String(inner['type'] ?? 'any');
}
