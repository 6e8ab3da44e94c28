#!/usr/bin/env python3
"""Records random AF_NETLINK op scripts on the running kernel.

    sudo python3 netlink.py --count 200 --seed 1 --out recorded/

Writes one JSON file a script: {"name", "seed", "kernel", "ops", "results"}, in the format of
the cases beside this folder. Needs Linux and root, because each script gets network namespaces
of its own. The kernel must behave like the one the model is compared with (rules that changed
are listed in models/net/netlink/era.ts), with net.core.rmem_max = wmem_max = 4194304 and
rmem_default = wmem_default = 212992.

The generator chooses each op while the script runs, so that it can use the ports that the
kernel has given. Nothing here can sleep: every op is non-blocking or has a short timeout.
"""
import argparse
import ctypes
import errno
import json
import os
import platform
import random
import select
import socket
import struct
import sys

AF_NETLINK, SOL_SOCKET, SOL_NETLINK, CLONE_NEWNET = 16, 1, 270, 0x40000000
DONTWAIT = 0x40
SOCKET_OPTIONS = {'RCVBUF': 8, 'SNDBUF': 7, 'RCVBUFFORCE': 33, 'SNDBUFFORCE': 32, 'ERROR': 4,
                  'TYPE': 3, 'PROTOCOL': 38, 'DOMAIN': 39}
NETLINK_OPTIONS = {'ADD_MEMBERSHIP': 1, 'DROP_MEMBERSHIP': 2, 'PKTINFO': 3, 'BROADCAST_ERROR': 4,
                   'NO_ENOBUFS': 5, 'LIST_MEMBERSHIPS': 9}
TYPES = {'raw': 3, 'dgram': 2, 'stream': 1, 'seqpacket': 5}
FLAGS = {'DONTWAIT': DONTWAIT, 'PEEK': 2, 'TRUNC': 0x20, 'OOB': 1}
POLL = [('IN', 1), ('PRI', 2), ('OUT', 4), ('ERR', 8), ('HUP', 16), ('NVAL', 32), ('RDNORM', 64),
        ('RDBAND', 128), ('WRNORM', 256), ('WRBAND', 512), ('RDHUP', 0x2000)]
BUFFER = 300000
PATTERN = bytes(range(256)) * 8192

libc = ctypes.CDLL(None, use_errno=True)


def errno_name(number):
    return {95: 'EOPNOTSUPP', 11: 'EAGAIN'}.get(number) or errno.errorcode[number]


def payload(tag, length):
    start = tag & 255
    return (struct.pack('<H', tag) + PATTERN[start + 2:start + length])[:length]


def check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), '')


