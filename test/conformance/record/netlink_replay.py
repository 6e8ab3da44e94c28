"""Replays recorded AF_NETLINK cases on the running kernel and compares op by op."""
import json
import os
import platform
import signal
import traceback

from netlink_kernel import Kernel

# No case takes as long; one that does waits for something that its kernel did and this one not.
LIMIT_S = 60


def case_files(paths):
    """The .json files of cases among and below `paths`, by name."""
    files = []
    for path in paths:
        if os.path.isfile(path):
            files.append(path)
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            files += [os.path.join(folder, name) for name in sorted(names)
                      if name.endswith('.json')]
    return files


def load_cases(paths):
    """Cases of ops and results; files of other formats are left out."""
    cases = []
    for path in case_files(paths):
        with open(path) as file:
            case = json.load(file)
        if isinstance(case, dict) and 'ops' in case and 'results' in case:
            case.setdefault('name', os.path.basename(path))
            cases.append(case)
    return cases


def replay(case):
    """Lines that tell where this kernel differs first; none if it does not."""
    while True:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            run_and_tell(case, writer)
        os.close(writer)
        with os.fdopen(reader) as told:
            text = told.read()
        status = os.waitpid(child, 0)[1]
        if text == 'again':
            continue
        if os.WIFSIGNALED(status):
            return ['  ended by signal %d: an op still waited after %d s, or worse'
                    % (os.WTERMSIG(status), LIMIT_S)]
        return json.loads(text) if text else ['  the replay itself failed']


def run_and_tell(case, writer):
    """The child: writes the lines and exits."""
    try:
        with os.fdopen(writer, 'w') as told:
            if os.getpid() in {op.get('port') for op in case['ops']}:
                told.write('again')  # The process id would be taken for the script's port.
            else:
                signal.alarm(LIMIT_S)
                told.write(json.dumps(first_difference(case)))
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(0)


def first_difference(case):
    kernel = Kernel()
    for index, (op, recorded) in enumerate(zip(case['ops'], case['results'])):
        try:
            here = json.loads(json.dumps(kernel.run(op)))
        except Exception as error:
            here = '%s: %s' % (type(error).__name__, error)
        if here != recorded:
            return ['  op %d: %s' % (index, json.dumps(op)),
                    '    recorded    ' + json.dumps(recorded),
                    '    this kernel ' + json.dumps(here)]
    return []


def replay_all(cases):
    """Prints the count, then each difference; how many cases failed."""
    differences = [(case, replay(case)) for case in cases]
    failures = [(case, lines) for case, lines in differences if lines]
    print('%d passed, %d failed' % (len(cases) - len(failures), len(failures)))
    for case, lines in failures:
        print('\n%s (recorded on Linux %s)' % (case['name'], case.get('kernel', '6.18.44')))
        print('\n'.join(lines))
    if failures:
        print('\nThis is Linux %s. Rules that changed between versions are in '
              'models/net/netlink/era.ts.'
              % platform.release())
    return len(failures)
