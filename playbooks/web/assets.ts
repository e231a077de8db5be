/**
 * Extensions of the files that pages load: browsers cache them, and those of the previous release are served to pages that are still open.
 */
export const assetEndings = 'avif|css|gif|ico|jpe?g|js|mjs|mp4|otf|pdf|png|svg|ttf|wasm|webm|webp|woff2?';

/** Returns the pattern of such an address, without its beginning. Where a path may follow a script's name, `/info.php/a.css` is none. */
export function assetPattern(scripts: boolean): string {
  return `${scripts ? '(?!.*\\.php/)' : ''}.*\\.(?:${assetEndings})$`;
}
