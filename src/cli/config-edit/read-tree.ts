import { extname } from 'node:path';

/** A value in the text of a configuration, from `start` to before `end`. */
export type Value = Span &
  (
    | {
        readonly kind: 'object';
        readonly properties: readonly Property[] /** Where each `...spread` is. */;
        readonly spreads: readonly Span[];
      }
    | { readonly kind: 'text'; readonly text: string }
    /** A value that is computed, or that is neither a text nor an object. */
    | { readonly kind: 'other' }
  );

export interface Property extends Span {
  readonly name: string;
  readonly value: Value;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Tree {
  readonly root: Value & { readonly kind: 'object' };
  readonly comments: readonly (Span & { readonly text: string })[];
}

/** A node of the syntax tree of Babel, https://github.com/babel/babel/blob/main/packages/babel-parser/ast/spec.md. */
interface Node extends Span {
  readonly type: string;
  readonly [key: string]: unknown;
}

/**
 * Resolves to the object that a configuration exports, with the positions of its parts in the text. Resolves to undefined if the text cannot
 * be parsed, or if it exports something else than an object in braces.
 */
export async function readTree(text: string, file: string): Promise<Tree | undefined> {
  const isJson = extname(file) === '.json';
  const before = isJson ? 'export default ' : '';
  // jiti loads configurations, so its parser understands what they may contain.
  const { createJiti } = await import('jiti');
  let tree: Tree | undefined;
  const plugin = () => ({
    pre: ({ ast }: { readonly ast: unknown }) => {
      // Later steps of the transformation change the nodes, so this has to be done here.
      tree = isNode(ast) ? treeOf(ast, -before.length) : undefined;
    },
    visitor: {},
  });
  // With jiti's cache, a text that was parsed before would not be parsed again.
  createJiti(import.meta.url, { fsCache: false }).transform({ source: before + text, ts: !isJson, babel: { plugins: [plugin] } });
  return tree;
}

function treeOf(ast: Node, offset: number): Tree | undefined {
  const program = isNode(ast.program) ? nodesIn(ast.program.body) : [];
  const exported = program.map((node) => exportedBy(node, program)).find((node) => node !== undefined);
  const root = exported && valueIn(exported, offset);
  if (root?.kind !== 'object') return undefined;
  const comments = nodesIn(ast.comments).map(({ start, end, value }) => ({
    ...{ start: start + offset, end: end + offset },
    text: typeof value === 'string' ? value : '',
  }));
  return { root, comments };
}

/** Returns the expression that a statement exports as the default: `export default …` or `module.exports = …`. */
function exportedBy(statement: Node, program: readonly Node[]): Node | undefined {
  if (statement.type === 'ExportDefaultDeclaration' && isNode(statement.declaration)) return objectOf(statement.declaration, program);
  const assignment =
    isNode(statement.expression) && statement.expression.type === 'AssignmentExpression' ? statement.expression : undefined;
  if (!assignment || !isNode(assignment.left) || !isNode(assignment.right)) return undefined;
  const { object, property } = assignment.left;
  const isExports = isNode(object) && object.name === 'module' && isNode(property) && property.name === 'exports';
  return isExports ? objectOf(assignment.right, program) : undefined;
}

/** Returns the object that an expression stands for: in `defineConfig(…)`, before `satisfies …`, and in the variable that it names. */
function objectOf(expression: Node, program: readonly Node[]): Node | undefined {
  const node = withoutType(expression);
  if (node.type === 'ObjectExpression') return node;
  const [first] = node.type === 'CallExpression' ? nodesIn(node.arguments) : [];
  const { callee } = node;
  if (first && isNode(callee) && callee.name === 'defineConfig') return objectOf(first, program);
  if (node.type !== 'Identifier') return undefined;
  const declared = program.flatMap(({ type, declarations, kind }) =>
    type === 'VariableDeclaration' && kind === 'const' ? nodesIn(declarations) : [],
  );
  const variable = declared.find(({ id }) => isNode(id) && id.name === node.name);
  return variable && isNode(variable.init) ? objectOf(variable.init, []) : undefined;
}

function withoutType(node: Node): Node {
  const isTyped = /^(?:TSSatisfiesExpression|TSAsExpression|TSNonNullExpression|ParenthesizedExpression)$/.test(node.type);
  return isTyped && isNode(node.expression) ? withoutType(node.expression) : node;
}

function valueIn(typed: Node, offset: number): Value {
  const node = withoutType(typed);
  const span = { start: node.start + offset, end: node.end + offset };
  if (node.type === 'StringLiteral' && typeof node.value === 'string') return { ...span, kind: 'text', text: node.value };
  if (node.type === 'TemplateLiteral') {
    const [quasi, ...more] = nodesIn(node.quasis);
    const { cooked } = (quasi?.value ?? {}) as { readonly cooked?: unknown };
    return more.length === 0 && typeof cooked === 'string' ? { ...span, kind: 'text', text: cooked } : { ...span, kind: 'other' };
  }
  if (node.type !== 'ObjectExpression') return { ...span, kind: 'other' };
  const parts = nodesIn(node.properties);
  return {
    ...span,
    kind: 'object',
    properties: parts.flatMap((part) => propertyOf(part, offset)),
    spreads: parts.flatMap(({ type, start, end, computed }) =>
      type === 'SpreadElement' || computed === true ? [{ start: start + offset, end: end + offset }] : [],
    ),
  };
}

function propertyOf(part: Node, offset: number): readonly Property[] {
  const { type, key, value, computed } = part;
  const name = isNode(key) && computed !== true ? (key.name ?? key.value) : undefined;
  if (typeof name !== 'string') return [];
  const span = { start: part.start + offset, end: part.end + offset };
  const isPlain = type === 'ObjectProperty' && isNode(value);
  return [{ name, ...span, value: isPlain ? valueIn(value, offset) : { ...span, kind: 'other' } }];
}

function nodesIn(list: unknown): readonly Node[] {
  return Array.isArray(list) ? list.filter(isNode) : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
