import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import { local_irq_disable, preempt_disable } from '../../../models/cpu/preempt.ts';
import type { KernelName } from '../../../models/era.ts';
import { kthread_create } from '../../../models/kthread.ts';
import { access_in_user_mode, dereference } from '../../../models/mm/fault.ts';
import { MAP_PRIVATE, MAP_SHARED, PROT_READ, type MmStruct } from '../../../models/mm/mm.ts';
import { do_mmap, do_munmap, dup_mm, swap_out } from '../../../models/mm/mmap.ts';
import { AddressSpace, PAGE_SIZE } from '../../../models/mm/page.ts';
import { active_mm } from '../../../models/mm/pagefault.ts';
import * as user from '../../../models/mm/uaccess.ts';
import { wake_up_process } from '../../../models/sched/core.ts';
import type { Task } from '../../../models/sched/task.ts';
import { signals } from '../../../models/signal/signal.ts';
import { syscall } from '../../../models/syscall.ts';
import { set_sigaction } from '../../../models/user/signals.ts';
import { spawnUser, type Program } from '../../../models/user/spawn.ts';
import { Lab, MS, raise_irq } from '../lab.ts';
import { RW, anonymous } from './in-process.ts';

type Options = ConstructorParameters<typeof Lab>[0];

/** Lets a process run for a second of virtual time. */
function process(main: (k: Context, lab: Lab) => Code, options: Options = {}): [Lab, Task] {
  const lab = new Lab(options);
  const program: Program = function* (k) {
    yield* main(k, lab);
    return 0;
  };
  const task = spawnUser(lab.machine, { name: 'prog' }, program);
  wake_up_process(lab.machine.cpus[0]!, task);
  lab.run(1000);
  return [lab, task];
}

/** The same inside one system call. */
function inKernel(main: (k: Context, lab: Lab) => Code, options: Options = {}): [Lab, Task] {
  return process(
    (k, lab) =>
      syscall(k, 'write', function* () {
        yield* main(k, lab);
        return 0;
      }) as unknown as Code,
    options,
  );
}

const findings = ({ machine }: Lab): string[] =>
  machine.findings.all.map(({ kind, text }) => `${kind}: ${text}`);
const kernelLog = ({ machine }: Lab): string[] => machine.console.map(({ text }) => text);

describe('a page on the disk', () => {
  it('lets the process sleep until the interrupt of the disk, others run meanwhile', () => {
    const [lab] = inKernel(
      function* (k, { machine, log }) {
        const mm = active_mm(k)!;
        const at = anonymous(mm, 1);
        yield* user.put_user(k, 42, at);
        swap_out(mm, at);
        const began = machine.sim.now;
        const { value } = yield* user.get_user(k, at);
        log.push(`${value} after ${machine.sim.now - began}, ${mm.maj_flt} from disk`);
      },
      { costs: { page_in: 5 * MS }, record: true },
    );
    expect(lab.log).toEqual(['42 after 5000000, 1 from disk']);
    expect(lab.rows().some((row) => /irq_handler_entry,disk,14/.test(row))).toBe(true);
    expect(lab.rows().some((row) => /page_fault_kernel,0x\w{16},,error_code=0x0/.test(row))).toBe(
      true,
    );
  });

  it('fails at once in atomic context, with a report', () => {
    const [lab] = inKernel(function* (k, { log }) {
      const mm = active_mm(k)!;
      const at = anonymous(mm, 1);
      yield* user.put_user(k, 42, at);
      swap_out(mm, at);
      preempt_disable(k);
      log.push(`left ${yield* user.copy_from_user(k, new Uint8Array(4), at, 4)}`);
      k.cpu.preempt_count--;
    });
    expect(lab.log).toEqual(['left 4']);
    expect(findings(lab)).toEqual([
      'sleep-in-atomic: BUG: sleeping function called from invalid context at lib/usercopy.c:14',
    ]);
  });

  it('is handled with interrupts off, which is reported all the same', () => {
    const [lab] = inKernel(function* (k, { log }) {
      const at = anonymous(active_mm(k)!, 1);
      local_irq_disable(k);
      log.push(`left ${yield* user.copy_to_user(k, at, new Uint8Array(4), 4)}`);
      k.cpu.irqs_disabled = false;
    });
    expect(lab.log).toEqual(['left 0']);
    expect(findings(lab)).toEqual([
      'sleep-in-atomic: BUG: sleeping function called from invalid context at lib/usercopy.c',
    ]);
  });

  it('may be unmapped before it comes: then the access fails', () => {
    const [lab] = inKernel(
      function* (k, { machine, log }) {
        const mm = active_mm(k)!;
        const at = anonymous(mm, 1);
        yield* user.put_user(k, 1, at);
        swap_out(mm, at);
        machine.sim.at(machine.sim.now + MS, { fire: () => void do_munmap(mm, at, PAGE_SIZE) });
        log.push(`left ${yield* user.copy_from_user(k, new Uint8Array(4), at, 4)}`);
      },
      { costs: { page_in: 2 * MS } },
    );
    expect(lab.log).toEqual(['left 4']);
  });
});

