// The sheet of savings: paste figures from Excel, move from saving to saving,
// and be told of what is not saved yet. The form works without this file;
// every rule is the server's.

const form = document.getElementById('entry')
const rows = form ? Array.from(form.querySelectorAll('tbody tr')) : []
const state = document.getElementById('entry-state')
const pasted = ['forecast', 'delivered']
const cells = rows.map((row) => Array.from(row.querySelectorAll('input:not([type=hidden]), select, textarea')))
const first = cells.map((list) => list.map((cell) => cell.value))
let sending = false

function cellOf (row, name) {
  return row?.querySelector(`[name^="${name}-"]`)
}

function changedRows () {
  return rows.filter((row, r) => {
    const changed = cells[r].some((cell, c) => cell.value !== first[r][c])
    row.classList.toggle('grid__row--changed', changed)
    return changed
  }).length
}

function tell (text = '') {
  const count = changedRows()
  const left = count ? `${count} ${count === 1 ? 'saving' : 'savings'} changed, not saved yet.` : ''
  state.textContent = [text, left].filter(Boolean).join(' ')
}

function move (cell, down) {
  const row = rows[rows.indexOf(cell.closest('tr')) + down]
  const target = cellOf(row, cell.name.split('-')[0])
  if (!target) return false
  target.focus()
  target.select?.()
  return true
}

form?.addEventListener('input', () => tell())
form?.addEventListener('keydown', (event) => {
  const cell = event.target
  if (cell.tagName !== 'INPUT' || event.altKey || event.ctrlKey || event.metaKey) return
  if (event.key === 'Enter') {
    move(cell, event.shiftKey ? -1 : 1)
    event.preventDefault() // Enter never sends the form from within the table
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    if (move(cell, event.key === 'ArrowDown' ? 1 : -1)) event.preventDefault()
  }
})

form?.addEventListener('paste', (event) => {
  const text = event.clipboardData.getData('text/plain').replace(/[\r\n]+$/, '')
  const start = pasted.indexOf(event.target.name?.split('-')[0])
  if (start < 0 || !/[\t\n\r]/.test(text)) return
  event.preventDefault()
  const block = text.split(/\r\n|\n|\r/).map((line) => line.split('\t'))
  if (Math.max(...block.map((line) => line.length)) > pasted.length - start) {
    tell('The block is too wide and nothing was pasted. Copy forecasts, or forecasts and deliveries.')
    return
  }
  const at = rows.indexOf(event.target.closest('tr'))
  const fits = block.slice(0, rows.length - at)
  fits.forEach((line, down) => line.forEach((value, across) => {
    cellOf(rows[at + down], pasted[start + across]).value = value.trim()
  }))
  const over = block.length - fits.length
  tell(`${fits.length} ${fits.length === 1 ? 'row' : 'rows'} pasted.` +
    (over ? ` ${over} did not fit below and ${over === 1 ? 'was' : 'were'} left out.` : ''))
})

form?.addEventListener('submit', () => { sending = true })
window.addEventListener('pageshow', () => { sending = false })
window.addEventListener('beforeunload', (event) => {
  if (form && changedRows() && !sending) event.preventDefault()
})
if (form) tell()
