#!/usr/bin/env node
/*
 * The lockstep command.
 */
import { processIo } from './io.ts';
import { main } from './main.ts';

process.exitCode = await main(process.argv.slice(2), processIo());
// A library that tries to reach a server for ever must not keep us: all that was to be said is out.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
