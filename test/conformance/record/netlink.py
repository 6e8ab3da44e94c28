#!/usr/bin/env python3
"""Checks the model of AF_NETLINK against the running kernel.

Replay the recorded cases here:
    sudo python3 netlink.py --replay ../netlink/cases
Record random scripts here, for the model to replay:
    sudo python3 netlink.py --record DIR --count 200 --seed 1

Exit codes: 0 all passed; 1 some failed; 2 wrong usage; 77 it cannot run here, and says why.
"""
from __future__ import print_function

import argparse
import os
import sys

WRONG_USAGE, CANNOT_RUN = 2, 77
sys.dont_write_bytecode = True  # Nothing is left behind beside the sources.


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument('--replay', nargs='+', metavar='PATH', help='files or folders of cases')
    what.add_argument('--record', metavar='DIR', help='folder for new cases')
    what.add_argument('--self-check', action='store_true', help='of this program, anywhere')
    parser.add_argument('--count', type=int,
                        help='cases to replay (all), or scripts to record (200)')
    parser.add_argument('--seed', type=int, default=1, help='of the first script (1)')
    parser.add_argument('--length', type=int, default=80, help='ops in a script (80)')
    options = parser.parse_args(arguments)
    absent = [path for path in options.replay or [] if not os.path.exists(path)]
    if absent:
        parser.error('there is no ' + ', '.join(absent))
    return options


def replay(options):
    from netlink_replay import load_cases, replay_all
    cases = load_cases(options.replay)[:options.count]
    if not cases:
        print('no netlink case in ' + ', '.join(options.replay), file=sys.stderr)
        return WRONG_USAGE
    return 0 if replay_all(cases) == 0 else 1


def record(options):
    from netlink_host import in_child
    from netlink_kernel import Kernel
    from netlink_scripts import record as record_script, write
    count = 200 if options.count is None else options.count
    if not os.path.isdir(options.record):
        os.makedirs(options.record)
    for seed in range(options.seed, options.seed + count):
        def one():
            write(record_script(seed, options.length, Kernel()), options.record)
            return 0
        if in_child(one) != 0:
            sys.exit('script %d failed' % seed)
    print('recorded %d scripts. What the model makes of them:\n  npm run conformance -- %s'
          % (count, os.path.abspath(options.record)))
    return 0


def main():
    if sys.version_info < (3, 6):
        print('cannot run here: Python 3.6 or later is needed', file=sys.stderr)
        return CANNOT_RUN
    options = parse(sys.argv[1:])
    if options.self_check:
        from netlink_check import self_check
        return 0 if self_check() == 0 else 1
    from netlink_host import why_not
    reason = why_not()
    if reason is not None:
        print('cannot run here: ' + reason, file=sys.stderr)
        return CANNOT_RUN
    return record(options) if options.record else replay(options)


if __name__ == '__main__':
    sys.exit(main())