class Kernel:
    """Runs ops on real sockets."""

    def __init__(self):
        self.sockets, self.namespaces, self.chosen, self.tag = {}, {}, [], 0
        self.buffer = bytearray(BUFFER)

    def enter(self, number):
        if number not in self.namespaces:
            check(libc.unshare(CLONE_NEWNET))
            self.namespaces[number] = os.open('/proc/self/ns/net', os.O_RDONLY)
        check(libc.setns(self.namespaces[number], CLONE_NEWNET))

    def name(self, port):
        if port == os.getpid():
            return 'PID'
        if port < 0x80000000:
            return port
        if port not in self.chosen:
            self.chosen.append(port)
        return 'N%d' % (self.chosen.index(port) + 1)

    def port(self, name):
        if isinstance(name, int):
            return name
        return os.getpid() if name == 'PID' else self.chosen[int(name[1:]) - 1]

    def run(self, op):
        sock = self.sockets.get(op['s'])
        if sock is None and op['op'] != 'open':
            return {'e': 'EBADF'}
        try:
            result = getattr(self, 'do_' + op['op'])(op, sock)
        except OSError as error:
            result = {'e': errno_name(error.errno)}
        if op['s'] in self.sockets:
            self.name(self.sockets[op['s']].getsockname()[0])
        return {'r': 0} if result is None else result

    def do_open(self, op, _):
        self.enter(op.get('ns', 0))
        self.sockets[op['s']] = socket.socket(
            AF_NETLINK, TYPES[op.get('type', 'raw')], op.get('proto', 2))

    def do_close(self, op, sock):
        self.sockets.pop(op['s']).close()

    def do_bind(self, op, sock):
        sock.bind((self.port(op['port']), op.get('groups', 0)))

    def do_connect(self, op, sock):
        sock.connect((self.port(op['port']), op.get('groups', 0)))

    def do_disconnect(self, op, sock):
        check(libc.connect(sock.fileno(), bytes(12), 12))

    def do_getsockname(self, op, sock):
        port, groups = sock.getsockname()
        return {'r': [self.name(port), groups]}

    def do_getpeername(self, op, sock):
        port, groups = sock.getpeername()
        return {'r': [self.name(port), groups]}

    def do_setsockopt(self, op, sock):
        opt, val = op['opt'], op['val']
        if opt.endswith('TIMEO_MS'):
            number = 21 if opt.startswith('SND') else 20
            sock.setsockopt(SOL_SOCKET, number,
                            struct.pack('<qq', val // 1000, val % 1000 * 1000))
        elif opt in SOCKET_OPTIONS:
            sock.setsockopt(SOL_SOCKET, SOCKET_OPTIONS[opt], val)
        else:
            sock.setsockopt(SOL_NETLINK, NETLINK_OPTIONS[opt], val)

    def do_getsockopt(self, op, sock):
        opt = op['opt']
        if opt == 'LIST_MEMBERSHIPS':
            masks = sock.getsockopt(SOL_NETLINK, NETLINK_OPTIONS[opt], 64)
            return {'r': int.from_bytes(masks[:8], 'little')}
        if opt == 'ERROR':
            error = sock.getsockopt(SOL_SOCKET, SOCKET_OPTIONS[opt])
            return {'r': errno_name(error) if error else 0}
        if opt in SOCKET_OPTIONS:
            return {'r': sock.getsockopt(SOL_SOCKET, SOCKET_OPTIONS[opt])}
        return {'r': sock.getsockopt(SOL_NETLINK, NETLINK_OPTIONS[opt])}

    def message(self, length):
        self.tag = (self.tag + 1) & 0xffff
        return payload(self.tag, length)

    def flags(self, op):
        return sum(FLAGS[name] for name in op.get('flags', []))

    def do_send(self, op, sock):
        return {'r': sock.send(self.message(op['len']), self.flags(op))}

    def do_sendto(self, op, sock):
        to = (self.port(op['port']), op.get('groups', 0))
        return {'r': sock.sendto(self.message(op['len']), self.flags(op), to)}

    def do_sendmsg(self, op, sock):
        message, pieces = self.message(sum(op['iov'])), []
        for length in op['iov']:
            pieces.append(message[:length])
            message = message[length:]
        to = [(self.port(op['port']), op.get('groups', 0))] if 'port' in op else []
        return {'r': sock.sendmsg(pieces, [], self.flags(op), *to)}

    def do_fill(self, op, sock):
        to = (self.port(op['port']), op.get('groups', 0))
        ignore, count, ignored, end = op.get('ignore', []), 0, 0, {}
        while count + ignored < op['max'] and not end:
            try:
                sock.sendto(self.message(op['len']), DONTWAIT, to)
                count += 1
            except OSError as error:
                if errno_name(error.errno) in ignore:
                    ignored += 1
                else:
                    end = {'e': errno_name(error.errno)}
        return {'count': count, **({'ignored': ignored} if ignore else {}), **end}

    def receive(self, sock, size, flags):
        view = memoryview(self.buffer)[:size]
        result, ancillary, returned, (port, groups) = sock.recvmsg_into([view], 64, flags)
        placed = bytes(view[:min(result, size)])
        tag = int.from_bytes(placed[:2], 'little') if placed else None
        if len(placed) > 1 and placed != payload(tag, len(placed)):
            raise RuntimeError('the payload differs from what was sent')
        got = {'r': result, 'from': [self.name(port), groups], 'tag': tag}
        if returned & FLAGS['TRUNC']:
            got['mf'] = ['TRUNC']
        for level, kind, data in ancillary:
            if (level, kind) == (SOL_NETLINK, NETLINK_OPTIONS['PKTINFO']):
                got['pktinfo'] = struct.unpack('<I', data)[0]
        return got

    def do_recv(self, op, sock):
        return self.receive(sock, op['size'], self.flags(op))

    def do_drain(self, op, sock):
        runs, got = [], 0
        for _ in range(op['max']):
            try:
                message = self.receive(sock, op['size'], DONTWAIT)
            except OSError as error:
                if error.errno == errno.EAGAIN:
                    return {'got': got, 'runs': runs, 'end': 'EAGAIN'}
                runs.append({'e': errno_name(error.errno)})
                continue
            got += 1
            tag = message['tag']
            run = {'n': 1, 'len': message['r'], 'from': message['from'], 'tags': [tag, tag]}
            if 'mf' in message:
                run['mf'] = message['mf']
            if not (runs and self.extend(runs[-1], run)):
                runs.append(run)
        return {'got': got, 'runs': runs, 'end': 'MAX'}

    @staticmethod
    def extend(last, run):
        alike = all(last.get(key) == run.get(key) for key in ('len', 'from', 'mf'))
        tag = run['tags'][0]
        if not alike or tag is None or last['tags'][1] is None:
            return False
        if tag != (last['tags'][1] + 1) & 0xffff:
            return False
        last['n'] += 1
        last['tags'][1] = tag
        return True

    def do_poll(self, op, sock):
        poll = select.poll()
        poll.register(sock.fileno(), sum(bit for _, bit in POLL if bit not in (8, 16, 32)))
        ready = dict(poll.poll(0)).get(sock.fileno(), 0)
        return {'r': [name for name, bit in POLL if ready & bit]}

    def do_stat(self, op, sock):
        values = struct.unpack('<9I', sock.getsockopt(SOL_SOCKET, 55, 36))
        return dict(zip(('rmem', 'rcvbuf', 'wmem', 'sndbuf'), values), drops=values[8])

    def do_fionread(self, op, sock):
        check(libc.ioctl(sock.fileno(), 0x541B, ctypes.byref(ctypes.c_int())))

    def do_shutdown(self, op, sock):
        sock.shutdown(['RD', 'WR', 'RDWR'].index(op['how']))

    def do_listen(self, op, sock):
        sock.listen(1)

    def do_accept(self, op, sock):
        sock.accept()

    def do_filter(self, op, sock):
        instruction = ctypes.create_string_buffer(struct.pack('<HBBI', 6, 0, 0, op['ret']), 8)
        sock.setsockopt(SOL_SOCKET, 26,
                        struct.pack('<HxxxxxxQ', 1, ctypes.addressof(instruction)))


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

    def port(self):
        known = ['PID'] + ['N%d' % (k + 1) for k in range(len(self.kernel.chosen))]
        chance = self.random.random()
        if chance < 0.25:
            return self.random.choice(known)
        return 0 if chance < 0.4 else self.random.randint(7000001, 7000004)

    def length(self):
        if self.random.random() < 0.6:
            return self.random.choice(LENGTHS)
        return self.random.randint(1, 6000)

    def message_flags(self, others):
        flags = [] if self.waits else ['DONTWAIT']
        return flags + [name for name, chance in others if self.random.random() < chance]

    def next(self):
        pick = self.random
        op = pick.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
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
             'DROP_MEMBERSHIP', 'NO_ENOBUFS', 'PKTINFO', 'BROADCAST_ERROR', 'LIST_MEMBERSHIPS'],
            [10, 2, 2, 1, 12, 4, 4, 2, 2, 0.3])[0]
        if 'BUF' in opt and opt != 'NO_ENOBUFS':
            val = self.random.choice(BUFFERS)
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


