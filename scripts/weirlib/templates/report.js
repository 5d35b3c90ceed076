'use strict';
// Pages, filters and sortable tables. Without it everything is there, on one long page.
const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));

// One page at a time: the one that holds what the address names.
const pages = all('.page');
function turn() {
  if (!pages.length) return;
  const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const shown = (wanted && wanted.closest('.page')) || pages[0];
  pages.forEach(page => { page.hidden = page !== shown; });
  all('nav a').forEach(a => {
    if (a.hash === '#' + shown.id) a.setAttribute('aria-current', 'page');
    else a.removeAttribute('aria-current');
  });
  if (wanted) wanted.scrollIntoView();
}
window.addEventListener('hashchange', turn);
window.addEventListener('beforeprint', () => pages.forEach(page => { page.hidden = false; }));
turn();

// "12.3 M msg/s", "1.20 ms", "2.3×": what a cell amounts to; a cell without a number by its text.
const factors = { G: 1e9, M: 1e6, k: 1e3, ns: 1, 'µs': 1e3, ms: 1e6, s: 1e9, KiB: 1, MiB: 1024 };
function amount(cell) {
  const found = /^([-+]?[\d,]*\.?\d+)\s*([^\s]*)/.exec(cell.textContent.trim());
  return found ? parseFloat(found[1].replace(/,/g, '')) * (factors[found[2]] || 1) : null;
}
function sort(table, column, head) {
  const down = head.getAttribute('aria-sort') === 'ascending';
  const rows = all('tbody tr', table).map(row => {
    const cell = row.cells[column];
    return { row, text: cell ? cell.textContent : '', value: cell ? amount(cell) : null };
  });
  const numbers = rows.filter(r => r.value !== null).length * 2 > rows.length;
  rows.sort((a, b) => {
    if (numbers && (a.value === null) !== (b.value === null)) return a.value === null ? 1 : -1;
    return (numbers && a.value !== null ? a.value - b.value : a.text.localeCompare(b.text)) * (down ? -1 : 1);
  });
  all('th', table).forEach(th => th.removeAttribute('aria-sort'));
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  rows.forEach(r => table.tBodies[0].append(r.row));
}
all('table.sortable').forEach(table => all('thead th', table).forEach((head, column) => {
  head.tabIndex = 0;
  head.addEventListener('click', () => sort(table, column, head));
  head.addEventListener('keydown', event => { if (event.key === 'Enter') sort(table, column, head); });
}));

// Rows of channels that were not asked for go; their marks in charts fade.
const own = new Set(document.body.dataset.own.split(' '));
const rows = all('tr[data-channel]');
const marks = all('svg [id*="median-"]');
const channelOf = mark => mark.id.slice(mark.id.indexOf('median-') + 7);
function filter() {
  const words = document.getElementById('filter-name').value.split(',').map(word => word.trim()).filter(Boolean);
  const kind = document.getElementById('filter-own').value;
  const fits = name => (!words.length || words.some(word => name.includes(word))) &&
    (!kind || (kind === 'own') === own.has(name));
  rows.forEach(row => { row.hidden = !fits(row.dataset.channel); });
  marks.forEach(mark => { mark.style.opacity = fits(channelOf(mark)) ? '' : '0.12'; });
  const left = rows.filter(row => !row.hidden).length;
  document.getElementById('filter-said').textContent = left ? '' : 'no row is left: loosen the filter';
}
const tools = document.getElementById('tools');
tools.hidden = false;
tools.addEventListener('input', filter);
tools.addEventListener('submit', event => event.preventDefault());
