#!/usr/bin/env python3
"""Records what a real kernel does with pipes, System V IPC, POSIX semaphores and UNIX sockets.

Usage: record.py CASES.json > RECORDED.json. See README.md for the notation. Actors are threads of
one process, so that they share descriptors; a step is given to its actor when all earlier steps
have ended or block.
"""
import array
import ctypes
import errno
import fcntl
import json
import os
import platform
import queue
import select
import socket
import sys
import termios
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
SETTLE = 0.06
# These never block, but take their time.
LENGTHY = {'fill', 'child_semop', 'child_write'}
IPC_RMID, IPC_SET, IPC_STAT = 0, 1, 2
GETVAL, GETNCNT, GETZCNT, SETVAL = 12, 14, 15, 16
FLAGS = {
    'IPC_NOWAIT': 0o4000, 'SEM_UNDO': 0x1000, 'MSG_NOERROR': 0o10000, 'MSG_EXCEPT': 0o20000,
    'MSG_DONTWAIT': 0x40, 'MSG_PEEK': 2, 'MSG_TRUNC': 0x20, 'MSG_WAITALL': 0x100,
}


def flags(text):
    return sum(FLAGS[name] for name in text.split('|')) if text else 0


class SemBuf(ctypes.Structure):
    _fields_ = [('num', ctypes.c_ushort), ('op', ctypes.c_short), ('flg', ctypes.c_short)]


class TimeSpec(ctypes.Structure):
    _fields_ = [('sec', ctypes.c_long), ('nsec', ctypes.c_long)]


def call(function, *args):
    result = function(*args)
    return -ctypes.get_errno() if result == -1 else result


def sembufs(ops):
    return (SemBuf * len(ops))(*[SemBuf(n, op, flags(f)) for n, op, f in ops])


class MsqidDs(ctypes.Structure):
    _fields_ = [('perm', ctypes.c_byte * 48), ('times', ctypes.c_ulong * 3),
                ('cbytes', ctypes.c_ulong), ('qnum', ctypes.c_ulong), ('qbytes', ctypes.c_ulong),
                ('rest', ctypes.c_byte * 64)]


