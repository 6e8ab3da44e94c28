/*
 * The members of an object of a workload, each taken once and checked; what is left over is told.
 */
import { inside, type Issues, type Place } from './issues.ts';
import type { Json, JsonObject, Member } from './json.ts';

export class Members {
  readonly place: Place;
  private readonly object: JsonObject;
  private readonly issues: Issues;
  private readonly taken = new Set<Member>();

  constructor(object: JsonObject, place: Place, issues: Issues) {
    this.object = object;
    this.place = place;
    this.issues = issues;
  }

  /** Members under a key as it is written; a key that stands twice is an error. */
  take(key: string): Member | undefined {
    const [first, second] = this.object.members.filter(({ written }) => written === key);
    if (first === undefined) return undefined;
    this.taken.add(first);
    if (second !== undefined) {
      this.taken.add(second);
      const place = { at: second.keyAt, path: inside(this.place.path, second.written) };
      this.issues.error(place, `'${key}' stands twice`);
    }
    return first;
  }

  /** All that have not been taken; they are now. */
  rest(): Member[] {
    const left = this.object.members.filter((member) => !this.taken.has(member));
    for (const member of left) this.taken.add(member);
    return left;
  }

  at({ key, keyAt }: Member): Place {
    return { at: keyAt, path: inside(this.place.path, key) };
  }

  integer(key: string): number | undefined {
    const member = this.take(key);
    return member && integerOf(member.value, this.at(member), this.issues);
  }

  boolean(key: string): boolean | undefined {
    const member = this.take(key);
    if (member === undefined) return undefined;
    const value = scalarOf(member.value);
    if (typeof value === 'boolean') return value;
    this.issues.error(this.at(member), `expected true or false, got ${shown(member.value)}`);
    return undefined;
  }

  string(key: string): string | undefined {
    const member = this.take(key);
    return member && stringOf(member.value, this.at(member), this.issues);
  }

  integers(key: string): number[] | undefined {
    const member = this.take(key);
    if (member === undefined) return undefined;
    const place = this.at(member);
    if (member.value.kind !== 'array') {
      this.issues.error(place, `expected a list of numbers, got ${shown(member.value)}`);
      return undefined;
    }
    return member.value.items.flatMap((item) => integerOf(item, place, this.issues) ?? []);
  }

  objectAt(key: string): { readonly object: JsonObject; readonly place: Place } | undefined {
    const member = this.take(key);
    return member && objectOf(member.value, this.at(member), this.issues);
  }
}

export function integerOf(value: Json, place: Place, issues: Issues): number | undefined {
  const number = scalarOf(value);
  if (typeof number === 'number' && Number.isInteger(number) && Math.abs(number) < 2 ** 31) {
    return number;
  }
  issues.error(place, `expected a whole number below 2^31, got ${shown(value)}`);
  return undefined;
}

export function stringOf(value: Json, place: Place, issues: Issues): string | undefined {
  const text = scalarOf(value);
  if (typeof text === 'string') return text;
  issues.error(place, `expected a text, got ${shown(value)}`);
  return undefined;
}

export function objectOf(
  value: Json,
  place: Place,
  issues: Issues,
): { readonly object: JsonObject; readonly place: Place } | undefined {
  if (value.kind === 'object') return { object: value, place };
  issues.error(place, `expected an object, got ${shown(value)}`);
  return undefined;
}

function scalarOf(value: Json): string | number | boolean | null | undefined {
  return value.kind === 'scalar' ? value.value : undefined;
}

function shown(value: Json): string {
  if (value.kind !== 'scalar') return value.kind === 'array' ? 'a list' : 'an object';
  return value.value === undefined ? 'nothing' : JSON.stringify(value.value);
}
