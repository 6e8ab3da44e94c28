/*
 * The scenario that `lockstep init` writes: small, commented, and with something to see.
 */
export const TEMPLATE = `# A device interrupts every millisecond; two threads count under a mutex.
# 'lockstep run' runs this, 'lockstep schema' describes every field.
name: first-steps
about: Two kernel threads count under a mutex while a device interrupts.
seed: 1 # fixes every random choice
kernel: linux-6.1
machine: { cpus: 2, hz: 250, preemption: none, costs: x86-2024 }
until: 1s # virtual time

params: { rounds: 20 } # $rounds below; --set params.rounds=50 changes it
objects: { lock: mutex }
vars: { counter: 0 } # shared by all actors

actors:
  device:
    kind: irq
    arrivals: { every: 1ms, jitter: 200us }
    steps: [delay 5us]
  worker:
    kind: kthread
    count: 2 # worker-0 and worker-1
    steps:
      - repeat: $rounds
        do: [mutex_lock lock, counter = counter + 1, delay 50us, mutex_unlock lock, msleep 1]

expect: # decides the exit code
  - lock.acquired(lock) == \${2 * rounds}
`;
