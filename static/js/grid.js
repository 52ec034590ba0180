// The forecast grid: paste a block from Excel, move by keys, undo, totals that
// follow, and unsaved figures that survive a session that ended. The form
// works without this file; every rule is the server's.

const form = document.getElementById('grid')
const rows = Array.from(form.querySelectorAll('tbody tr'))
const columns = ['forecast', 'reason']
const cells = rows.map((row) => columns.map((name) => row.querySelector(`input[name^="${name}-"]`)))
const seen = rows.map((row) => row.querySelector('input[name^="seen-"]'))
const places = new Map(cells.flatMap((pair, r) => pair.map((cell, c) => [cell, [r, c]])))
const state = document.getElementById('grid-state')
const undoButton = document.getElementById('grid-undo')
const keptAt = `grid:${form.dataset.user}:${location.pathname}`

// ---------------------------------------------------------------- amounts

// Pence of what people write, null for an empty cell, undefined for what the
// server would refuse: the totals then wait.
function pence (text) {
  let body = text.trim().replace(/[\u2212\u2013]/g, '-')
  if (body === '') return null
  if (body === '-' || body === '\u2014') return 0
  const bracketed = /^\(.*\)$/.test(body)
  if (bracketed) body = body.slice(1, -1).trim()
  const match = /^([-+]?)\s*£?\s*(-?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)\s*([kKmM]?)(-?)$/.exec(body)
  if (!match) return undefined
  const signs = [match[1], match[2], match[5]].filter(Boolean).length + (bracketed ? 1 : 0)
  if (signs > 1) return undefined
  const [whole, part = ''] = match[3].replace(/,/g, '').split('.')
  const scale = { '': 0, k: 3, m: 6 }[match[4].toLowerCase()] + 2
  if (part.slice(scale).replace(/0/g, '') !== '') return undefined
  const value = Number((whole || '0') + part.slice(0, scale).padEnd(scale, '0'))
  if (value > 999999999999) return undefined
  const negative = bracketed || match[1] === '-' || match[2] || match[5]
  return negative && value ? -value : value
}

function shown (value, signed) {
  if (value === null) return '–'
  const size = Math.abs(value)
  const pounds = Math.floor(size / 100).toLocaleString('en-GB')
  const rest = size % 100 ? `.${String(size % 100).padStart(2, '0')}` : ''
  return `${value < 0 ? '-' : signed && value > 0 ? '+' : ''}${pounds}${rest}`
}

// ---------------------------------------------------------------- totals

const figure = (text) => text === '' ? null : Number(text)
const lines = rows.map((row, r) => {
  const saved = figure(row.querySelector('input[name^="seen-"]').value)
  const line = {
    budget: Number(row.dataset.budget),
    planned: Number(row.dataset.planned),
    previous: figure(row.dataset.previous),
    saved,
    outputs: Object.fromEntries(['variance', 'movement'].map(
      (name) => [name, row.querySelector(`[data-out="${name}"]`)]
    )),
    row
  }
  line.before = derived(line, saved)
  return line
})
const totals = Array.from(form.ownerDocument.querySelectorAll('[data-total]')).map((cell) => ({
  cell, name: cell.dataset.total, saved: figure(cell.dataset.pence)
}))
const sums = { forecast: 0, variance: 0, movement: 0 }
const changed = new Set()

function derived (line, forecast) {
  const variance = forecast === null ? (line.planned || null) : forecast - line.budget + line.planned
  const movement = variance === null || line.previous === null ? null : variance - line.previous
  return { forecast, variance, movement }
}

lines.forEach((line) => { line.added = { forecast: 0, variance: 0, movement: 0 } })

