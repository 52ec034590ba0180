// The sheet of estimates: its totals, across and down, follow what is typed.

import { pence, shown } from './grid/amounts.js'
import { Sheet } from './grid/sheet.js'

const form = document.querySelector('form[data-sheet]')
const columnOf = (cell) => cell.name.slice(0, cell.name.lastIndexOf('-'))
const totalsOf = (row) => Array.from(row.querySelectorAll('[data-sum]'), (cell) =>
  ({ cell, columns: cell.dataset.sum.split(' ') }))
const typed = [] // of each row: pence by column, null where nothing is given
const sheet = new Sheet(form, {
  follow: read,
  show,
  describe: (rows) => `${rows} ${rows === 1 ? 'service' : 'services'} changed, not saved yet`,
  result: (field, text) => text,
  tooWide: (width) => `The block is ${width} columns wide and nothing was pasted: there are fewer ` +
    'columns from this cell on.',
  undoButton: document.getElementById('sheet-undo'),
  state: document.getElementById('sheet-state')
})
const ends = sheet.rows.map(totalsOf)
const foot = totalsOf(form.querySelector('tfoot'))

// An amount that cannot be read is marked, and counts in no total.
function read (r) {
  typed[r] = {}
  for (const cell of sheet.fields[r]) {
    const value = /^\s*[=+]/.test(cell.value) ? undefined : pence(cell.value)
    cell.classList.toggle('grid__input--odd', value === undefined)
    typed[r][columnOf(cell)] = value ?? null
  }
}

function print ({ cell, columns }, rows) {
  const found = rows.flatMap((row) => columns.map((column) => row[column] ?? null))
    .filter((value) => value !== null)
  cell.textContent = shown(found.length ? found.reduce((sum, value) => sum + value, 0) : null)
}

function show () {
  ends.forEach((totals, r) => totals.forEach((total) => print(total, [typed[r]])))
  foot.forEach((total) => print(total, typed))
}

sheet.rows.forEach((row, r) => read(r))
sheet.start()
