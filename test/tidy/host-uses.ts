/*
 * Finds what would make a run differ between hosts, in the syntax tree of a file: comments and
 * strings do not count, and neither does a local variable that happens to be called `process`.
 *
 * The linter bans the same by a list of what is bad. This is the second opinion, and its list of
 * what is good is short: `Math` only as `Math.floor` and the like, from Node only a few modules.
 */
import ts from 'typescript';

/** Members of Math that ECMAScript specifies to the last bit. */
const EXACT_MATH = new Set(
  ['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'sqrt'].concat(
    ['trunc', 'E', 'LN10', 'LN2', 'LOG10E', 'LOG2E', 'PI', 'SQRT1_2', 'SQRT2'],
  ),
);

const HOST_GLOBALS = new Set(
  ['Date', 'performance', 'Intl', 'process', 'crypto', 'navigator', 'Temporal'].concat(
    ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'Promise'],
    ['WeakRef', 'FinalizationRegistry', 'eval', 'Function', 'globalThis', 'global', 'require'],
  ),
);

const PLAIN_MODULES = new Set(
  ['assert', 'buffer', 'crypto', 'fs', 'path', 'url', 'util', 'worker_threads'].map(
    (name) => `node:${name}`,
  ),
);
const BARE_NODE_MODULE = /^(os|process|perf_hooks|timers|timers\/promises|crypto|fs|path|v8|vm)$/;

/** Of node:crypto only what computes: the rest is random. */
const COMPUTING_CRYPTO = new Set(['createHash', 'hash', 'Hash']);

const LOCALE_METHOD = /^(toLocale\w*|localeCompare)$/;

/** What depends on the host in one file, each as `file:line what`; empty if all is well. */
export function hostUses(file: string, text: string): string[] {
  const { source, checker } = parsed(file, text);
  const found: string[] = [];
  const report = (node: ts.Node, what: string): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push(`${file}:${line + 1} ${what}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node)) return;
    const what = construct(node) ?? member(node) ?? imported(node) ?? globalUse(node, checker);
    if (what !== undefined) report(node, what);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Parses and binds one file alone: without libraries, what it does not declare is global. */
function parsed(file: string, text: string): { source: ts.SourceFile; checker: ts.TypeChecker } {
  const options = { noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ESNext };
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost(options),
    getSourceFile: (name) => (name === file ? source : undefined),
    fileExists: (name) => name === file,
  };
  return { source, checker: ts.createProgram([file], options, host).getTypeChecker() };
}

function construct(node: ts.Node): string | undefined {
  if (ts.isForInStatement(node)) return 'for...in';
  if (ts.isAwaitExpression(node)) return 'await';
  if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) return 'for await';
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'async';
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return 'import()';
  }
  if (!ts.isBinaryExpression(node)) return undefined;
  const { kind } = node.operatorToken;
  if (kind === ts.SyntaxKind.AsteriskAsteriskToken) return '**';
  return kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken ? '**=' : undefined;
}

/** `x.toLocaleString`, `x['toLocaleString']`, `const { toLocaleString } = x`. */
function member(node: ts.Node): string | undefined {
  let name: string | undefined;
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
    name = memberName(node);
  } else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
    const key = node.propertyName ?? node.name;
    if (ts.isIdentifier(key) || ts.isStringLiteralLike(key)) name = key.text;
  }
  return name !== undefined && LOCALE_METHOD.test(name) ? name : undefined;
}

function imported(node: ts.Node): string | undefined {
  if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return undefined;
  if (node.moduleSpecifier === undefined || !ts.isStringLiteral(node.moduleSpecifier)) {
    return undefined;
  }
  const from = node.moduleSpecifier.text;
  if (BARE_NODE_MODULE.test(from)) return `from ${from}`;
  if (!from.startsWith('node:')) return undefined;
  if (!PLAIN_MODULES.has(from)) return `from ${from}`;
  if (from !== 'node:crypto') return undefined;
  const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : undefined;
  const names =
    bindings !== undefined && ts.isNamedImports(bindings)
      ? bindings.elements.map((element) => (element.propertyName ?? element.name).text)
      : ['*'];
  const random = names.find((name) => !COMPUTING_CRYPTO.has(name));
  return random === undefined ? undefined : `${random} from ${from}`;
}

function globalUse(node: ts.Node, checker: ts.TypeChecker): string | undefined {
  if (!ts.isIdentifier(node) || !(node.text === 'Math' || HOST_GLOBALS.has(node.text))) {
    return undefined;
  }
  if (isOnlyAName(node) || isDeclaredHere(node, checker)) return undefined;
  if (node.text !== 'Math') return node.text;
  const { parent } = node;
  const name =
    (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent)) &&
    parent.expression === node
      ? memberName(parent)
      : undefined;
  if (name === undefined) return 'Math other than as Math.name';
  return EXACT_MATH.has(name) ? undefined : `Math.${name}`;
}

function memberName(
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  const { argumentExpression } = node;
  return ts.isStringLiteralLike(argumentExpression) ? argumentExpression.text : undefined;
}

/** The name of a member, not a reference to a variable: `x.process`, `{ process: 1 }`. */
function isOnlyAName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  if (ts.isBindingElement(parent)) return parent.propertyName === node || parent.name === node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return true;
  const declaration = parent as Partial<ts.NamedDeclaration>;
  return declaration.name === node;
}

function isDeclaredHere(node: ts.Identifier, checker: ts.TypeChecker): boolean {
  const symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node);
  return (symbol?.declarations?.length ?? 0) > 0;
}
