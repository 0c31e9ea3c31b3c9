'use strict';
// Shows the cases of a report. Everything that others wrote becomes a text node, never markup.
(() => {
  const { agents, cases, hidden } = JSON.parse(document.getElementById('data').textContent);
  const PAGE = 100;
  // Columns that a narrow screen has no room for.
  const WIDE = ['agent', 'old', 'base'];
  // Answers of more pairs of words than this stand side by side without marks.
  const MOST_PAIRS = 4e6;
  // Two answers that share a smaller part of their words are not marked either.
  const LEAST_COMMON = 0.5;
  const anyOld = agents.some((agent) => agent.old);
  const anyBase = agents.some((agent) => agent.base);
  const state = { agent: '', which: '', text: '', sort: anyOld ? 'change' : 'now', up: true, page: 0 };
  const open = new Set();

  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (typeof value === 'function') element.addEventListener(name, value);
      else if (value !== null && value !== false) element.setAttribute(name, value === true ? '' : value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  };

  const kinds = {
    worse: ['got worse', (c) => c.change[0] !== null && c.change[0] < -0.005],
    better: ['got better', (c) => c.change[0] !== null && c.change[0] > 0.005],
    below: ['below the floor', (c) => c.below],
    missing: ['without a score', (c) => c.samples.some((sample) => sample.score === null)],
    alone: ['not compared', (c) => c.change[0] === null],
    aside: ['new or draft', (c) => c.aside !== null],
  };

  const promptOf = (c) => c.messages.at(-1)?.text[0] ?? '';
  // Cut between characters, not within one that takes two places.
  const excerpt = (text) => {
    const start = [...text.slice(0, 280)].slice(0, 140).join('');
    if (start.length === text.length) return text;
    const words = start.slice(0, start.search(/\s\S*$/));
    return `${(words.length > start.length / 2 ? words : start).trimEnd()} …`;
  };
  const searched = new Map();
  const words = (c) => {
    if (!searched.has(c)) {
      const answers = c.samples.map((sample) => sample.answer?.[0] ?? '');
      const said = c.messages.map((message) => message.text[0]);
      searched.set(c, [c.id, ...c.tags, ...said, ...answers].join('\n').toLowerCase());
    }
    return searched.get(c);
  };

  const columns = [
    ['agent', 'agent', (c) => agents[c.agent].name, agents.length > 1],
    ['id', 'case', (c) => c.id, true],
    ['old', 'before', (c) => c.old[0], anyOld],
    ['base', 'base model', (c) => c.base[0], anyBase],
    ['now', 'now', (c) => c.now[0], true],
    ['change', 'change', (c) => c.change[0], anyOld],
  ].filter(([, , , shown]) => shown);

  const found = () => {
    const text = state.text.toLowerCase();
    const wanted = cases.filter((c) => (state.agent === '' || c.agent === Number(state.agent))
      && (state.which === '' || kinds[state.which][1](c))
      && (text === '' || words(c).includes(text)));
    const value = columns.find(([key]) => key === state.sort)[2];
    const order = (one, other) => {
      const [a, b] = [value(one), value(other)];
      // What has no number stands last, whichever way is sorted.
      if (a === null || b === null) return (a === null) - (b === null);
      const less = typeof a === 'string' ? a.localeCompare(b) : a - b;
      return state.up ? less : -less;
    };
    return wanted.sort(order);
  };

  // Words, each with the space before it: a run of changed words is marked as one.
  const pieces = (text) => text.match(/\s*(?:[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_])|\s+$/gu) ?? [];
  const same = (one, other) => one.trim() === other.trim();

  // The longest common subsequence of two lists of words; both sides with what only they have, or why nothing is
  // marked: where little is common, marks hide more than they show.
  const compared = (old, now) => {
    const [a, b] = [pieces(old), pieces(now)];
    let start = 0;
    while (start < a.length && start < b.length && same(a[start], b[start])) start += 1;
    let end = 0;
    while (end < Math.min(a.length, b.length) - start && same(a.at(-1 - end), b.at(-1 - end))) end += 1;
    const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
    if (x.length * y.length > MOST_PAIRS) return { why: 'These are too long to mark what differs.' };
    const width = y.length + 1;
    const longest = new Uint16Array((x.length + 1) * width);
    for (let i = x.length - 1; i >= 0; i -= 1) {
      for (let j = y.length - 1; j >= 0; j -= 1) {
        longest[i * width + j] = same(x[i], y[j])
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
      }
    }
    if (start + end + longest[0] < LEAST_COMMON * Math.max(a.length, b.length)) {
      return { why: 'Most of it differs, so nothing is marked.' };
    }
    const sides = [[['', a.slice(0, start)]], [['', b.slice(0, start)]]];
    const add = (side, mark, word) => {
      const last = side.at(-1);
      if (last[0] === mark) last[1].push(word);
      else side.push([mark, [word]]);
    };
    let [i, j] = [0, 0];
    while (i < x.length || j < y.length) {
      if (i < x.length && j < y.length && same(x[i], y[j])) {
        add(sides[0], '', x[i]);
        add(sides[1], '', y[j]);
        i += 1;
        j += 1;
      } else if (j === y.length || (i < x.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
        add(sides[0], 'del', x[i]);
        i += 1;
      } else {
        add(sides[1], 'ins', y[j]);
        j += 1;
      }
    }
    sides[0].push(['', a.slice(a.length - end)]);
    sides[1].push(['', b.slice(b.length - end)]);
    return { sides };
  };

  const block = ([text, more], marked) => {
    const inside = marked
      ? marked.map(([mark, parts]) => (mark ? make(mark, null, parts.join('')) : parts.join('')))
      : [text];
    const rest = more > 0 ? [make('p', { class: 'prompt' }, `${more} more characters in run.json`)] : [];
    return [make('pre', { tabindex: '0' }, ...inside), ...rest];
  };
  const listed = (lines) => make('ul', null, ...lines.map((line) => make('li', null, line)));
  const folded = (title, ...inside) => make('details', null, make('summary', null, title), ...inside);

  const reasons = (sample) => {
    const free = sample.failed.filter((check) => !sample.lost.some((line) => line.includes(check)));
    const titled = (title, lines) => (lines.length > 0 ? [make('h3', null, title), listed(lines)] : []);
    return [
      ...(sample.why === null ? [] : [make('p', null, sample.why)]),
      ...titled('Points lost', sample.lost),
      ...titled('Checks that did not hold, at no cost', free),
    ];
  };

  const answered = (c) => {
    const scored = c.samples.filter((sample) => sample.score !== null);
    const weakest = scored.reduce((least, one) => (least === null || Number(one.score) < Number(least.score) ? one : least), null);
    const first = weakest ?? c.samples[0];
    if (!first) return [make('p', null, 'It was not asked.')];
    const others = c.samples.filter((sample) => sample !== first);
    const title = (sample) => (sample.score === null ? 'No score' : `Answer, ${sample.score}`);
    const shown = [];
    if (first.answer !== null && c.old_answer !== null) {
      const { sides, why } = compared(c.old_answer[0], first.answer[0]);
      shown.push(make('div', { class: 'sides' },
        make('div', null, make('h3', null, 'Before'), ...block(c.old_answer, sides?.[0])),
        make('div', null, make('h3', null, title(first)), ...block(first.answer, sides?.[1]))));
      if (why) shown.push(make('p', { class: 'prompt' }, why));
    } else {
      shown.push(make('h3', null, title(first)));
      if (first.answer !== null) shown.push(...block(first.answer));
      else if (hidden) shown.push(make('p', { class: 'prompt' }, 'Answers are not shown here (report.answers).'));
    }
    shown.push(...reasons(first));
    for (const sample of others) {
      shown.push(folded(title(sample), ...(sample.answer === null ? [] : block(sample.answer)), ...reasons(sample)));
    }
    if (c.base_answer !== null) shown.push(folded(`The base model's answer, ${c.base[1]}`, ...block(c.base_answer)));
    return shown;
  };

  const detail = (c) => make('tr', { class: 'detail' }, make('td', { colspan: columns.length },
    c.aside === null ? null : make('p', { class: 'banner' }, c.aside),
    c.excluded === null ? null : make('p', { class: 'banner' }, `Not compared: ${c.excluded}`),
    ...c.messages.flatMap((message) => [make('h3', null, message.role), ...block(message.text)]),
    c.expected === null ? null : folded('What was expected', ...block(c.expected)),
    c.dimensions.length > 0
      ? make('p', null, c.dimensions.map((d) => `${d.name} ${d.old === null ? '' : `${d.old} → `}${d.now}`).join(' · '))
      : null,
    ...answered(c),
    c.tags.length > 0 ? make('p', { class: 'prompt' }, `tags: ${c.tags.join(', ')}`) : null));

  const cell = (c, key) => {
    if (key === 'agent') return make('td', { class: 'wide' }, agents[c.agent].name);
    if (key !== 'id') return make('td', { class: WIDE.includes(key) ? 'number wide' : 'number' }, c[key][1]);
    const toggle = (event) => {
      const row = event.target.closest('tr');
      if (open.delete(c)) row.nextElementSibling.remove();
      else {
        open.add(c);
        row.after(detail(c));
      }
      event.target.setAttribute('aria-expanded', String(open.has(c)));
    };
    return make('td', null,
      make('button', { class: 'case', type: 'button', 'aria-expanded': String(open.has(c)), click: toggle }, c.id),
      make('div', { class: 'prompt' }, excerpt(promptOf(c))));
  };

  const heading = ([key, label]) => {
    const sorted = state.sort === key;
    const sort = () => {
      Object.assign(state, { sort: key, up: sorted ? !state.up : true, page: 0 });
      draw();
      list.querySelector(`th[data-key="${key}"] button`).focus();
    };
    const mark = sorted ? (state.up ? ' ▲' : ' ▼') : '';
    return make('th', {
      scope: 'col',
      'data-key': key,
      class: WIDE.includes(key) ? 'wide' : null,
      'aria-sort': sorted ? (state.up ? 'ascending' : 'descending') : 'none',
    }, make('button', { type: 'button', click: sort }, label + mark));
  };

  const list = document.getElementById('list');
  const count = make('p', { 'aria-live': 'polite', class: 'count' });
  const table = make('div', { class: 'scroll' });
  const pages = make('div', { class: 'pages' });
  let shown = [];

  const draw = () => {
    shown = found();
    const last = Math.max(0, Math.ceil(shown.length / PAGE) - 1);
    state.page = Math.min(state.page, last);
    const from = state.page * PAGE;
    const rows = shown.slice(from, from + PAGE).flatMap((c) => {
      const row = make('tr', null, ...columns.map(([key]) => cell(c, key)));
      return open.has(c) ? [row, detail(c)] : [row];
    });
    count.textContent = shown.length === cases.length ? `${cases.length} cases` : `${shown.length} of ${cases.length} cases`;
    table.replaceChildren(make('table', { class: 'cases' },
      make('thead', null, make('tr', null, ...columns.map(heading))),
      make('tbody', null, ...rows)));
    const step = (by) => () => {
      state.page += by;
      draw();
      list.scrollIntoView();
    };
    pages.replaceChildren(...(last === 0 ? [] : [
      make('button', { type: 'button', disabled: state.page === 0, click: step(-1) }, 'previous'),
      make('span', null, `${from + 1} to ${Math.min(from + PAGE, shown.length)}`),
      make('button', { type: 'button', disabled: state.page === last, click: step(1) }, 'next'),
    ]));
  };

  let waiting = 0;
  const search = (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      Object.assign(state, { text: event.target.value, page: 0 });
      draw();
    }, 120);
  };
  const choose = (key) => (event) => {
    Object.assign(state, { [key]: event.target.value, page: 0 });
    draw();
  };
  const option = (value, label) => make('option', { value }, label);
  const filters = make('div', { class: 'filters', role: 'search', 'aria-label': 'Cases' },
    agents.length > 1
      ? make('label', null, 'agent', make('select', { change: choose('agent'), name: 'agent' },
        option('', 'all'), ...agents.map((agent, place) => option(String(place), agent.name))))
      : null,
    make('label', null, 'show', make('select', { change: choose('which'), name: 'which' },
      option('', 'all cases'), ...Object.entries(kinds).filter(([, [, is]]) => cases.some(is)).map(([key, [label]]) => option(key, label)))),
    make('label', null, 'search', make('input', { type: 'search', input: search, placeholder: 'id, prompt, answer, tag' })));

  const reveal = (c) => {
    Object.assign(state, { agent: '', which: '', text: '' });
    for (const control of filters.querySelectorAll('select, input')) control.value = '';
    open.add(c);
    state.page = Math.floor(found().indexOf(c) / PAGE);
    draw();
    const button = table.querySelectorAll('button.case')[shown.indexOf(c) - state.page * PAGE];
    button.scrollIntoView();
    button.focus({ preventScroll: true });
  };

  const extremes = (agent, place) => {
    const own = cases.filter((c) => c.agent === place && c.now[0] !== null && c.aside === null);
    if (own.length < 2) return null;
    own.sort((a, b) => b.now[0] - a.now[0]);
    const some = Math.min(3, Math.floor(own.length / 2));
    const ranked = (title, of) => make('div', null, make('h3', null, title),
      make('ol', null, ...of.map((c) => make('li', null,
        make('button', { class: 'case', type: 'button', click: () => reveal(c) }, c.id), ` ${c.now[1]}`,
        make('div', { class: 'prompt' }, excerpt(promptOf(c)))))));
    return make('div', { class: 'extremes' },
      ranked(`${agent.name}: best`, own.slice(0, some)),
      ranked(`${agent.name}: worst`, own.slice(-some).reverse()));
  };

  if (cases.length === 0) {
    list.append(make('p', null, 'No case was asked.'));
    return;
  }
  list.append(filters, count, table, pages);
  draw();
  const best = agents.map(extremes).filter((one) => one !== null);
  document.getElementById('extremes').append(...best);
  document.getElementById('best-and-worst').hidden = best.length === 0;
})();
