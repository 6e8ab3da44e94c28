/*
 * The recorded order in which the members of a group are served. The value says in words what the
 * sockets b, c and d do before a message goes to group 1: `b,c,d join 1; b joins 2, leaves 1`.
 */
import type { Code, Context } from '../../models/context.ts';
import * as net from '../../models/net/netlink/syscalls.ts';
import * as uapi from '../../models/net/netlink/uapi.ts';
import { close } from '../../models/user/unistd.ts';
import { NETLINK_USERSOCK, ok, open, send, sockOf } from './netlink-calls.ts';
import { bench, type NamedFactRun } from './netlink-named.ts';

/** One clause: who does it, and what. A group that is not named is 1. */
const clausePattern = /^(?:then )?(?<verb>bind )?(?<who>[a-z](?:,[a-z])*)(?<acts>.*)$/;
const actPattern = /^(?:and )?(?<verb>joins?|leaves?)(?: group)?(?: (?<group>\d+))?(?: unbound)?$/;

interface Act {
  readonly who: string;
  readonly verb: 'join' | 'leave' | 'bind';
  readonly group: number;
}

function actsOf(text: string): Act[] {
  return text.split('; ').flatMap((clause) => {
    const { verb, who = '', acts = '' } = clausePattern.exec(clause)?.groups ?? {};
    const names = who.split(',');
    if (verb !== undefined) return names.map((name) => ({ who: name, verb: 'bind', group: 1 }));
    const verbs = acts.split(/, | and /).map((act) => actOf(act.trim(), clause));
    return verbs.flatMap((act) => names.map((name) => ({ who: name, ...act })));
  });
}

function actOf(text: string, clause: string): Omit<Act, 'who'> {
  const groups = actPattern.exec(text)?.groups;
  if (groups === undefined) throw new Error(`'${text}' in '${clause}' is not understood`);
  const verb = groups['verb']!.startsWith('join') ? 'join' : 'leave';
  return { verb, group: Number(groups['group'] ?? 1) };
}

function* perform(k: Context, fd: number, { verb, group }: Act, port: number): Code {
  if (verb === 'bind') ok(yield* net.bind(k, fd, { nl_pid: port, nl_groups: 1 }));
  else if (verb === 'join') ok(yield* net.setsockopt(k, fd, 'NETLINK_ADD_MEMBERSHIP', group));
  else ok(yield* net.setsockopt(k, fd, 'NETLINK_DROP_MEMBERSHIP', group));
}

/** The sockets in the order in which they get the message. */
function* deliveryOrder(k: Context, text: string): Code<string> {
  const acts = actsOf(text);
  const bound = !text.includes('unbound');
  const names = [...new Set(acts.map(({ who }) => who))].sort();
  const fds = new Map<string, number>();
  let order = '';
  for (const [i, name] of names.entries()) {
    const fd = bound
      ? yield* open(k, { port: 12 + i })
      : yield* net.socket(k, uapi.AF_NETLINK, uapi.SOCK_RAW, NETLINK_USERSOCK);
    fds.set(name, fd);
    sockOf(k, fd).sk_data_ready = () => (order += name);
  }
  for (const act of acts) {
    yield* perform(k, fds.get(act.who)!, act, 22 + names.indexOf(act.who));
  }
  yield* send(k, yield* open(k, { port: 11 }), 0, 4, 0, 1);
  for (const fd of fds.values()) yield* close(k, fd);
  return order;
}

export const multicastFacts: Readonly<Record<string, NamedFactRun>> = {
  'mcast-delivery-order': (recorded) =>
    Object.fromEntries(
      Object.keys(recorded as object).map((text) => [
        text,
        bench().observe((k) => deliveryOrder(k, text)),
      ]),
    ),
};
