/*
 * A place in user memory as a word gets it: a buffer that the scenario declares, or an address.
 */
import type { Code, Context } from '../../models/context.ts';
import type { MmStruct } from '../../models/mm/mm.ts';
import { active_mm } from '../../models/mm/pagefault.ts';
import { region, valueOf } from '../../models/mm/uaccess.ts';
import { UserMemory } from '../../models/mm/user-memory.ts';
import { UserProcess } from '../../models/user/process.ts';
import type { Arg } from './define.ts';

export type Place = UserMemory | number;

export const memory: Arg<Place> = {
  name: 'memory',
  kind: 'object',
  types: ['user_memory', 'shm'],
  orValue: true,
};

/** What a copy without a named buffer uses: a page of the process, as in recorded programs. */
const ownPage = new UserMemory({
  name: 'page',
  address: 0x0f000000,
  pages: ['present'],
  shared: false,
  fill: 0x75,
});

/** The address; a declared buffer is in the address space in use from now on. */
export function placeOf(k: Context, place: Place | undefined, at = 0): number {
  if (typeof place === 'number') return place + at;
  const buffer = place ?? ownPage;
  // Where no process ran so far, recorded programs have the one that started them.
  if (place === undefined && k.current.process === null) k.cpu.lastProcess ??= new UserProcess(0);
  const mm = active_mm(k);
  if (mm !== null) buffer.attach(mm);
  return buffer.addressIn(mm) + at;
}

/** The point before an access; an address alone does not say what others touch as well. */
export function* reachFromUser(k: Context, place: Place | undefined, address: number): Code {
  const object = region(k, address);
  if (typeof place === 'number' && object !== null && k.cpu.explores && !k.silent) {
    k.access([{ object, writes: true }]);
  }
  yield k.step(object, k.machine.costs.access);
}

export function readInt(mm: MmStruct, address: number): number {
  const bytes = new Uint8Array(4);
  mm.load(address, bytes);
  return valueOf(bytes);
}
