import type { Rule } from '../detected.ts';
import { assetsFolder } from '../http-program.ts';

/** Recognizes a WSGI program (PEP 3333) by a callable with one of the common names. Only a separate folder is served as files. */
export const detect: Rule = ({ text, paths }) => {
  if (paths.some((path) => path.endsWith('.php'))) return undefined;
  for (const file of ['wsgi.py', 'app.py', 'main.py', ...paths.filter((path) => /^\w+\/wsgi\.py$/.test(path))]) {
    const callable = /^(?:def )?(application|app)\b\s*(?:\(|=)/m.exec(text(file))?.[1];
    if (!callable) continue;
    const docroot = assetsFolder(paths, ['public', 'static']);
    const program = `${file.replace(/\.py$/, '').replaceAll('/', '.')}:${callable}`;
    return { name: 'a Python application', program, docroot, shared: [], writable: [], healthPath: '/' };
  }
  return undefined;
};
