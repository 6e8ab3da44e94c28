/*
 * Recorded facts of a kernel netlink socket and its users on Linux 6.1 (test/conformance/netlink/
 * kernel-6.1.json). Each experiment is repeated on a machine with that module, call by call as its
 * recorder made them.
 */
import { factFormat } from './facts.ts';
import { blockingFacts } from './netlink-module-blocking.ts';
import { broadcastFacts } from './netlink-module-broadcast.ts';
import { unicastFacts } from './netlink-module-unicast.ts';
import { portFacts, senderFacts } from './netlink-module-user.ts';

export const netlinkModuleFormat = factFormat({
  ...portFacts,
  ...senderFacts,
  ...unicastFacts,
  ...blockingFacts,
  ...broadcastFacts,
});
