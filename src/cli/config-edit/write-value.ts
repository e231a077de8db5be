/** Returns the text as a literal in quotes of one kind. */
export function literal(text: string, quote: "'" | '"' | '`' = "'"): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll(quote, `\\${quote}`);
  return quote + (quote === '`' ? escaped.replaceAll('${', '\\${') : escaped) + quote;
}

/** Returns the text as a literal in the same quotes as the literal that it replaces. */
export function literalIn(replaced: string, text: string): string {
  const quote = replaced[0];
  return literal(text, quote === '"' || quote === '`' ? quote : "'");
}

/** Returns a property with everything around its value: `php: { version: '8.4' }`. */
export function propertyText(path: readonly string[], value: string, isJson: boolean): string {
  const [name, ...inner] = path;
  if (name === undefined) return isJson ? JSON.stringify(value) : literal(value);
  const inside = propertyText(inner, value, isJson);
  return `${keyText(name, isJson)}: ${inner.length === 0 ? inside : `{ ${inside} }`}`;
}

function keyText(name: string, isJson: boolean): string {
  if (isJson) return JSON.stringify(name);
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}