class Calls:
    """The words of the notation; an OSError becomes a negative number."""

    def __init__(self):
        self.names = {}

    def fd(self, name):
        thing = self.names[name]
        return thing if isinstance(thing, int) else thing.fileno()

    def pipe(self, r, w):
        self.names[r], self.names[w] = os.pipe()
        return 0

    def nonblock(self, fd, on):
        os.set_blocking(self.fd(fd), not on)
        return 0

    def read(self, fd, n):
        return len(os.read(self.fd(fd), n))

    def write(self, fd, n):
        return os.write(self.fd(fd), b'x' * n)

    def fill(self, fd, n):
        """Writes n bytes at a time, without blocking, until there is no room: calls, bytes."""
        os.set_blocking(self.fd(fd), False)
        calls = total = 0
        try:
            while True:
                total += os.write(self.fd(fd), b'x' * n)
                calls += 1
        except BlockingIOError:
            pass
        os.set_blocking(self.fd(fd), True)
        return [calls, total]

    def close(self, fd):
        thing = self.names[fd]
        if isinstance(thing, int):
            os.close(thing)
        else:
            thing.close()
        return 0

    def poll(self, fd):
        p = select.poll()
        p.register(self.fd(fd), select.POLLIN | select.POLLOUT)
        found = p.poll(0)
        return found[0][1] if found else 0

    def fionread(self, fd):
        buffer = array.array('i', [0])
        fcntl.ioctl(self.fd(fd), termios.FIONREAD, buffer)
        return buffer[0]

    def socketpair(self, a, b, kind):
        self.names[a], self.names[b] = socket.socketpair(socket.AF_UNIX, getattr(socket, kind))
        return 0

    def socket(self, name, kind):
        self.names[name] = socket.socket(socket.AF_UNIX, getattr(socket, kind))
        return 0

    def address(self, name):
        return f'\0lockstep-{os.getpid()}-{id(self)}-{name}'

    def bind(self, s, name):
        self.names[s].bind(self.address(name))
        return 0

    def listen(self, s, backlog):
        self.names[s].listen(backlog)
        return 0

    def connect(self, s, name):
        self.names[s].connect(self.address(name))
        return 0

    def accept(self, s, made):
        self.names[made], _ = self.names[s].accept()
        return 0

    def send(self, s, n, how=''):
        return self.names[s].send(b'x' * n, flags(how))

    def sendto(self, s, n, name, how=''):
        return self.names[s].sendto(b'x' * n, flags(how), self.address(name))

    def recv(self, s, n, how=''):
        buffer = bytearray(max(n, 1))
        return self.names[s].recv_into(buffer, n, flags(how)) if n else 0

    def shutdown(self, s, how):
        self.names[s].shutdown(how)
        return 0

    def setsockopt(self, s, name, value):
        self.names[s].setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
        return 0

    def getsockopt(self, s, name):
        return self.names[s].getsockopt(socket.SOL_SOCKET, getattr(socket, name))

    def msgget(self, name):
        self.names[name] = call(libc.msgget, 0, 0o1600)
        return 0

    def msgsnd(self, q, kind, size, how=''):
        buffer = ctypes.create_string_buffer(8 + max(size, 0))
        ctypes.c_long.from_buffer(buffer).value = kind
        return call(libc.msgsnd, self.names[q], buffer, ctypes.c_long(size), flags(how))

    def msgrcv(self, q, size, kind, how=''):
        """Length and type of the message."""
        buffer = ctypes.create_string_buffer(8 + max(size, 0))
        got = call(libc.msgrcv, self.names[q], buffer, ctypes.c_long(size), ctypes.c_long(kind),
                   flags(how))
        return got if got < 0 else [got, ctypes.c_long.from_buffer(buffer).value]

    def msgstat(self, q):
        ds = MsqidDs()
        error = call(libc.msgctl, self.names[q], IPC_STAT, ctypes.byref(ds))
        return error if error < 0 else [ds.qnum, ds.cbytes, ds.qbytes]

    def msgqbytes(self, q, n):
        ds = MsqidDs()
        call(libc.msgctl, self.names[q], IPC_STAT, ctypes.byref(ds))
        ds.qbytes = n
        return call(libc.msgctl, self.names[q], IPC_SET, ctypes.byref(ds))

    def msgrm(self, q):
        return call(libc.msgctl, self.names[q], IPC_RMID, None)

    def semget(self, name, values):
        self.names[name] = call(libc.semget, 0, len(values), 0o1600)
        for i, value in enumerate(values):
            call(libc.semctl, self.names[name], i, SETVAL, value)
        return 0

    def semop(self, s, ops):
        return call(libc.semop, self.names[s], sembufs(ops), len(ops))

    def semtimedop(self, s, ops, ms):
        timeout = TimeSpec(ms // 1000, ms % 1000 * 1000000)
        return call(libc.semtimedop, self.names[s], sembufs(ops), len(ops), ctypes.byref(timeout))

    def semval(self, s, i):
        return call(libc.semctl, self.names[s], i, GETVAL, 0)

    def semncnt(self, s, i):
        return call(libc.semctl, self.names[s], i, GETNCNT, 0)

    def semzcnt(self, s, i):
        return call(libc.semctl, self.names[s], i, GETZCNT, 0)

    def semset(self, s, i, value):
        return call(libc.semctl, self.names[s], i, SETVAL, value)

    def semrm(self, s):
        return call(libc.semctl, self.names[s], 0, IPC_RMID, 0)

    def child_semop(self, s, ops):
        """A process of its own does the operations and ends: their result."""
        pid = os.fork()
        if pid == 0:
            result = call(libc.semop, self.names[s], sembufs(ops), len(ops))
            os._exit(-result)
        return -os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def child_write(self, fd, n):
        """A process with SIGPIPE's default action writes and ends: the signal that ended it."""
        pid = os.fork()
        if pid == 0:
            libc.signal(13, None)
            os.write(self.fd(fd), b'x' * n)
            os._exit(0)
        return -os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def sem_init(self, name, value):
        self.names[name] = ctypes.create_string_buffer(32)
        return call(libc.sem_init, self.names[name], 0, value)

    def sem_wait(self, s):
        return call(libc.sem_wait, self.names[s])

    def sem_trywait(self, s):
        return call(libc.sem_trywait, self.names[s])

    def sem_timedwait(self, s, ms):
        end = time.time_ns() + ms * 1000000
        return call(libc.sem_timedwait, self.names[s],
                    ctypes.byref(TimeSpec(end // 10**9, end % 10**9)))

    def sem_post(self, s):
        return call(libc.sem_post, self.names[s])

    def sem_getvalue(self, s):
        value = ctypes.c_int()
        call(libc.sem_getvalue, self.names[s], ctypes.byref(value))
        return value.value


class Actor(threading.Thread):
    def __init__(self, name, calls, done):
        super().__init__(daemon=True)
        self.actor, self.calls, self.done = name, calls, done
        self.todo = queue.Queue()
        self.busy = False
        self.start()

    def run(self):
        while True:
            word, args = self.todo.get()
            try:
                result = getattr(self.calls, word)(*args)
            except OSError as error:
                result = -error.errno
            self.done.put((self.actor, result))


def record(case):
    calls, done, actors = Calls(), queue.Queue(), {}
    steps = []
    for actor, word, *args in case['steps']:
        if actor not in actors:
            actors[actor] = Actor(actor, calls, done)
        assert not actors[actor].busy, (case['name'], actor)
        if word == 'sleep':
            time.sleep(args[0] / 1000)
        else:
            actors[actor].busy = True
            actors[actor].todo.put((word, args))
            while word in LENGTHY and done.empty():
                time.sleep(0.001)
        time.sleep(SETTLE)
        ended = []
        while not done.empty():
            who, result = done.get()
            actors[who].busy = False
            ended.append([who, result])
        steps.append(ended)
    return {**case, 'ended': steps}


if __name__ == '__main__':
    with open(sys.argv[1], encoding='utf8') as file:
        cases = json.load(file)['cases']
    recorded = [record(case) for case in cases]
    lines = ',\n'.join('  ' + json.dumps(case) for case in recorded)
    print(f'{{"kernel": "{platform.release().split("-")[0]}", "cases": [\n{lines}\n]}}')
