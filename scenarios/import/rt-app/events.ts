/*
 * The events of a phase: rt-app takes every key for one that begins with the name of an event
 * (src/rt-app_parse_config.c: obj_is_event, parse_task_event_data).
 */
import type { Issues, Place } from './issues.ts';
import type { Json, Member } from './json.ts';
import { Members, integerOf, objectOf, stringOf } from './members.ts';

export type Event = Place &
  (
    | { readonly kind: 'run' | 'runtime' | 'sleep'; readonly us: number }
    | { readonly kind: 'mem' | 'iorun'; readonly bytes: number }
    | {
        readonly kind: 'timer';
        readonly ref: string;
        readonly us: number;
        readonly absolute: boolean;
      }
    | { readonly kind: 'lock' | 'unlock'; readonly ref: string }
    | { readonly kind: 'signal' | 'broad'; readonly ref: string }
    | { readonly kind: 'wait' | 'sync'; readonly ref: string; readonly mutex: string }
    | { readonly kind: 'suspend' | 'resume'; readonly ref: string }
    | { readonly kind: 'barrier'; readonly ref: string }
    | { readonly kind: 'fork'; readonly ref: string }
    | { readonly kind: 'yield' }
  );

export type EventKind = Event['kind'];

/** A name that begins another stands behind it. */
const KINDS: readonly EventKind[] = [
  'runtime',
  'run',
  'sleep',
  'mem',
  'iorun',
  'lock',
  'unlock',
  'wait',
  'signal',
  'broad',
  'sync',
  'timer',
  'suspend',
  'resume',
  'yield',
  'barrier',
  'fork',
];

/** The kind of event that a key stands for, if it does. */
export function eventKind(key: string): EventKind | undefined {
  return KINDS.find((kind) => key.startsWith(kind));
}

/** @param task the name of the task, which `suspend` without a name means */
export function readEvent(
  member: Member,
  kind: EventKind,
  place: Place,
  task: string,
  issues: Issues,
): Event | undefined {
  const { value } = member;
  switch (kind) {
    case 'run':
    case 'runtime':
    case 'sleep': {
      const us = time(value, place, issues);
      return us === undefined ? undefined : { ...place, kind, us };
    }
    case 'mem':
    case 'iorun': {
      const bytes = time(value, place, issues);
      return bytes === undefined ? undefined : { ...place, kind, bytes };
    }
    case 'timer':
      return readTimer(value, place, issues);
    case 'wait':
    case 'sync':
      return readWait(kind, value, place, issues);
    case 'yield':
      return { ...place, kind };
    default: {
      const ref = reference(kind, value, place, task, issues);
      return ref === undefined ? undefined : { ...place, kind, ref };
    }
  }
}

/** What comes with events counts from 0. */
function time(value: Json, place: Place, issues: Issues): number | undefined {
  const number = integerOf(value, place, issues);
  if (number === undefined || number >= 0) return number;
  issues.error(place, `expected a number from 0, got ${number}`);
  return undefined;
}

function reference(
  kind: EventKind,
  value: Json,
  place: Place,
  task: string,
  issues: Issues,
): string | undefined {
  const empty = value.kind === 'scalar' && (value.value === undefined || value.value === '');
  if (kind === 'suspend' && empty) return task;
  const ref = stringOf(value, place, issues);
  if (ref !== '') return ref;
  issues.error(place, 'expected a name, got ""');
  return undefined;
}

function readTimer(value: Json, place: Place, issues: Issues): Event | undefined {
  const found = objectOf(value, place, issues);
  if (found === undefined) return undefined;
  const members = new Members(found.object, place, issues);
  const ref = members.string('ref') ?? 'unknown';
  const us = members.integer('period') ?? 0;
  const mode = members.string('mode') ?? 'relative';
  if (us < 0) issues.error(place, `expected a period from 0, got ${us}`);
  if (mode !== 'relative' && mode !== 'absolute') {
    issues.error(place, `expected the mode relative or absolute, got '${mode}'`);
  }
  warnOfRest(members, issues);
  return { ...place, kind: 'timer', ref, us, absolute: mode === 'absolute' };
}

function readWait(
  kind: 'wait' | 'sync',
  value: Json,
  place: Place,
  issues: Issues,
): Event | undefined {
  const found = objectOf(value, place, issues);
  if (found === undefined) return undefined;
  const members = new Members(found.object, place, issues);
  const ref = members.string('ref') ?? 'unknown';
  const mutex = members.string('mutex') ?? 'unknown';
  warnOfRest(members, issues);
  return { ...place, kind, ref, mutex };
}

export function warnOfRest(members: Members, issues: Issues): void {
  for (const member of members.rest()) {
    issues.warn(members.at(member), 'unknown to rt-app, left out');
  }
}
