/*
 * Memory that is allocated and freed while others may still use it, after mm/slab_common.c and what
 * KASAN knows of each object (mm/kasan). An object stands for the pointer to it: a second
 * allocation replaces the first. It leaves out caches and quarantine: what was freed stays freed
 * until it is allocated again by the same name.
 */
import type { Fingerprint } from '../../engine/index.ts';
import { might_alloc } from '../checks/lockdep/maps.ts';
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { HOOK } from '../hooks.ts';
import { netlinkOf } from '../net/netlink/stack.ts';
import type { gfp_t } from '../net/skb.ts';
import { might_sleep } from '../sched/core.ts';

const ABSENT = 0;
const LIVE = 1;
const FREED = 2;

export class SlabObject {
  readonly name: string;
  readonly size: number;
  /** Timers, works and tasklets that are part of it, by name. */
  readonly contains: readonly string[];
  private state = ABSENT;

  constructor(name: string, size: number, contains: readonly string[]) {
    this.name = name;
    this.size = size;
    this.contains = contains;
  }

  feed(into: Fingerprint): void {
    into.add(this.state);
  }

  /** Comes to life: `cpu` allocates it, or does so before the run begins. */
  allocate(cpu: Cpu): void {
    this.state = LIVE;
    tell(cpu, HOOK.mem_alloc, this);
  }

  free(cpu: Cpu): void {
    if (this.state === ABSENT) return;
    const { machine } = cpu;
    for (const name of this.state === LIVE ? this.contains : []) {
      if (machine.trace.on) machine.tell(cpu, HOOK.debug_check, machine.texts.intern(name));
    }
    this.state = FREED;
    tell(cpu, HOOK.mem_free, this);
  }
}

function tell(cpu: Cpu, hook: number, { name, size }: SlabObject): void {
  const { machine } = cpu;
  if (machine.trace.on) machine.tell(cpu, hook, machine.texts.intern(name), size);
}

/** 1, or 0 where a fault makes it fail. Without an object nobody looks what becomes of it. */
export function* kmalloc(k: Context, gfp: gfp_t, object: SlabObject | null): Code<number> {
  if (gfp === 'GFP_KERNEL') {
    might_alloc(k);
    yield* might_sleep(k, 'kmalloc');
  }
  yield object === null ? k.machine.costs.call : k.step(object, k.machine.costs.call);
  if (netlinkOf(k.machine).memory.fails(0, gfp)) return 0;
  object?.allocate(k.cpu);
  return 1;
}

/** NULL is ignored. */
export function* kfree(k: Context, object: SlabObject): Code {
  yield k.step(object, k.machine.costs.call);
  object.free(k.cpu);
}

/** Reads or writes it. */
export function* deref(k: Context, object: SlabObject): Code {
  yield k.step(object, k.machine.costs.access);
  tell(k.cpu, HOOK.mem_use, object);
}
