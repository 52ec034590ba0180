// The forecast grid: paste a block from Excel, move by keys, undo, fill many
// lines, totals that follow, and unsaved figures that survive a session that
// ended. The form works without this file; every rule is the server's.

import { isSum, pence, shown } from './grid/amounts.js'
import { filled } from './grid/fills.js'
import { block } from './grid/paste.js'
import { Line, MEASURES, Totals } from './grid/totals.js'

const form = document.getElementById('grid')
const rows = Array.from(form.querySelectorAll('tr[data-budget]'))
  .filter((row) => row.querySelector('.grid__input'))
const cells = rows.map((row) => Array.from(row.querySelectorAll('.grid__input')))
const columns = (cells[0] ?? []).map((cell) => columnOf(cell))
const seen = rows.flatMap((row) => Array.from(row.querySelectorAll('input[type="hidden"]')))
const places = new Map(cells.flatMap((line, r) => line.map((cell, c) => [cell, [r, c]])))
const state = document.getElementById('grid-state')
const undoButton = document.getElementById('grid-undo')
const keptAt = `grid:${form.dataset.user}:${location.pathname}`
const lines = rows.map((row) => new Line(row))
const totals = new Totals(document)
const changed = new Set()

function columnOf (cell) {
  return cell.name.slice(0, cell.name.lastIndexOf('-'))
}

const isChanged = (cell) => cell.value.trim() !== cell.dataset.savedValue

// ---------------------------------------------------------------- figures that follow

// What a cell held before what is typed into it now, in pence.
function heldBy (cell, line) {
  const held = cell === document.activeElement && before !== null ? pence(before) : undefined
  return held === undefined ? line.saved[columnOf(cell)] : held
}

function follow (r) {
  const typed = {}
  const line = lines[r]
  for (const cell of cells[r]) {
    if (!MEASURES.includes(columnOf(cell))) continue
    const value = pence(cell.value, heldBy(cell, line))
    cell.classList.toggle('grid__input--odd', value === undefined)
    typed[columnOf(cell)] = value
  }
  const dirty = cells[r].some(isChanged)
  changed[dirty ? 'add' : 'delete'](r)
  line.row.classList.toggle('grid__row--changed', dirty)
  totals.follow(line, typed)
}

function showTotals () {
  totals.show()
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

// The result of a sum, for the cell to hold; other texts stay as they are.
function result (cell, text, held) {
  if (!MEASURES.includes(columnOf(cell)) || !isSum(text)) return text
  const value = pence(text, held)
  return value === undefined || value === null ? text : shown(value)
}

function put (writes, { undoable = true } = {}) {
  if (undoable && writes.length) steps.push(writes.map(([cell]) => [cell, cell.value]))
  const touched = new Set()
  for (const [cell, text] of writes) {
    cell.value = undoable ? result(cell, text, pence(cell.value) ?? null) : text
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
  const cell = event.target
  if (!places.has(cell) || before === null || before === cell.value) return
  steps.push([[cell, before]])
  const r = places.get(cell)[0]
  cell.value = result(cell, cell.value, pence(before) ?? lines[r].saved[columnOf(cell)] ?? null)
  before = cell.value
  follow(r)
  showTotals()
  keep()
})
undoButton.addEventListener('click', undo)

// ---------------------------------------------------------------- many lines at once

form.addEventListener('click', (event) => {
  const button = event.target.closest('button[name="action"][value^="fill-"]')
  if (!button) return
  event.preventDefault()
  const c = columns.indexOf('forecast')
  const all = rows.map((row, r) => ({ row, cell: cells[r][c] }))
  const ticked = all.filter(({ row }) => row.querySelector('.grid__tick')?.checked)
  const { writes, without } = filled(button.value, ticked.length ? ticked : all)
  put(writes)
  say(`${writes.length} ${writes.length === 1 ? 'forecast' : 'forecasts'} filled in.` +
    (without ? ` ${without} without such a figure ${without === 1 ? 'is' : 'are'} as before.` : ''))
})

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
  changed.forEach((r) => {
    rows[r].querySelectorAll('.grid__input, input[type="hidden"]').forEach((input) => {
      values[input.name] = input.value
    })
  })
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
  if (writes.length) seen.forEach((input) => { input.value = values[input.name] ?? input.value })
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
    if (changed.has(r)) return
    row.querySelectorAll('input:not(.grid__tick)').forEach((input) => { input.disabled = true })
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

// What the server sent back, refused or filled in, counts as typed.
cells.forEach((line, r) => { if (line.some(isChanged)) follow(r) })
showTotals()
restore()
keepNow()
