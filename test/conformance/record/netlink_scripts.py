"""Random scripts of AF_NETLINK ops, recorded while they run.

The generator chooses each op while the script runs, so that it can use the ports that the
kernel has given. Nothing here can sleep: every op is non-blocking or has a short timeout.
"""
import json
import os
import platform
import random

from netlink_kernel import BUFFER, TYPES

LENGTHS = [0, 1, 2, 3, 16, 100, 255, 256, 257, 576, 700, 704, 705, 784, 1500, 1728, 1729, 3000,
           3776, 3777, 4096, 8192, 30000, 65536, 100000, 212960, 212961]
BUFFERS = [0, 1, 1000, 1152, 1153, 2304, 4096, 5000, 8192, 10000, 16384, 32768, 65536, 212992, -1]
GROUPS = [0, 0, 0, 1, 2, 3, 4, 6, 5, 1 << 31, 0xffffffff]
WEIGHTS = {'open': 8, 'close': 3, 'bind': 9, 'connect': 3, 'disconnect': 1, 'getsockname': 3,
           'getpeername': 1, 'setsockopt': 14, 'getsockopt': 4, 'send': 5, 'sendto': 22,
           'sendmsg': 6, 'fill': 12, 'recv': 14, 'drain': 7, 'poll': 6, 'stat': 8, 'filter': 4,
           'fionread': 1, 'shutdown': 1, 'listen': 1, 'accept': 1}


