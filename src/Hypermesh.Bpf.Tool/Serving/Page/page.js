import { Heat, Lines, colours } from './charts.js';

// What says how far figures can be trusted has places of its own on the page.
const trustMetrics = /^(hypermesh\.(monitor|hook|events|ground_truth|series)\.|bpf\.)/;
const labels = {
  'hypermesh.cpu.context_switches': 'context switches', 'hypermesh.cpu.runqueue.latency': 'wait for a CPU', 'hypermesh.cpu.task.time': 'time of tasks, by CPU',
  'hypermesh.cpu.softirq.time': 'soft interrupts', 'hypermesh.cpu.irq.time': 'hardware interrupts', 'hypermesh.cpu.migrations': 'migrations',
  'hypermesh.cgroup.cpu.task.time': 'CPU time, by cgroup', 'hypermesh.cgroup.cpu.context_switches': 'context switches, by cgroup', 'hypermesh.cgroup.cpu.runqueue.time': 'tasks that wait for a CPU, by cgroup',
  'system.network.io': 'bytes, by interface', 'system.network.packet.count': 'packets, by interface', 'hypermesh.network.protocol.packets': 'packets, by protocol',
  'hypermesh.network.protocol.io': 'bytes, by protocol', 'hypermesh.network.drops': 'dropped packets, by reason', 'hypermesh.network.segments': 'packets joined by GRO and GSO',
  'hypermesh.tcp.connection.duration': 'life of connections', 'hypermesh.tcp.rtt': 'round trip', 'hypermesh.tcp.retransmits': 'segments sent again', 'hypermesh.tcp.io': 'bytes of ended connections',
  'system.network.connection.count': 'connections, by state', 'system.disk.io': 'bytes, by disk', 'system.disk.operations': 'requests, by disk', 'hypermesh.disk.operation.duration': 'time of requests',
  'hypermesh.disk.errors': 'failed requests', 'hypermesh.cgroup.disk.io': 'bytes of disks, by cgroup', 'hypermesh.process.execs': 'programs started', 'system.process.created': 'processes created',
  'hypermesh.file.operations': 'file operations',
};
// Seconds that tasks waited in a second: so many waited on average.
const means = new Set(['hypermesh.cgroup.cpu.runqueue.time']);
const units = { s: 's', By: 'B', 'By/s': 'B/s', '1': '', Cel: '°C' };
const monitors = new Map();
const busiest = {};
let lastReading = 0;
let missed = 0;

const byId = id => document.getElementById(id);

function make(parent, tag, className, text) {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  if (text !== undefined) {
    element.textContent = text;
  }
  parent.append(element);
  return element;
}

function scaled(value, unit) {
  const bytes = unit === 'B' || unit === 'B/s';
  const step = bytes ? 1024 : 1000;
  const names = bytes ? ['', 'Ki', 'Mi', 'Gi', 'Ti'] : ['', 'k', 'M', 'G', 'T'];
  let i = 0;
  while (Math.abs(value) >= step && i < names.length - 1) {
    value /= step;
    i++;
  }
  return `${value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3)} ${names[i]}${unit}`.trim();
}

function time(seconds) {
  const names = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1], ['ms', 1e-3], ['µs', 1e-6], ['ns', 1e-9]];
  const [name, size] = names.find(one => seconds >= one[1]) ?? names.at(-1);
  return `${(seconds / size).toPrecision(3)} ${name}`;
}

const percent = share => `${(share * 100).toFixed(share !== 0 && Math.abs(share) < 0.01 ? 2 : 1)} %`;

function textOf(metric, value) {
  if (metric.isMean) {
    return scaled(value, '');
  }
  if (metric.kind === 'counter') {
    return metric.unit === 's' ? percent(value) : scaled(value, metric.unit === 'By' ? 'B/s' : '/s');
  }
  return metric.unit === 's' ? time(value) : metric.unit === '1' ? percent(value) : scaled(value, units[metric.unit] ?? metric.unit.replace(/[{}]/g, ' '));
}

const bound = (exponent, unit) => unit === 's' ? time(2 ** exponent) : scaled(2 ** exponent, units[unit] ?? '');

// The values of all attributes, such as "vda read".
function nameOf(point) {
  return Object.entries(point).filter(([key, value]) => typeof value === 'string' && key !== 'value')
    .map(([key, value]) => key === 'cpu.logical_number' ? `CPU ${value}` : value).join(' ') || 'all';
}

function seconds(monitor) {
  return monitor.endNs > monitor.startNs ? (monitor.endNs - monitor.startNs) / 1e9 : 1;
}

