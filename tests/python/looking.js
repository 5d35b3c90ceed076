// What a person would see at once, as functions that the browser tests call.
const box = element => element.getBoundingClientRect();
const seen = element => box(element).width > 0 && box(element).height > 0;
const crossing = (a, b, slack) =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > slack && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > slack;

function unfold() {
  document.querySelectorAll('.page').forEach(page => { page.hidden = false; });
  document.querySelectorAll('details').forEach(part => { part.open = true; });
}

// Neighbours that lie over each other, and texts of a chart that do; the box of a text is higher than its letters.
function overlaps() {
  const found = [];
  const parents = 'body, header, main, .page, section, .panels, figure, figcaption, nav, form, ul, ol, dl, tbody, tr, th, td';
  document.querySelectorAll(parents).forEach(parent => {
    const kids = Array.from(parent.children).filter(seen).filter(kid => getComputedStyle(kid).position !== 'sticky');
    kids.slice(1).forEach((kid, i) => {
      if (crossing(box(kids[i]), box(kid), 1)) found.push(`${parent.tagName}: ${kids[i].outerHTML.slice(0, 80)} and ${kid.outerHTML.slice(0, 80)}`);
    });
  });
  document.querySelectorAll('figure svg').forEach(svg => {
    const texts = Array.from(svg.querySelectorAll('text')).filter(seen);
    texts.forEach((text, i) => texts.slice(0, i).forEach(other => {
      if (crossing(box(text), box(other), 2.5)) found.push(`${svg.getAttribute('aria-label').slice(0, 50)}: ${other.textContent} and ${text.textContent}`);
    }));
  });
  return found;
}

// Of each chart its marks and the labels of its axes: the last text of an axis that has more than ticks.
function charts() {
  return Array.from(document.querySelectorAll('figure')).map(figure => {
    const svg = figure.querySelector('svg');
    const labels = Array.from(svg.querySelectorAll('g[id*="matplotlib.axis"]')).map(axis => {
      const own = Array.from(axis.children).filter(child => child.id.includes('text_'));
      return own.length ? own[own.length - 1].textContent.trim() : '';
    });
    const inside = '[id*="line2d_"], [id*="Collection_"], [id*="patch_"], [id*="median-"]';
    const marks = Array.from(svg.querySelectorAll(inside)).filter(g => !g.closest('[id*="tick_"]') && seen(g)).length;
    const caption = figure.querySelector('figcaption').firstChild.textContent.trim();
    const texts = Array.from(svg.querySelectorAll('text')).map(text => text.textContent);
    return { title: svg.getAttribute('aria-label'), kind: figure.dataset.kind, labels, marks, caption, texts,
             command: figure.querySelector('code').textContent };
  });
}

// Where the medians of a chart of intervals lie, and where its ticks do, in px.
function medians() {
  return Array.from(document.querySelectorAll('figure[data-kind="intervals"]')).map(figure => ({
    title: figure.querySelector('svg').getAttribute('aria-label'),
    ids: figure.querySelector('.ids').textContent.trim().split(/\s+/),
    ticks: Array.from(figure.querySelectorAll('[id*="xtick_"]')).map(tick => {
      const line = tick.querySelector('use'), text = tick.querySelector('text');
      return line && text ? [parseFloat(line.getAttribute('x')), text.textContent] : null;
    }).filter(Boolean),
    at: Object.fromEntries(Array.from(figure.querySelectorAll('[id*="median-"]')).map(mark => {
      return [mark.id.slice(mark.id.indexOf('median-') + 7), parseFloat(mark.querySelector('use').getAttribute('x'))];
    })),
  }));
}

function shownRows() {
  return Array.from(document.querySelectorAll('tr[data-channel]')).filter(row => !row.hidden).map(row => row.dataset.channel);
}

// Fills in the filter, and says whose rows are left.
function ask(name, own) {
  for (const [id, value] of [['filter-name', name], ['filter-own', own]]) {
    const field = document.getElementById(id);
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  return shownRows();
}
