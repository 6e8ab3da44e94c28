/*
 * What delete_module() does about a module in use: kernel/module.c of 2.4.27, 2.6.24 and 2.6.32,
 * where the call waits unless it was told not to (until 3.13); kernel/module/main.c of 6.1.
 */
import type { KernelName } from './era.ts';

export interface ModuleEra {
  readonly whenUsed: 'EBUSY' | 'waits' | 'EWOULDBLOCK';
}

export const moduleEras: Readonly<Record<KernelName, ModuleEra>> = {
  'linux-2.4.27': { whenUsed: 'EBUSY' },
  'linux-2.6.24': { whenUsed: 'waits' },
  'linux-2.6.32': { whenUsed: 'waits' },
  'linux-6.1': { whenUsed: 'EWOULDBLOCK' },
  'linux-6.12': { whenUsed: 'EWOULDBLOCK' },
};
