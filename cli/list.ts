/*
 * lockstep list: the scenarios of the package, or of a folder, and what each is about.
 */
import { printable, table } from '../scenarios/output/text.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import type { Io } from './io.ts';
import { load } from './scenario.ts';
import { scenarioFiles, type ScenarioFile } from './shipped.ts';
import { styleOf } from './style.ts';

export function list(root: string | undefined, io: Io, color: boolean): ExitCode {
  const { bold } = styleOf(io, color);
  const files = scenarioFiles(root);
  const folders = [...new Set(files.map(({ folder }) => folder))];
  const blocks = folders.map((folder) => {
    const rows = files
      .filter((file) => file.folder === folder)
      .map((file) => [file.name, about(file)]);
    const [title = '', ...lines] = table([{ title: folder }, { title: '' }], rows);
    return [bold(title), ...lines, ''].join('\n');
  });
  io.out(blocks.join('\n'));
  return EXIT.fine;
}

function about({ path }: ScenarioFile): string {
  const result = load(path);
  if (!result.ok) return "(invalid: see 'lockstep check')";
  return printable(result.loaded.scenario.about.trim().replace(/\s+/g, ' '));
}
