/*
 * The tracepoints that we can fill as Linux does, in the form of 6.1: include/trace/events/sched.h
 * and irq.h, arch/x86/include/asm/trace/irq_vectors.h. Those that would print addresses or other
 * things that a model does not have are in own-tracepoints.ts.
 */
import { eras, type KernelName } from '../../models/index.ts';
import { detailNumber, detailText, type TraceRow } from '../analysis/trace-row.ts';
import type { Tracepoint } from './tracepoint.ts';

/** The state of a task that stays on the run queue: preempted (TASK_REPORT_MAX). */
const PREEMPTED = 0x100;
/** The letters of TASK_REPORT, by their bits. */
const STATES: readonly (readonly [number, string])[] = [
  [0x01, 'S'],
  [0x02, 'D'],
  [0x04, 'T'],
  [0x08, 't'],
  [0x10, 'X'],
  [0x20, 'Z'],
  [0x40, 'P'],
  [0x80, 'I'],
];

/** prev_state, from the letters that the trace has: `R+` is preempted, `DK` is D to the kernel. */
export function stateBits(letters: string): number {
  const bits = STATES.find(([, letter]) => letters.startsWith(letter))?.[0] ?? 0;
  return letters.endsWith('+') ? bits | PREEMPTED : bits;
}

function stateText(state: number): string {
  const letter = STATES.find(([bit]) => (state & bit) !== 0)?.[1] ?? 'R';
  return (state & PREEMPTED) === 0 ? letter : `${letter}+`;
}

const STATE_SYMBOLS = STATES.map(([bit, letter]) => `{ 0x${bit.toString(16)}, "${letter}" }`);

const SCHED_SWITCH: Tracepoint = {
  system: 'sched',
  fields: [
    ['prev_comm', 'comm'],
    ['prev_pid', 'pid'],
    ['prev_prio', 'int'],
    ['prev_state', 'long'],
    ['next_comm', 'comm'],
    ['next_pid', 'pid'],
    ['next_prio', 'int'],
  ],
  print:
    '"prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s%s ==> ' +
    'next_comm=%s next_pid=%d next_prio=%d", REC->prev_comm, REC->prev_pid, REC->prev_prio, ' +
    '(REC->prev_state & 0xff) ? __print_flags(REC->prev_state & 0xff, "|", ' +
    `${STATE_SYMBOLS.join(', ')}) : "R", ` +
    'REC->prev_state & 0x100 ? "+" : "", REC->next_comm, REC->next_pid, REC->next_prio',
  values: ({ comm, pid, object, value, detail }) => [
    comm,
    pid,
    detailNumber(detail, 'prev_prio'),
    stateBits(detailText(detail, 'prev_state')),
    object,
    value,
    detailNumber(detail, 'next_prio'),
  ],
  format: ([comm, pid, prio, state, next, nextPid, nextPrio]) =>
    `prev_comm=${comm} prev_pid=${pid} prev_prio=${prio} prev_state=${stateText(Number(state))} ` +
    `==> next_comm=${next} next_pid=${nextPid} next_prio=${nextPrio}`,
};

const SCHED_WAKEUP: Tracepoint = {
  system: 'sched',
  fields: [
    ['comm', 'comm'],
    ['pid', 'pid'],
    ['prio', 'int'],
    ['target_cpu', 'int'],
  ],
  print:
    '"comm=%s pid=%d prio=%d target_cpu=%03d", REC->comm, REC->pid, REC->prio, REC->target_cpu',
  values: ({ object, value, detail }) => [
    object,
    value,
    detailNumber(detail, 'prio'),
    detailNumber(detail, 'target_cpu'),
  ],
  format: ([comm, pid, prio, cpu]) =>
    `comm=${comm} pid=${pid} prio=${prio} target_cpu=${String(cpu).padStart(3, '0')}`,
};

const IRQ_HANDLER_ENTRY: Tracepoint = {
  system: 'irq',
  fields: [
    ['irq', 'int'],
    ['name', 'text'],
  ],
  print: '"irq=%d name=%s", REC->irq, __get_str(name)',
  values: ({ value, object }) => [value, object],
  format: ([irq, name]) => `irq=${irq} name=${name}`,
};

/** Our handlers always say IRQ_HANDLED. */
const IRQ_HANDLER_EXIT: Tracepoint = {
  system: 'irq',
  fields: [
    ['irq', 'int'],
    ['ret', 'int'],
  ],
  print: '"irq=%d ret=%s", REC->irq, REC->ret ? "handled" : "unhandled"',
  values: ({ value }) => [value, 1],
  format: ([irq, ret]) => `irq=${irq} ret=${ret === 0 ? 'unhandled' : 'handled'}`,
};

const IRQ_VECTOR: Tracepoint = {
  system: 'irq_vectors',
  fields: [['vector', 'int']],
  print: '"vector=%d", REC->vector',
  values: ({ value }) => [value],
  format: ([vector]) => `vector=${vector}`,
};

/** Vectors have other numbers in other kernels. */
function softirq(kernel: KernelName): Tracepoint {
  const names = eras[kernel].softirqs;
  const symbols = names.map((name, vec) => `{ ${vec}, "${name}" }`).join(', ');
  return {
    system: 'irq',
    fields: [['vec', 'uint']],
    print: `"vec=%u [action=%s]", REC->vec, __print_symbolic(REC->vec, ${symbols})`,
    values: ({ value }: TraceRow) => [value],
    format: ([vec]) => `vec=${vec} [action=${names[Number(vec)] ?? `0x${vec}`}]`,
  };
}

export function kernelTracepoints(kernel: KernelName): ReadonlyMap<string, Tracepoint> {
  const both = (name: string): string[] => [`${name}_entry`, `${name}_exit`];
  const vectors = [...both('local_timer'), ...both('reschedule'), ...both('irq_work')];
  const softirqs = ['softirq_raise', ...both('softirq')];
  return new Map([
    ['sched_switch', SCHED_SWITCH],
    ...['sched_waking', 'sched_wakeup', 'sched_wakeup_new'].map((name): [string, Tracepoint] => [
      name,
      SCHED_WAKEUP,
    ]),
    ['irq_handler_entry', IRQ_HANDLER_ENTRY],
    ['irq_handler_exit', IRQ_HANDLER_EXIT],
    ...softirqs.map((name): [string, Tracepoint] => [name, softirq(kernel)]),
    ...vectors.map((name): [string, Tracepoint] => [name, IRQ_VECTOR]),
  ]);
}
