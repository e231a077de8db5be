// What only the browser can know. Without this file the page says a little less, and works the same.

const show = (name, text) => {
  for (const place of document.querySelectorAll(`[data-measure="${name}"]`)) {
    place.querySelector('dd, code').textContent = text;
    place.hidden = false;
  }
};

const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)}\u00a0ms`;

/** Asks Nginx for a file past every cache: PHP has no part in the answer. */
const fetchStaticFile = async () => {
  const started = performance.now();
  try {
    const answer = await fetch('/assets/favicon.svg', { cache: 'no-store' });
    await answer.arrayBuffer();
    show('Static file', `${answer.status} in ${ms(performance.now() - started)}`);
  } catch {
    show('Static file', 'did not arrive');
  }
};

const showNavigation = () => {
  const [page] = performance.getEntriesByType('navigation');
  if (!page) return;
  show('First byte', `after ${ms(page.responseStart - page.requestStart)}`);
  show('Page complete', ms(page.duration));
};

/** Counts code points, as the server does. */
const countCharacters = (field) => {
  const limit = Number(field.dataset.limit);
  const note = document.getElementById(`${field.id}-limit`);
  const update = () => {
    const length = [...field.value.trim()].length;
    note.textContent = length === 0 ? `Up to ${limit} characters` : `${length} of ${limit} characters`;
    note.classList.toggle('is-over', length > limit);
  };
  field.addEventListener('input', update);
  update();
};

if (document.querySelector('[data-measure]')) {
  // One turn after the load event, which is part of what is measured.
  addEventListener('load', () => setTimeout(() => {
    showNavigation();
    fetchStaticFile();
  }));
}
document.querySelectorAll('[data-limit]').forEach(countCharacters);
document.querySelector('[aria-invalid]')?.focus();
