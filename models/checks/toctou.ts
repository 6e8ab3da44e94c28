/*
 * Double fetches (P. Wang et al., USENIX Security 2017): a system call reads the same user memory
 * twice, and a program changes it in between. What was checked is not what is used then.
 */
import { Interest } from '../../engine/index.ts';
import { HOOK } from '../hooks.ts';
import { ACCESS_UNCHANGED, ACCESS_WRITE } from '../instrumented.ts';
import type { Machine } from '../machine.ts';
import type { Detector } from './detectors.ts';
import { siteOn, type Site } from './site.ts';

export const toctou: Detector = {
  hears: new Interest([HOOK.user_fetch, HOOK.access, HOOK.user_store, HOOK.sys_exit]),

  create(machine) {
    const detector = new Toctou(machine);
    return (_time, cpu, _context, pid, _comm, _flags, event, object, _value, a) => {
      switch (event) {
        case HOOK.user_fetch:
          detector.fetch(cpu, pid, object);
          break;
        case HOOK.access:
          if ((a & (ACCESS_WRITE | ACCESS_UNCHANGED)) === ACCESS_WRITE && detector.watches) {
            detector.change(cpu, object, NOBODY);
          }
          break;
        case HOOK.user_store:
          if (detector.watches) detector.change(cpu, object, pid);
          break;
        case HOOK.sys_exit:
          detector.forget(pid);
      }
    };
  },
};

/** No task has this pid. */
const NOBODY = -1;

class Toctou {
  watches = false;
  private readonly machine: Machine;
  /** By task: the places that it has fetched in this system call, and where. */
  private readonly fetched = new Map<number, Map<number, Site>>();
  /** By place: who has changed it since whom it has told. */
  private readonly changed = new Map<
    number,
    { readonly site: Site; readonly stale: Set<number> }
  >();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  fetch(cpu: number, pid: number, place: number): void {
    this.watches = true;
    let mine = this.fetched.get(pid);
    if (mine === undefined) this.fetched.set(pid, (mine = new Map()));
    const before = mine.get(place);
    const here = siteOn(this.machine, cpu);
    mine.set(place, here);
    const change = this.changed.get(place);
    if (before === undefined || change?.stale.delete(pid) !== true) return;
    const name = this.machine.texts.text(place);
    const places = [before, change.site, here].map(({ actor, line }) => ({ actor, line }));
    const text = `double fetch of ${name} in ${here.actor}, changed by ${change.site.actor}`;
    this.machine.findings.report(this.machine.cpus[cpu]!, 'toctou', text, {
      objects: [name],
      actors: [here.actor, change.site.actor],
      places,
    });
  }

  /** What the task `own` itself has written since it fetched it is no surprise to it. */
  change(cpu: number, place: number, own: number): void {
    const stale = new Set<number>();
    for (const [pid, places] of this.fetched) if (pid !== own && places.has(place)) stale.add(pid);
    if (stale.size > 0) this.changed.set(place, { site: siteOn(this.machine, cpu), stale });
  }

  forget(pid: number): void {
    this.fetched.delete(pid);
  }
}