class Generator:
    """Chooses the next op for a kernel that has run all before it."""

    def __init__(self, seed, kernel):
        self.random, self.kernel = random.Random(seed), kernel
        self.waits = seed % 10 == 0
        # Each script leaves out some ops and repeats others, to reach states that the average of
        # all ops never builds up.
        self.weights = [weight * self.random.choice([0, 0.3, 1, 1, 4]) + 0.01
                        for weight in WEIGHTS.values()]

    def port(self):
        known = ['PID'] + ['N%d' % (k + 1) for k in range(len(self.kernel.chosen))]
        chance = self.random.random()
        if chance < 0.25:
            return self.random.choice(known)
        return 0 if chance < 0.4 else self.random.randint(7000001, 7000004)

    def length(self):
        chance = self.random.random()
        if chance < 0.6:
            return self.random.choice(LENGTHS)
        return self.random.randint(1, 6000 if chance < 0.95 else 220000)

    def message_flags(self, others):
        flags = [] if self.waits else ['DONTWAIT']
        return flags + [name for name, chance in others if self.random.random() < chance]

    def next(self):
        pick = self.random
        op = pick.choices(list(WEIGHTS), self.weights)[0]
        live = list(self.kernel.sockets)
        free = [name for name in 'abcdef' if name not in live]
        if op == 'open' and not free or not live:
            op = 'open' if not live else 'sendto'
        if op == 'open':
            return self.open(pick.choice(free))
        name = pick.choice(live) if pick.random() < 0.98 else pick.choice('abcdef')
        return {'op': op, 's': name, **getattr(self, 'of_' + op, dict)()}

    def open(self, name):
        op = {'op': 'open', 's': name}
        if self.random.random() < 0.2:
            op['type'] = self.random.choices(list(TYPES), [4, 8, 1, 1])[0]
        if self.random.random() < 0.05:
            op['proto'] = self.random.choice([2, 2, 31, 32])
        if self.random.random() < 0.1:
            op['ns'] = self.random.randint(0, 1)
        return op

    def of_bind(self):
        return {'port': self.port(), 'groups': self.random.choice(GROUPS)}

    of_connect = of_bind

    def of_setsockopt(self):
        opt = self.random.choices(
            ['RCVBUF', 'RCVBUFFORCE', 'SNDBUF', 'SNDBUFFORCE', 'ADD_MEMBERSHIP',
             'DROP_MEMBERSHIP', 'NO_ENOBUFS', 'PKTINFO', 'BROADCAST_ERROR', 'LIST_MEMBERSHIPS',
             'SNDTIMEO_MS', 'RCVTIMEO_MS'],
            [10, 2, 2, 1, 12, 4, 4, 2, 2, 0.3, 1, 1])[0]
        if 'BUF' in opt and opt != 'NO_ENOBUFS':
            val = self.random.choice(BUFFERS)
        elif 'TIMEO' in opt:
            val = self.random.choice([1, 3, 8, 12, -1, -1000])
        elif 'MEMBERSHIP' in opt:
            val = self.random.choice([1, 1, 1, 2, 2, 3, 32, 33, 0, -1])
        else:
            val = self.random.randint(0, 1)
        return {'opt': opt, 'val': val}

    def of_getsockopt(self):
        return {'opt': self.random.choice(
            ['RCVBUF', 'SNDBUF', 'TYPE', 'PROTOCOL', 'DOMAIN', 'PKTINFO', 'BROADCAST_ERROR',
             'NO_ENOBUFS', 'ERROR', 'ERROR', 'LIST_MEMBERSHIPS', 'ADD_MEMBERSHIP'])}

    def of_send(self):
        return {'len': self.length(), 'flags': self.message_flags([('OOB', 0.03)])}

    def of_sendto(self):
        return {'port': self.port(), 'groups': self.random.choice(GROUPS), **self.of_send()}

    def of_sendmsg(self):
        op = {'iov': [self.length() for _ in range(self.random.randint(1, 3))],
              'flags': self.message_flags([('OOB', 0.02), ('PEEK', 0.02)])}
        return {**self.of_bind(), **op} if self.random.random() < 0.7 else op

    def of_fill(self):
        ignore = self.random.choice([[], [], ['ECONNREFUSED'], ['ECONNREFUSED', 'EAGAIN']])
        op = {**self.of_bind(), 'len': self.length(), 'max': self.random.choice([1, 5, 40, 300])}
        return {**op, 'ignore': ignore} if ignore else op

    def of_recv(self):
        size = self.random.choice([BUFFER, BUFFER, 0, 1, 2, 10, 100, 784, 4000])
        return {'size': size,
                'flags': self.message_flags([('PEEK', 0.15), ('TRUNC', 0.15), ('OOB', 0.02)])}

    def of_drain(self):
        return {'size': self.random.choice([BUFFER, BUFFER, 100, 1, 0]),
                'max': self.random.choice([1, 3, 20, 3000])}

    def of_filter(self):
        return {'ret': self.random.choice([0, 1, 2, 50, 300, 1000, 0xffffffff, 0xffffffff])}

    def of_shutdown(self):
        return {'how': self.random.choice(['RD', 'WR', 'RDWR'])}


def record(seed, length, kernel):
    """A script of `length` ops, chosen and run one by one."""
    generator = Generator(seed, kernel)
    ops, results = [], []
    queue = []
    while len(ops) < length:
        op = queue.pop(0) if queue else generator.next()
        ops.append(op)
        results.append(kernel.run(op))
        if op['op'] == 'open' and generator.waits and op['s'] in kernel.sockets:
            queue += [{'op': 'setsockopt', 's': op['s'], 'opt': opt, 'val': 8}
                      for opt in ('SNDTIMEO_MS', 'RCVTIMEO_MS')]
    return {'name': 'own%04d' % seed, 'seed': seed, 'kernel': platform.release(), 'ops': ops,
            'results': results}


def write(case, folder):
    """Writes a case file, an op or a result a line."""
    head = ['"%s": %s' % (key, json.dumps(case[key])) for key in ('name', 'seed', 'kernel')]
    lists = ['"%s": [\n  %s\n ]' % (key, ',\n  '.join(map(json.dumps, case[key])))
             for key in ('ops', 'results')]
    with open(os.path.join(folder, case['name'] + '.json'), 'w') as file:
        file.write('{\n ' + ',\n '.join(head + lists) + '\n}\n')
