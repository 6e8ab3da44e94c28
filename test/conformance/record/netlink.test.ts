/* The recorder for people who want to check the model: that it starts, and explains itself. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const recorder = fileURLToPath(new URL('netlink.py', import.meta.url));
const cases = fileURLToPath(new URL('../netlink/cases', import.meta.url));

function python(...options: string[]) {
  return spawnSync('python3', [recorder, ...options], { encoding: 'utf8' });
}

const version = spawnSync('python3', ['-c', 'import sys; print(*sys.version_info[:2])'], {
  encoding: 'utf8',
});
const [major = 0, minor = 0] = (version.stdout ?? '').trim().split(' ').map(Number);
const usable = version.status === 0 && (major > 3 || (major === 3 && minor >= 6));
if (!usable) {
  console.warn('SKIPPED: test/conformance/record/netlink.py was not tested, for want of python3');
}

describe.skipIf(!usable)('the recorder of netlink scripts', () => {
  it('explains itself', () => {
    const { status, stdout } = python('--help');
    expect(status).toBe(0);
    for (const option of ['--replay', '--record', '--count', '--seed']) {
      expect(stdout).toContain(option);
    }
  });

  it('passes its own check, which needs no kernel', () => {
    const { status, stdout } = python('--self-check');
    expect(stdout).not.toContain('FAILED');
    expect(status).toBe(0);
  });

  it('knows every op of the recorded cases', () => {
    const known = 'import sys; sys.path.insert(0, sys.argv[1]); import netlink_replay as replay;';
    const ask = `${known} cases = replay.load_cases(sys.argv[2:]);
unknown = {op['op'] for case in cases for op in case['ops']
           if not hasattr(replay.Kernel, 'do_' + op['op'])}
print(len(cases), sorted(unknown))`;
    const folder = fileURLToPath(new URL('.', import.meta.url));
    const { stdout } = spawnSync('python3', ['-B', '-c', ask, folder, cases], { encoding: 'utf8' });
    expect(stdout.trim()).toBe('236 []');
  });

  it('takes nothing but one task at a time', () => {
    expect(python().status).toBe(2);
    expect(python('--replay', `${cases}/absent`).status).toBe(2);
    expect(python('--self-check', '--record', 'nowhere').status).toBe(2);
  });

  it('says why it cannot run, and leaves with 77', () => {
    const asUser = `import os, sys, runpy
os.geteuid = lambda: 1000
sys.argv = sys.argv[1:]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name='__main__')`;
    const options = ['-B', '-c', asUser, recorder, '--replay', cases];
    const { status, stderr } = spawnSync('python3', options, { encoding: 'utf8' });
    expect(stderr).toMatch(/^cannot run here: (root is needed|this is not Linux)/);
    expect(status).toBe(77);
  });
});