// One line's own figures, and what it adds to the totals against what is saved.
function follow (r) {
  const [cell, reason] = cells[r]
  const line = lines[r]
  const value = pence(cell.value)
  const dirty = cell.value.trim() !== cell.dataset.savedValue || reason.value.trim() !== ''
  changed[dirty ? 'add' : 'delete'](r)
  line.row.classList.toggle('grid__row--changed', dirty)
  cell.classList.toggle('grid__input--odd', value === undefined)
  const now = derived(line, value === undefined || value === null ? line.saved : value)
  for (const name of Object.keys(sums)) {
    const added = (now[name] ?? 0) - (line.before[name] ?? 0)
    sums[name] += added - line.added[name]
    line.added[name] = added
    if (line.outputs[name]) line.outputs[name].textContent = shown(now[name], true)
  }
}

function showTotals () {
  for (const { cell, name, saved } of totals) {
    const value = saved === null && sums[name] === 0 ? null : (saved ?? 0) + sums[name]
    cell.textContent = shown(value, name !== 'forecast')
  }
  const odd = form.querySelectorAll('.grid__input--odd').length
  const count = changed.size
  undoButton.hidden = steps.length === 0
  if (!count) state.textContent = ''
  else {
    state.textContent = `${count} ${count === 1 ? 'line' : 'lines'} changed, not saved yet` +
      (odd ? `; ${odd} cannot be read as ${odd === 1 ? 'an amount' : 'amounts'}` : '')
  }
}

// ---------------------------------------------------------------- changes and undo

const steps = []
let before = null // what the cell in use held when it was entered

function put (writes, { undoable = true } = {}) {
  if (undoable && writes.length) steps.push(writes.map(([cell]) => [cell, cell.value]))
  const touched = new Set()
  for (const [cell, value] of writes) {
    cell.value = value
    touched.add(places.get(cell)[0])
  }
  touched.forEach(follow)
  showTotals()
  keep()
}

function undo () {
  const step = steps.pop()
  if (!step) return
  put(step, { undoable: false })
  step[0][0].focus()
  say(`${step.length === 1 ? 'One cell is' : `${step.length} cells are`} as before.`)
}

function say (text) {
  state.textContent = [text, state.textContent].filter(Boolean).join(' ')
}

form.addEventListener('focusin', (event) => {
  if (places.has(event.target)) before = event.target.value
})
form.addEventListener('input', (event) => {
  if (!places.has(event.target)) return
  follow(places.get(event.target)[0])
  showTotals()
  keep()
})
form.addEventListener('change', (event) => {
  if (!places.has(event.target) || before === null || before === event.target.value) return
  steps.push([[event.target, before]])
  before = event.target.value
  showTotals()
})
undoButton.addEventListener('click', undo)

// ---------------------------------------------------------------- keys

function move (r, c, down, across) {
  const target = cells[r + down]?.[c + across]
  if (!target) return false
  target.focus()
  target.select()
  return true
}

form.addEventListener('keydown', (event) => {
  const place = places.get(event.target)
  if (!place || event.altKey) return
  const [r, c] = place
  const cell = event.target
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() === 'z' && cell.value === before && steps.length) {
      event.preventDefault()
      undo()
    }
    return
  }
  const atStart = cell.selectionStart === 0 && cell.selectionEnd === 0
  const all = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length
  const atEnd = cell.selectionStart === cell.value.length
  let moved = false
  if (event.key === 'ArrowDown') moved = move(r, c, 1, 0)
  else if (event.key === 'ArrowUp') moved = move(r, c, -1, 0)
  else if (event.key === 'ArrowRight' && (atEnd || all)) moved = move(r, c, 0, 1)
  else if (event.key === 'ArrowLeft' && (atStart || all)) moved = move(r, c, 0, -1)
  else if (event.key === 'Enter') {
    move(r, c, event.shiftKey ? -1 : 1, 0)
    moved = true // Enter never sends the form from within the table
  } else if (event.key === 'Escape') {
    if (cell.value !== cell.dataset.savedValue) put([[cell, cell.dataset.savedValue]])
    before = cell.value
    moved = true
  }
  if (moved) event.preventDefault()
})

