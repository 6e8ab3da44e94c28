"""Whether this machine can run AF_NETLINK scripts, and what it must be set to."""
import ctypes
import os
import sys
import traceback

from netlink_kernel import CLONE_NEWNET, libc

# Settings that show in results, with the values of the machine that made the recordings.
SYSCTLS = {'rmem_default': 212992, 'wmem_default': 212992, 'rmem_max': 4194304,
           'wmem_max': 4194304}


def why_not():
    """Why scripts cannot run here, or None."""
    if sys.platform != 'linux':
        return 'this is not Linux but ' + sys.platform
    if os.geteuid() != 0:
        return 'root is needed for network namespaces (try sudo)'
    error = in_child(refused_namespace)
    if error != 0:
        return 'the kernel refuses unshare(CLONE_NEWNET): ' + os.strerror(error)
    wrong = [line for line in map(wrong_sysctl, SYSCTLS) if line is not None]
    if wrong:
        return 'the recordings were made with other settings:\n  ' + '\n  '.join(wrong)
    return None


def refused_namespace():
    """Error number of a try, 0 if it worked."""
    return 0 if libc.unshare(CLONE_NEWNET) == 0 else ctypes.get_errno()


def in_child(function):
    """The small number that `function` returns in a process of its own."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = function()
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.WEXITSTATUS(os.waitpid(child, 0)[1])


def wrong_sysctl(name):
    """How to set what differs, or None."""
    try:
        with open('/proc/sys/net/core/' + name) as file:
            value = int(file.read())
    except OSError as error:
        return 'net.core.%s cannot be read: %s' % (name, error.strerror)
    if value == SYSCTLS[name]:
        return None
    return 'net.core.%s is %d: sysctl -w net.core.%s=%d' % (name, value, name, SYSCTLS[name])
