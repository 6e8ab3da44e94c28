"""Checks the recorder itself, without a kernel: on any system that has Python."""
import json
import os
import tempfile

from netlink_kernel import Kernel, payload
from netlink_scripts import WEIGHTS, record, write


class NoKernel:
    """Answers every op alike; the generator looks at no more than this."""

    def __init__(self):
        self.sockets, self.chosen = {}, []

    def run(self, op):
        if op['op'] == 'open':
            self.sockets[op['s']] = op
        elif op['op'] == 'close':
            self.sockets.pop(op['s'], None)
        elif op['op'] == 'bind' and len(self.chosen) < 3:
            self.chosen.append(0x80000000 + len(self.chosen))
        return {'r': 0}


def same_script_from_same_seed():
    return all(record(seed, 200, NoKernel()) == record(seed, 200, NoKernel())
               for seed in range(1, 21))


def scripts_differ_between_seeds():
    scripts = [record(seed, 50, NoKernel())['ops'] for seed in range(1, 21)]
    return all(one != other for one, other in zip(scripts, scripts[1:]))


def every_op_is_known():
    return all(hasattr(Kernel, 'do_' + op) for op in WEIGHTS)


def a_case_is_read_back_as_written():
    case = record(7, 100, NoKernel())
    with tempfile.TemporaryDirectory() as folder:
        write(case, folder)
        with open(os.path.join(folder, case['name'] + '.json')) as file:
            return json.load(file) == case


def payloads_begin_with_their_tag():
    return payload(0x1234, 5) == bytes([0x34, 0x12, 0x36, 0x37, 0x38]) and payload(9, 1) == b'\t'


CHECKS = [same_script_from_same_seed, scripts_differ_between_seeds, every_op_is_known,
          a_case_is_read_back_as_written, payloads_begin_with_their_tag]


def self_check():
    """Prints a line a check; how many failed."""
    failed = 0
    for check in CHECKS:
        good = check()
        failed += not good
        print('%s  %s' % ('ok    ' if good else 'FAILED', check.__name__.replace('_', ' ')))
    return failed
