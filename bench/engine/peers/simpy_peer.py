"""The workloads of ../workloads.mjs on SimPy (3 or 4)."""
import json
import sys
import time

import simpy

WORD = 0xFFFFFFFF


class Checks:
    order = 0
    sum = 0


def seed_of(pid):
    return (pid * 2654435761 + 12345) & WORD


def next_state(state):
    return (state * 1664525 + 1013904223) & WORD


def delay_of(state):
    return 1 + (state >> 8) % 1000000


def note_event(pid):
    Checks.order = (Checks.order * 31 + pid) & WORD


def note_end(when):
    Checks.sum = (Checks.sum + when) & WORD


def timers(env, processes, turns):
    def timer(pid):
        state = seed_of(pid)
        for _ in range(turns):
            state = next_state(state)
            yield env.timeout(delay_of(state))
            note_event(pid)
        note_end(env.now)

    for pid in range(processes):
        env.process(timer(pid))


def pingpong(env, processes, turns):
    balls = [env.event() for _ in range(processes)]

    def player(pid):
        for _ in range(turns):
            yield balls[pid]
            balls[pid] = env.event()
            note_event(pid)
            balls[1 - pid].succeed()
        note_end(env.now + pid)

    for pid in range(processes):
        env.process(player(pid))
    balls[0].succeed()


def contend(env, processes, turns):
    lock = simpy.Resource(env, 1)

    def contender(pid):
        state = seed_of(pid)
        for _ in range(turns):
            with lock.request() as granted:
                yield granted
                state = next_state(state)
                yield env.timeout(delay_of(state))
                note_event(pid)
        note_end(env.now)

    for pid in range(processes):
        env.process(contender(pid))


def callback(env, processes, turns):
    states = [seed_of(pid) for pid in range(processes)]
    left = [turns] * processes

    def schedule(pid):
        states[pid] = next_state(states[pid])
        env.timeout(delay_of(states[pid]), pid).callbacks.append(fire)

    def fire(event):
        pid = event.value
        note_event(pid)
        left[pid] -= 1
        if left[pid] == 0:
            note_end(env.now)
        else:
            schedule(pid)

    for pid in range(processes):
        schedule(pid)


def main():
    workload, processes, wanted = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    turns = wanted // processes
    env = simpy.Environment()
    prepare = {f.__name__: f for f in (timers, pingpong, contend, callback)}[workload]
    prepare(env, processes, turns)
    begin = time.perf_counter()
    env.run()
    seconds = time.perf_counter() - begin
    print(json.dumps({'events': turns * processes, 'seconds': seconds,
                      'order': Checks.order, 'sum': Checks.sum}))


main()