// A counter's points become rates; several with the same name are added.
function valuesOf(metric, duration) {
  const values = new Map();
  for (const point of metric.points) {
    const name = nameOf(point);
    values.set(name, (values.get(name) ?? 0) + (metric.kind === 'counter' ? point.value / duration : point.value));
  }
  return values;
}

function slotsOf(metric) {
  const counts = new Map();
  for (const point of metric.points) {
    for (const slot of point.slots) {
      counts.set(slot.upTo, (counts.get(slot.upTo) ?? 0) + slot.count);
    }
  }
  return [...counts].map(([upTo, count]) => ({ upTo, count })).sort((a, b) => a.upTo - b.upTo);
}

// The time in a queue and the time in the device are histograms of their own.
function partsOf(name, metric) {
  const stages = [...new Set(metric.points.map(point => point['hypermesh.stage']))];
  return metric.kind !== 'histogram' || stages[0] === undefined ? [[name, metric.points]]
    : stages.map(stage => [`${name} ${stage}`, metric.points.filter(point => point['hypermesh.stage'] === stage)]);
}

// The slot in which a share of the values is reached; its upper bound is at most twice the true value.
function percentile(slots, share) {
  const wanted = share * slots.reduce((sum, slot) => sum + slot.count, 0);
  let sum = 0;
  return slots.find(slot => (sum += slot.count) >= wanted)?.upTo;
}

function showFigure(parent, known, name, metric, duration) {
  let figure = known.get(name);
  if (!figure) {
    const isHeat = metric.kind === 'histogram';
    const element = make(parent, 'div', isHeat ? 'figure heat' : 'figure');
    element.dataset.figure = name;
    const heading = document.createElement('h3');
    const [full, stage] = name.split(' ');
    heading.textContent = (labels[full] ?? full.replace(/^(hypermesh|system|hw)\./, '').replace(/[._]/g, ' ')) + (stage ? `: ${stage}` : '');
    heading.title = name;
    const value = document.createElement('span');
    value.className = 'value';
    element.append(...isHeat ? [heading, value] : [value, heading]);
    const canvas = make(element, 'canvas');
    const axis = make(element, 'div', 'axis');
    const legend = make(element, 'ul', 'legend');
    figure = { value, legend, axis, canvas, chart: isHeat ? new Heat(canvas) : new Lines(canvas) };
    canvas.setAttribute('role', 'img');
    known.set(name, figure);
  }
  if (metric.kind === 'histogram') {
    showHeat(figure, metric);
  } else {
    showLines(figure, metric, duration);
  }
}

function showLines(figure, metric, duration) {
  const values = valuesOf(metric, duration);
  figure.chart.add(values);
  const { names, most } = figure.chart.draw();
  const total = [...values.values()].reduce((sum, value) => sum + value, 0);
  figure.value.textContent = metric.kind === 'gauge' && values.size > 1 ? '' : textOf(metric, total);
  figure.axis.replaceChildren();
  make(figure.axis, 'span', '', '2 min');
  make(figure.axis, 'span', '', `highest line ${textOf(metric, most)}`);
  figure.legend.replaceChildren();
  names.forEach((name, i) => {
    const entry = make(figure.legend, 'li');
    make(entry, 'i').style.background = colours[i];
    entry.append(values.has(name) ? `${name} ${textOf(metric, values.get(name))}` : name);
  });
  figure.canvas.setAttribute('aria-label', names.map(name => `${name}: ${textOf(metric, values.get(name) ?? 0)}`).join(', '));
}

function showHeat(figure, metric) {
  const slots = slotsOf(metric);
  figure.chart.add(slots);
  const range = figure.chart.draw();
  const unit = metric.unit;
  const text = slots.length === 0 ? 'none' : `p50 ≤ ${bound(Math.log2(percentile(slots, 0.5)), unit)}, p99 ≤ ${bound(Math.log2(percentile(slots, 0.99)), unit)}`;
  figure.value.textContent = text;
  figure.axis.replaceChildren();
  make(figure.axis, 'span', '', range ? `bottom ${bound(range.low, unit)}` : 'nothing counted in 2 min');
  make(figure.axis, 'span', '', range ? `top ${bound(range.high, unit)}` : '');
  figure.canvas.setAttribute('aria-label', text);
}

