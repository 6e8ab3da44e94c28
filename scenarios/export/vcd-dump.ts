/*
 * The form of a value change dump (IEEE 1364-2005, 18.2): declarations, then times and what changes
 * at them. Variables of type string are GTKWave's own, and its converters'.
 */
import type { ByteSink } from './byte-sink.ts';

/** Identifiers are made of the printable characters of ASCII. */
const FIRST_CHAR = 33;
const CHARS = 94;

export interface Variable {
  readonly id: string;
  /** As the dump has it; null before the first time. */
  written: string | null;
  now: string;
}

export class VcdDump {
  private readonly sink: ByteSink;
  private readonly variables: Variable[] = [];
  private readonly changed = new Set<Variable>();
  /** Of the scope that is open. */
  private readonly names = new Set<string>();
  private timeNs = -1;

  constructor(sink: ByteSink) {
    this.sink = sink;
    sink.text('$version lockstep $end\n$timescale 1ns $end\n');
  }

  /** Declares what `inside` declares in a scope. */
  scope<T>(name: string, inside: () => T): T {
    this.sink.text(`$scope module ${name} $end\n`);
    this.names.clear();
    const result = inside();
    this.sink.text('$upscope $end\n');
    return result;
  }

  text(name: string): Variable {
    return this.declare('string 1', name, textValue(''));
  }

  number(name: string, bits: number): Variable {
    const type = bits === 32 ? 'integer' : 'wire';
    return this.declare(`${type} ${bits}`, name, numberValue(0));
  }

  private declare(type: string, name: string, now: string): Variable {
    const plain = identifier(name);
    let unique = plain;
    for (let n = 2; this.names.has(unique); n++) unique = `${plain}_${n}`;
    this.names.add(unique);
    const variable = { id: identifierCode(this.variables.length), written: null, now };
    this.variables.push(variable);
    this.changed.add(variable);
    this.sink.text(`$var ${type} ${variable.id} ${unique} $end\n`);
    return variable;
  }

  /** After the last declaration. */
  begin(): void {
    this.sink.text('$enddefinitions $end\n');
    this.timeNs = 0;
  }

  /** Time goes on: what has changed until now is written. */
  moveTo(timeNs: number): void {
    if (timeNs === this.timeNs) return;
    this.write();
    this.timeNs = timeNs;
  }

  setText(variable: Variable, text: string): void {
    this.set(variable, textValue(text));
  }

  setNumber(variable: Variable, value: number): void {
    this.set(variable, numberValue(value));
  }

  end(timeNs: number): void {
    this.write();
    if (timeNs > this.timeNs) this.sink.text(`#${timeNs}\n`);
  }

  private set(variable: Variable, value: string): void {
    if (variable.now === value) return;
    variable.now = value;
    this.changed.add(variable);
  }

  private write(): void {
    let lines = '';
    for (const variable of this.changed) {
      if (variable.now !== variable.written) lines += `${variable.now} ${variable.id}\n`;
      variable.written = variable.now;
    }
    this.changed.clear();
    if (lines !== '') this.sink.text(`#${this.timeNs}\n${lines}`);
  }
}

export function identifier(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_');
}

function identifierCode(number: number): string {
  let code = '';
  for (let rest = number; ; rest = Math.floor(rest / CHARS) - 1) {
    code += String.fromCharCode(FIRST_CHAR + (rest % CHARS));
    if (rest < CHARS) return code;
  }
}

/** White space ends a value; none would be no value. */
function textValue(text: string): string {
  return `s${text.replace(/\s/g, '_') || '-'}`;
}

function numberValue(value: number): string {
  return `b${value.toString(2)}`;
}