// ---------------------------------------------------------------- paste

// Rows and cells of what a spreadsheet puts on the clipboard; a cell with a
// line break or tab in it comes in quotation marks.
function block (text) {
  const found = [[]]
  const pattern = /("(?:[^"]|"")*"|[^\t\r\n]*)(\t|\r\n|\n|\r|$)/gy
  let match
  while ((match = pattern.exec(text)) && match[0] !== '') {
    const quoted = /^"[^]*"$/.test(match[1])
    found.at(-1).push(quoted ? match[1].slice(1, -1).replace(/""/g, '"') : match[1])
    if (match[2] === '') break
    if (match[2] !== '\t') found.push([])
  }
  if (found.at(-1).length === 0 || (found.at(-1).length === 1 && found.at(-1)[0] === '')) found.pop()
  return found
}

form.addEventListener('paste', (event) => {
  const place = places.get(event.target)
  const text = event.clipboardData.getData('text/plain')
  if (!place || !/[\t\n\r]/.test(text.replace(/[\r\n]+$/, ''))) return
  event.preventDefault()
  const [r, c] = place
  const pasted = block(text)
  const width = Math.max(...pasted.map((row) => row.length))
  if (width > columns.length - c) {
    state.textContent = `The block is ${width} columns wide and nothing was pasted. Copy the ` +
      'column of forecasts, or forecasts and reasons side by side.'
    return
  }
  const fits = pasted.slice(0, rows.length - r)
  const writes = fits.flatMap((row, down) => row.map((value, across) => [
    cells[r + down][c + across], value.replace(/\s+/g, ' ').trim()
  ]))
  put(writes)
  before = event.target.value
  const over = pasted.length - fits.length
  say(`${fits.length} ${fits.length === 1 ? 'row' : 'rows'} pasted.` +
    (over ? ` ${over} did not fit below and ${over === 1 ? 'was' : 'were'} left out.` : ''))
})

// ---------------------------------------------------------------- nothing is lost

// In this tab only, until saved: a log-in in between does not cost the figures.
let keeping = null
function keep () {
  clearTimeout(keeping)
  keeping = setTimeout(keepNow, 250)
}

function keepNow () {
  clearTimeout(keeping)
  const values = {}
  changed.forEach((r) => [...cells[r], seen[r]].forEach((cell) => { values[cell.name] = cell.value }))
  if (changed.size) sessionStorage.setItem(keptAt, JSON.stringify(values))
  else sessionStorage.removeItem(keptAt)
}

function restore () {
  const kept = sessionStorage.getItem(keptAt)
  sessionStorage.removeItem(keptAt)
  if (!kept || 'saved' in form.dataset) return
  const values = JSON.parse(kept)
  const writes = cells.flat().flatMap((cell) =>
    cell.name in values && cell.value !== values[cell.name] ? [[cell, values[cell.name]]] : [])
  // What was seen comes back too, so that a colleague's change meanwhile is not overwritten unseen.
  if (writes.length) seen.forEach((cell) => { cell.value = values[cell.name] ?? cell.value })
  if (!writes.length) return
  put(writes)
  say('Figures that you had not saved are back in the table.')
}

let sending = false
form.addEventListener('submit', () => {
  keepNow()
  sending = true
  // Only what changed is sent: a colleague's lines are none of this save's business.
  rows.forEach((row, r) => {
    if (!changed.has(r)) row.querySelectorAll('input').forEach((input) => { input.disabled = true })
  })
})
window.addEventListener('pageshow', (event) => {
  if (!event.persisted) return
  sending = false
  form.querySelectorAll('input:disabled').forEach((input) => { input.disabled = false })
})
window.addEventListener('beforeunload', (event) => {
  if (changed.size && !sending) event.preventDefault()
})

rows.forEach((_, r) => follow(r))
showTotals()
restore()
keepNow()
