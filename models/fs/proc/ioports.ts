/*
 * /proc/ioports, kernel/resource.c: the ranges that every PC has, arch/i386/kernel/setup.c of 2.4
 * and arch/x86/kernel/setup.c later. Devices of a scenario have no ports.
 */
import type { Machine } from '../../machine.ts';
import { hex } from './format.ts';

type Port = readonly [from: number, to: number, name: string];

const IDE: readonly Port[] = [
  [0x1f0, 0x1f7, 'ide0'],
  [0x3f6, 0x3f6, 'ide0'],
];

const old: readonly Port[] = [
  [0x00, 0x1f, 'dma1'],
  [0x20, 0x3f, 'pic1'],
  [0x40, 0x5f, 'timer'],
  [0x60, 0x6f, 'keyboard'],
  [0x80, 0x8f, 'dma page reg'],
  [0xa0, 0xbf, 'pic2'],
  [0xc0, 0xdf, 'dma2'],
  [0xf0, 0xff, 'fpu'],
  ...IDE,
];

const newer: readonly Port[] = [
  [0x00, 0x1f, 'dma1'],
  [0x20, 0x21, 'pic1'],
  [0x40, 0x43, 'timer0'],
  [0x50, 0x53, 'timer1'],
  [0x60, 0x60, 'keyboard'],
  [0x64, 0x64, 'keyboard'],
  [0x80, 0x8f, 'dma page reg'],
  [0xa0, 0xa1, 'pic2'],
  [0xc0, 0xdf, 'dma2'],
  [0xf0, 0xff, 'fpu'],
  ...IDE,
];

export function ioports({ era }: Machine): string {
  return (era.timersInBottomHalf ? old : newer)
    .map(([from, to, name]) => `${hex(from, 4)}-${hex(to, 4)} : ${name}\n`)
    .join('');
}