describe('a file', () => {
  it('comes from the disk once; private changes stay private, beyond its end is SIGBUS', () => {
    const file = new AddressSpace('data', 'file', 1, Uint8Array.of(1, 2, 3, 4));
    const [lab, task] = process(function* (k, { log }) {
      const mm = active_mm(k)!;
      const map = (flags: number): number =>
        do_mmap(mm, { len: 2 * PAGE_SIZE, prot: RW, flags, file });
      const [own, shared] = [map(MAP_PRIVATE), map(MAP_SHARED)];
      for (const at of [own, shared]) yield* access_in_user_mode(k, at, 4, true);
      mm.store(own, Uint8Array.of(9));
      const [a, b] = [new Uint8Array(4), new Uint8Array(4)];
      mm.load(own, a);
      mm.load(shared, b);
      log.push(`${a} ${b} ${mm.maj_flt}`);
      yield* access_in_user_mode(k, own + PAGE_SIZE, 1, false);
      log.push('not reached');
    });
    expect(lab.log).toEqual(['9,2,3,4 1,2,3,4 1']);
    expect(task.exitCode).toBe(signals.SIGBUS);
  });
});

describe('copy on write', () => {
  it('gives the writer a page of its own and leaves the other side as it was', () => {
    const [lab] = inKernel(function* (k, { log }) {
      const mm = active_mm(k)!;
      const at = anonymous(mm, 1);
      yield* user.put_user(k, 1, at);
      const child = dup_mm(mm);
      yield* user.put_user(k, 2, at);
      const bytes = new Uint8Array(1);
      child.load(at, bytes);
      log.push(`${(yield* user.get_user(k, at)).value} ${bytes[0]}`);
      const page = child.ptes.get(at / PAGE_SIZE)!.page;
      log.push(`${page.users} ${mm.ptes.get(at / PAGE_SIZE)!.page.users}`);
    });
    expect(lab.log).toEqual(['2 1', '1 1']);
  });
});

