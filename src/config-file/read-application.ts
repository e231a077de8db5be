import { join, resolve } from 'node:path';
import { checkOut, gitIn, isRemote } from '../application/git.ts';
import { readSource, type Source } from '../application/source.ts';
import { filesFolder } from '../bundled/files.ts';
import { Problem } from '../error.ts';
import type { UserApp } from './define.ts';

/** The settings of an application, and whether it is only inspected. */
type ApplicationSettings = UserApp & { readonly sendsNothing?: true };

interface ReadApplication {
  readonly source: Source;
  /** Why the application cannot be sent. Its files are then those from before it was built or fetched. */
  readonly failure?: Problem;
}

/**
 * Builds an application and reads its files: from the command line's folder, the configuration's, or the bundled site. A repository is
 * fetched first.
 */
export async function readApplication(
  app: ApplicationSettings,
  appOption: string | undefined,
  folder: string,
  onLine: (line: string) => void,
): Promise<ReadApplication> {
  const named = appOption === undefined ? app.source : (gitIn(appOption) ?? resolve(appOption));
  if (typeof named !== 'object')
    return { source: await readSource(named ? resolve(folder, named) : join(filesFolder, 'site'), app, onLine) };
  const local = !isRemote(named.git);
  const { folder: files, origin } = await checkOut(
    local ? { ...named, git: resolve(folder, named.git) } : named,
    onLine,
    app.sendsNothing !== true,
  );
  return { source: { ...(await readSource(files, app, onLine)), origin } };
}

/** Does the same for one of several sites. If its application cannot be built or fetched, this does not stop the others. */
export async function readOneOfSeveral(...[app, ...rest]: Parameters<typeof readApplication>): Promise<ReadApplication> {
  try {
    return await readApplication(app, ...rest);
  } catch (failure) {
    if (!(failure instanceof Problem) || app.sendsNothing) throw failure;
    const asItIs = await readApplication({ ...app, sendsNothing: true }, ...rest).catch(() => undefined);
    if (!asItIs) throw failure;
    return { ...asItIs, failure };
  }
}
