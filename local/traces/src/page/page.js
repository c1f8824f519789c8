// List of traces, and the waterfall of one. All text of spans is inserted as text nodes.

const main = document.getElementById('main')
const search = document.getElementById('search')
const REFRESH = 2000
const SVG = 'http://www.w3.org/2000/svg'
const open = new Set()
let shown = ''

function element(name, properties, ...children) {
  const node = Object.assign(document.createElement(name), properties)
  node.append(...children)
  return node
}

function svg(name, attributes, text) {
  const node = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
  if (text) node.textContent = text
  return node
}

function duration(nanoseconds) {
  const ms = nanoseconds / 1e6
  if (ms < 10) return `${ms.toFixed(2)} ms`
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`
}

/** Spans in the order of the tree, each with its depth. A span whose parent is not known is a root. */
function tree(spans) {
  const ids = new Set(spans.map((span) => span.span_id))
  const children = Map.groupBy(spans, (span) => (ids.has(span.parent) ? span.parent : ''))
  const rows = []
  const visited = new Set()
  const visit = (span, depth) => {
    if (visited.has(span.span_id)) return
    visited.add(span.span_id)
    rows.push({ span, depth })
    for (const child of children.get(span.span_id) ?? []) visit(child, depth + 1)
  }
  for (const root of children.get('') ?? []) visit(root, 0)
  // Spans that are parents of each other.
  for (const span of spans) visit(span, 0)
  return rows
}

function bar(span, start, total) {
  const at = (100 * (span.start - start)) / total
  const width = Math.max(0.2, (100 * (span.end - span.start)) / total)
  const node = svg('svg', { 'aria-hidden': 'true' })
  node.append(svg('rect', { x: `${at}%`, y: 2, width: `${width}%`, height: 14, rx: 2 }))
  const fits = at + width < 80
  const text = { y: 13, x: fits ? `${at + width}%` : `${at}%`, dx: fits ? 6 : -6 }
  node.append(svg('text', { ...text, 'text-anchor': fits ? 'start' : 'end' }, duration(span.end - span.start)))
  return node
}

function details(span) {
  const list = element('dl', {})
  const rows = [['span', span.span_id], ['parent', span.parent ?? 'none'], ...span.attributes]
  for (const [name, value] of rows) list.append(element('dt', {}, name), element('dd', {}, value))
  return list
}

function waterfall(id, spans) {
  const start = Math.min(...spans.map((span) => span.start))
  const total = Math.max(1, Math.max(...spans.map((span) => span.end)) - start)
  const nodes = [element('p', {}, `Trace ${id}: ${spans.length} spans, ${duration(total)}`)]
  for (const { span, depth } of tree(spans)) {
    const name = element('span', { className: 'name' }, span.name, element('span', { className: 'service' }, span.service))
    name.style.paddingLeft = `${Math.min(depth, 12) * 14}px`
    const label = `${span.name}, ${span.service}, ${duration(span.end - span.start)}${span.is_error ? ', failed' : ''}`
    const row = element('button', { type: 'button', className: span.is_error ? 'row error' : 'row' }, name, bar(span, start, total))
    row.setAttribute('aria-label', label)
    row.setAttribute('aria-expanded', String(open.has(span.span_id)))
    row.dataset.span = span.span_id
    row.addEventListener('click', () => {
      if (!open.delete(span.span_id)) open.add(span.span_id)
      shown = ''
      refresh()
    })
    nodes.push(row)
    if (open.has(span.span_id)) nodes.push(details(span))
  }
  return nodes
}

function list(traces) {
  if (traces.length === 0) return [element('p', {}, 'No traces yet. Place an order in the order app.')]
  const head = ['Started', 'Trace', 'First span', 'Orders'].map((name) => element('th', {}, name))
  for (const name of ['Spans', 'Duration']) head.push(element('th', { className: 'number' }, name))
  const rows = traces.map((trace) =>
    element(
      'tr',
      {},
      element('td', {}, new Date(trace.start / 1e6).toLocaleTimeString()),
      element('td', {}, element('a', { href: `#${trace.trace_id}` }, trace.trace_id.slice(0, 16))),
      element('td', { className: trace.is_error ? 'error' : '' }, trace.name + (trace.is_error ? ' (with errors)' : '')),
      element('td', {}, trace.orders.join(', ')),
      element('td', { className: 'number' }, String(trace.spans)),
      element('td', { className: 'number' }, duration(trace.duration)),
    ),
  )
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows))
  return [element('div', { className: 'scroll' }, table)]
}

async function load() {
  const id = location.hash.slice(1)
  const path = id ? `/api/traces/${encodeURIComponent(id)}` : `/api/traces?search=${encodeURIComponent(search.value)}`
  const response = await fetch(path)
  if (response.status === 404) return { key: `missing ${id}`, nodes: () => [element('p', {}, `No span of the trace ${id} is in memory: it is too old, or nothing of it was exported.`)] }
  const text = await response.text()
  return { key: id + text, nodes: () => (id ? waterfall(id, JSON.parse(text)) : list(JSON.parse(text))) }
}

async function refresh() {
  try {
    const { key, nodes } = await load()
    // Unchanged content keeps the focus and the selection.
    if (key === shown) return
    shown = key
    const focused = document.activeElement?.dataset?.span
    main.replaceChildren(...nodes())
    if (focused) main.querySelector(`[data-span="${focused}"]`)?.focus()
  } catch {
    shown = ''
    main.replaceChildren(element('p', { className: 'error' }, 'The stack has stopped. Start it again with cargo xtask dev --traces.'))
  }
}

search.addEventListener('input', () => {
  if (location.hash) location.hash = ''
  refresh()
})
addEventListener('hashchange', refresh)
setInterval(refresh, REFRESH)
refresh()