def record(seed, length):
    kernel = Kernel()
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
    head = ['"%s": %s' % (key, json.dumps(case[key])) for key in ('name', 'seed', 'kernel')]
    lists = ['"%s": [\n  %s\n ]' % (key, ',\n  '.join(map(json.dumps, case[key])))
             for key in ('ops', 'results')]
    with open(os.path.join(folder, case['name'] + '.json'), 'w') as file:
        file.write('{\n ' + ',\n '.join(head + lists) + '\n}\n')


def why_not():
    """Why scripts cannot be recorded here, or None."""
    if sys.platform != 'linux':
        return 'this is not Linux'
    if os.geteuid() != 0:
        return 'root is needed for network namespaces'
    if libc.unshare(CLONE_NEWNET) != 0:
        return 'the kernel refuses a network namespace: ' + os.strerror(ctypes.get_errno())
    return None


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('--count', type=int, default=200)
    arguments.add_argument('--seed', type=int, default=1, help='of the first script')
    arguments.add_argument('--length', type=int, default=80, help='ops in a script')
    arguments.add_argument('--out', required=True, help='folder for the cases')
    options = arguments.parse_args()
    reason = why_not()
    if reason is not None:
        sys.exit('cannot record: ' + reason)
    os.makedirs(options.out, exist_ok=True)
    for seed in range(options.seed, options.seed + options.count):
        child = os.fork()
        if child == 0:
            write(record(seed, options.length), options.out)
            os._exit(0)
        if os.waitpid(child, 0)[1] != 0:
            sys.exit('script %d failed' % seed)
    print('recorded %d scripts in %s' % (options.count, options.out))


if __name__ == '__main__':
    main()
