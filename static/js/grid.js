// The forecast grid: a sheet (grid/sheet.js) whose cells work sums out, whose
// totals follow what is typed, and in which many lines are filled at once.

import { isSum, pence, shown } from './grid/amounts.js'
import { filled } from './grid/fills.js'
import { Sheet } from './grid/sheet.js'
import { Line, MEASURES, Totals } from './grid/totals.js'

const form = document.getElementById('grid')
const totals = new Totals(document)
const columnOf = (cell) => cell.name.slice(0, cell.name.lastIndexOf('-'))
const sheet = new Sheet(form, {
  follow,
  show: () => totals.show(),
  describe,
  result,
  tooWide: (width) => `The block is ${width} columns wide and nothing was pasted. Copy the ` +
    'column of forecasts, or forecasts and reasons side by side.',
  undoButton: document.getElementById('grid-undo'),
  state: document.getElementById('grid-state')
})
const lines = sheet.rows.map((row) => new Line(row))

// ---------------------------------------------------------------- figures that follow

// What a cell held before what is typed into it now, in pence.
function heldBy (cell, line) {
  const isInUse = cell === document.activeElement && sheet.before !== null
  const held = isInUse ? pence(sheet.before) : undefined
  return held === undefined ? line.saved[columnOf(cell)] : held
}

function follow (r) {
  const typed = {}
  const line = lines[r]
  for (const cell of sheet.fields[r]) {
    if (!MEASURES.includes(columnOf(cell))) continue
    const value = pence(cell.value, heldBy(cell, line))
    cell.classList.toggle('grid__input--odd', value === undefined)
    typed[columnOf(cell)] = value
  }
  totals.follow(line, typed)
}

function describe (rows) {
  const odd = form.querySelectorAll('.grid__input--odd').length
  return `${rows} ${rows === 1 ? 'line' : 'lines'} changed, not saved yet` +
    (odd ? `; ${odd} cannot be read as ${odd === 1 ? 'an amount' : 'amounts'}` : '')
}

// The result of a sum, for the cell to hold; other texts stay as they are.
function result (cell, text, held) {
  const column = columnOf(cell)
  if (!MEASURES.includes(column) || !isSum(text)) return text
  const value = pence(text, pence(held) ?? lines[sheet.rowOf.get(cell)].saved[column] ?? null)
  return value === undefined || value === null ? text : shown(value)
}

// ---------------------------------------------------------------- many lines at once

form.addEventListener('click', (event) => {
  const button = event.target.closest('button[name="action"][value^="fill-"]')
  if (!button) return
  event.preventDefault()
  const c = sheet.columns.indexOf('forecast')
  const all = sheet.rows.map((row, r) => ({ row, cell: sheet.cells[r][c] }))
  const ticked = all.filter(({ row }) => row.querySelector('.grid__tick')?.checked)
  const { writes, without } = filled(button.value, ticked.length ? ticked : all)
  sheet.put(writes)
  sheet.say(`${writes.length} ${writes.length === 1 ? 'forecast' : 'forecasts'} filled in.` +
    (without ? ` ${without} without such a figure ${without === 1 ? 'is' : 'are'} as before.` : ''))
})

sheet.start()