function table(parent, heads, rows) {
  const element = make(make(parent, 'div', 'scroll'), 'table');
  const head = make(make(element, 'thead'), 'tr');
  heads.forEach(text => make(head, 'th', '', text));
  const body = make(element, 'tbody');
  for (const cells of rows) {
    const row = make(body, 'tr');
    cells.forEach(cell => make(row, 'td', typeof cell === 'number' ? 'number' : cell?.className ?? '', cell?.text ?? cell ?? ''));
  }
}

function showMonitor(monitor) {
  let known = monitors.get(monitor.name);
  if (!known) {
    const element = make(byId('monitors'), 'article', 'monitor');
    element.dataset.monitor = monitor.name;
    const header = make(element, 'header');
    make(header, 'h2', '', monitor.name);
    known = { element, condition: make(header, 'span'), facts: make(header, 'span', 'facts'), reason: make(element, 'p', 'reason'), figures: make(element, 'div', 'figures'), known: new Map() };
    known.details = make(element, 'details');
    make(known.details, 'summary', '', 'hooks and comparison with the kernel');
    known.tables = make(known.details, 'div');
    monitors.set(monitor.name, known);
  }
  known.element.dataset.condition = monitor.condition;
  known.condition.className = `pill ${monitor.condition}`;
  known.condition.textContent = monitor.condition;
  known.reason.textContent = monitor.reason ?? '';
  known.reason.hidden = !monitor.reason;
  const states = monitor.hooks.map(hook => hook.state);
  const count = state => states.filter(one => one === state).length;
  const absent = monitor.absentHooks.length;
  const hooks = [...['fired', 'unproven', 'blind'].filter(count).map(state => `${count(state)} ${state}`), ...(absent > 0 ? [`${absent} not on this kernel`] : [])].join(', ');
  known.facts.textContent = monitor.endNs === undefined ? '' : `hooks: ${hooks} · loss ${monitor.dropped + monitor.missed} · error ${monitor.error === null ? 'nothing to compare with' : percent(Math.abs(monitor.error))}`;
  for (const [name, metric] of Object.entries(monitor.figures ?? {})) {
    if (!trustMetrics.test(name)) {
      partsOf(name, metric).forEach(([part, points]) => showFigure(known.figures, known.known, part, { ...metric, points, isMean: means.has(name) }, seconds(monitor)));
    }
  }
  if (known.details.open) {
    known.tables.replaceChildren();
    table(known.tables, ['hook', 'state', 'source', 'fired', 'kernel, at least', 'reason'], monitor.hooks.map(hook =>
      [hook.name, { className: hook.state, text: hook.state }, hook.source, hook.fired, hook.expected ?? 'no counter', hook.reason]));
    if (absent > 0) {
      table(known.tables, ['hook that is absent', 'reason'], monitor.absentHooks.map(hook => [hook.name, hook.reason]));
    }
    table(known.tables, ['figure', 'measured', 'kernel, at least', 'at most', 'source', 'outside by'], (monitor.groundTruth ?? []).map(truth =>
      [truth.figure, truth.measured, truth.low, truth.high, truth.source, truth.error]));
  }
}

function showBusiest(what, name, value, share, why) {
  let card = busiest[what];
  if (!card) {
    const element = make(byId('busiest'), 'div', 'card');
    element.id = `busiest-${what}`;
    make(element, 'div', 'what', `busiest ${what}`);
    card = { value: make(element, 'span', 'value'), name: make(element, 'div', 'name') };
    card.fill = make(make(element, 'div', 'bar'), 'div');
    card.why = make(element, 'div', 'why');
    busiest[what] = card;
  }
  card.name.textContent = name;
  card.value.textContent = value;
  card.fill.parentElement.hidden = share === null;
  card.fill.style.width = `${Math.min(100, Math.max(0, share * 100))}%`;
  card.why.textContent = why;
}

// How far a monitor's figures can be trusted, in one sentence.
function trustOf(monitor) {
  if (!monitor || monitor.condition === 'refused') {
    return monitor?.reason ?? 'not monitored';
  }
  const truth = monitor.groundTruth?.[0];
  const loss = monitor.dropped + monitor.missed;
  const comparison = truth ? `error ${percent(Math.abs(monitor.error))} against ${truth.source}` : 'nothing to compare with';
  return `${comparison}, ${loss === 0 ? 'nothing lost' : `${loss} lost`}${monitor.hooks.some(hook => hook.state === 'blind') ? ', a hook is blind' : ''}`;
}

function greatest(values) {
  return [...values].reduce((most, one) => most === null || one[1] > most[1] ? one : most, null);
}

