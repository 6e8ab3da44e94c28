// Other simulators that take part when this machine has them. Each gets the same command line as
// the JavaScript participants, WORKLOAD PROCESSES EVENTS, and prints the same JSON line.
// `slowness` divides the events, so that a slow peer does not hold up the round.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const succeeds = (file, args) => spawnSync(file, args, { stdio: 'ignore' }).status === 0;

/** Each peer's name and what finds it: a participant, or the reason why it is left out. */
const PEERS = {
  SimPy() {
    if (!succeeds('python3', ['-c', 'import simpy'])) return 'python3 cannot import simpy';
    return { command: ['python3', here('simpy_peer.py')], slowness: 10 };
  },

  SystemC(scratch) {
    const program = join(scratch, 'systemc_peer');
    const compile = ['-O2', '-std=c++17', here('systemc_peer.cpp'), '-o', program, '-lsystemc'];
    if (!succeeds('g++', compile)) return 'g++ cannot compile against libsystemc';
    return { command: ['env', 'SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1', program] };
  },

  simjs() {
    try {
      createRequire(import.meta.url).resolve('simjs');
    } catch {
      return 'the package simjs is not installed';
    }
    return { command: [process.execPath, here('simjs_peer.mjs')], slowness: 4 };
  },
};

export function findPeers(scratch) {
  const peers = [];
  const missing = [];
  for (const [name, find] of Object.entries(PEERS)) {
    const found = find(scratch);
    if (typeof found === 'string') missing.push({ name, reason: found });
    else peers.push({ name, ...found });
  }
  return { peers, missing };
}
