"""Runs ops of AF_NETLINK scripts on real sockets of the running kernel.

The ops and their results are those of the cases beside this folder. One Kernel is one run of one
script; it needs a process of its own, because the process enters network namespaces.
"""
import ctypes
import errno
import os
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

libc = ctypes.CDLL(None, use_errno=True) if sys.platform == 'linux' else None


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