// The values of a counter by one attribute.
function by(metric, attribute, duration) {
  const values = new Map();
  for (const point of metric?.points ?? []) {
    values.set(point[attribute], (values.get(point[attribute]) ?? 0) + point.value / duration);
  }
  return values;
}

function showBusiestOf(reading) {
  const find = name => reading.monitors.find(monitor => monitor.name === name);
  const cpu = find('cpu');
  const [number, time] = greatest(by(cpu?.figures?.['hypermesh.cpu.task.time'], 'cpu.logical_number', cpu ? seconds(cpu) : 1)) ?? [];
  showBusiest('cpu', number === undefined ? 'not known' : `CPU ${number}`, number === undefined ? '' : percent(time), time ?? 0, trustOf(cpu));
  const disk = find('disk');
  const disks = by(disk?.figures?.['system.disk.io'], 'system.device', disk ? seconds(disk) : 1);
  const [device, rate] = greatest(disks) ?? [];
  showBusiest('disk', rate ? device : disk ? 'none is in use' : 'not monitored', rate ? scaled(rate, 'B/s') : '', null, trustOf(disk));
  const network = find('network');
  if (network) {
    const [device, rate] = greatest(by(network.figures?.['system.network.io'], 'network.interface.name', seconds(network))) ?? [];
    showBusiest('interface', rate ? device : 'none is in use', rate ? scaled(rate, 'B/s') : '', null, trustOf(network));
  }
}

async function showProcesses() {
  const answer = await fetch('/api/processes');
  if (!answer.ok) {
    return;
  }
  const processes = await answer.json();
  const first = processes[0];
  showBusiest('process', first ? `${first.name} (${first.pid})` : 'none', first ? percent(first.cpuShare) : '', first?.cpuShare ?? 0,
    `of one core, by the kernel's ticks of 10 ms${processes.length > 1 ? `; next: ${processes.slice(1, 4).map(one => `${one.name} ${percent(one.cpuShare)}`).join(', ')}` : ''}`);
}

function pill(parent, text, className, title) {
  const element = make(parent, 'li', `pill ${className}`, text);
  element.title = title;
}

function showTrust(reading) {
  const running = reading.monitors.filter(monitor => monitor.endNs !== undefined);
  const lost = running.reduce((sum, monitor) => sum + monitor.dropped + monitor.missed, 0);
  const blind = reading.monitors.flatMap(monitor => monitor.hooks).filter(hook => hook.state === 'blind').length;
  const errors = running.map(monitor => monitor.error).filter(error => error !== null);
  const worst = errors.length === 0 ? null : errors.reduce((most, error) => Math.abs(error) > Math.abs(most) ? error : most);
  const fine = reading.monitors.filter(monitor => monitor.condition === 'ok').length;
  const list = byId('trust');
  list.replaceChildren();
  pill(list, `${fine} of ${reading.monitors.length} monitors ok`, fine === reading.monitors.length ? 'ok' : 'degraded', 'The others say below what is missing');
  pill(list, `loss ${lost}`, lost === 0 ? 'ok' : 'bad', 'Events lost in the last reading');
  pill(list, worst === null ? 'error not known' : `error ${percent(Math.abs(worst))}`, worst === null ? 'degraded' : Math.abs(worst) <= 0.01 ? 'ok' : 'bad', 'The greatest distance to a kernel counter');
  pill(list, `blind ${blind}`, blind === 0 ? 'ok' : 'bad', 'Hooks that do not fire although the kernel counted events');
  if (missed > 0) {
    pill(list, `${missed} readings not received`, 'degraded', 'This browser did not keep up');
  }
}

function show(reading) {
  lastReading = performance.now();
  byId('host').textContent = `${reading.host} · Linux ${reading.kernel}`;
  document.title = `${reading.host} · hmbpf`;
  byId('note').hidden = !reading.note;
  byId('note').textContent = reading.note ?? '';
  showTrust(reading);
  showBusiestOf(reading);
  reading.monitors.forEach(showMonitor);

  // Which reading all of this is of.
  document.body.dataset.sequence = reading.sequence;
  showProcesses().catch(() => {});
}

setInterval(() => {
  const age = (performance.now() - lastReading) / 1000;
  const late = age > 3;
  document.body.classList.toggle('late', late);
  byId('age').className = late ? 'late' : '';
  byId('age').textContent = lastReading === 0 ? 'waiting for the first reading' : late ? `no reading for ${age.toFixed(0)} s` : 'live';
}, 500);

const events = new EventSource('/api/events');
events.addEventListener('reading', event => show(JSON.parse(event.data)));
events.addEventListener('lost', event => { missed += Number(event.data); });