describe('a bad access', () => {
  it('in user mode ends the program with SIGSEGV and a line of the kernel', () => {
    const [lab, task] = process(function* (k, { log }) {
      yield* access_in_user_mode(k, 0xdead000, 4, true);
      log.push('not reached');
    });
    expect([task.exitCode, lab.log, findings(lab)]).toEqual([signals.SIGSEGV, [], []]);
    expect(kernelLog(lab)).toEqual([`prog[${task.pid}]: segfault at dead000 error 6`]);
  });

  it('in user mode runs the handler, and is tried again after it', () => {
    const [lab, task] = process(function* (k, { log }) {
      const at = do_mmap(active_mm(k)!, { len: 1, prot: PROT_READ, flags: MAP_PRIVATE });
      const handler = function* (on: Context): Code {
        log.push('handler');
        const mm = active_mm(on)!;
        do_munmap(mm, at, 1);
        do_mmap(mm, { addr: at, len: 1, prot: RW, flags: MAP_PRIVATE | 0x10 });
        yield 0;
      };
      set_sigaction(k.current, signals.SIGSEGV, { handler, flags: 0 });
      yield* access_in_user_mode(k, at, 4, true);
      log.push('written');
    });
    expect([lab.log, task.exitCode]).toEqual([['handler', 'written'], 0]);
  });

  it('in user mode ends a program that ignores the signal', () => {
    const [, task] = process(function* (k) {
      set_sigaction(k.current, signals.SIGSEGV, { handler: 'ignore', flags: 0 });
      yield* access_in_user_mode(k, -1, 1, false);
    });
    expect(task.exitCode).toBe(signals.SIGSEGV);
  });

  it.each<[KernelName, number, string]>([
    [
      'linux-2.4.27',
      0xdead000,
      'Unable to handle kernel paging request at virtual address 0dead000',
    ],
    [
      'linux-2.6.24',
      0,
      'BUG: unable to handle kernel NULL pointer dereference at virtual address 00000000',
    ],
    ['linux-2.6.32', 0, 'BUG: unable to handle kernel NULL pointer dereference at (null)'],
    ['linux-2.6.32', 0xdead000, 'BUG: unable to handle kernel paging request at 0dead000'],
    ['linux-6.1', 8, 'BUG: kernel NULL pointer dereference, address: 0000000000000008'],
    ['linux-6.1', -4096, 'BUG: unable to handle page fault for address: fffffffffffff000'],
  ])('by the kernel of %s at %i, without fix-up code, is an oops', (kernel, address, text) => {
    const preemption = kernel === 'linux-2.4.27' ? 'none' : 'full';
    const [lab, task] = inKernel(
      function* (k, { log }) {
        preempt_disable(k);
        yield* dereference(k, address, 4, false);
        log.push('not reached');
      },
      { kernel, preemption },
    );
    expect(findings(lab)).toEqual([`bad-user-access: ${text}`]);
    expect([task.exitCode, lab.log, kernelLog(lab)]).toEqual([signals.SIGKILL, [], [text]]);
  });

  it('by the kernel is none before SMAP, if the page can be had', () => {
    const run = (kernel: KernelName): Lab =>
      inKernel(
        function* (k, { log }) {
          const mm = yield* dereference(k, anonymous(active_mm(k)!, 1), 4, true);
          log.push(`at ${mm.vmas.length}`);
        },
        { kernel },
      )[0];
    expect([run('linux-2.6.32').log, findings(run('linux-2.6.32'))]).toEqual([['at 1'], []]);
    expect(findings(run('linux-6.1'))).toHaveLength(1);
  });

  it('in an interrupt stops the CPU for good', () => {
    const lab = new Lab();
    const irq = lab.irq('card', function* (k) {
      yield* dereference(k, 0xdead000, 4, false);
    });
    lab.start('t', 1, function* (k) {
      yield* raise_irq(k, irq);
      lab.log.push('not reached');
    });
    lab.run(1000);
    expect(lab.log).toEqual([]);
    expect(kernelLog(lab)[1]).toMatch(/^Kernel panic - not syncing: Fatal exception in interrupt/);
  });
});

describe('a kernel thread', () => {
  it('reaches the pages that the process before it left, and takes no page fault there', () => {
    const lab = new Lab();
    let present = 0;
    let absent = 0;
    const thread = kthread_create(
      lab.machine,
      function* (k) {
        const buffer = new Uint8Array(4);
        lab.log.push(`present ${yield* user.copy_from_user(k, buffer, present, 4)} ${buffer}`);
        lab.log.push(`absent ${yield* user.copy_from_user(k, buffer, absent, 4)}`);
        return 0;
      },
      { name: 'thread' },
    );
    const program: Program = (k) =>
      syscall(k, 'write', function* () {
        const mm: MmStruct = active_mm(k)!;
        [present, absent] = [anonymous(mm, 1), anonymous(mm, 1)];
        yield* user.copy_to_user(k, present, Uint8Array.of(1, 2, 3, 4), 4);
        wake_up_process(k.cpu, thread);
        yield 20 * MS;
        return 0;
      });
    const task = spawnUser(lab.machine, { name: 'prog' }, program);
    wake_up_process(lab.machine.cpus[0]!, task);
    lab.run(1000);
    expect(lab.log).toEqual(['present 0 1,2,3,4', 'absent 4']);
  });

  it('has no memory to reach where no process ran', () => {
    const lab = new Lab();
    lab.start('t', 1, function* (k) {
      lab.log.push(`left ${yield* user.copy_from_user(k, new Uint8Array(4), 4096, 4)}`);
    });
    lab.run(100);
    expect(lab.log).toEqual(['left 4']);
  });
});
