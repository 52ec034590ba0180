// A table of cells to fill in: paste a block from a spreadsheet, move by keys,
// undo, and unsaved entries that survive a session that ended. The form works
// without this file; every rule is the server's.

import { block } from './paste.js'

const FIELD = '.grid__input'
const CELL = 'input.grid__input:not([type]), input.grid__input[type="text"]'
const columnOf = (field) => field.name.slice(0, field.name.lastIndexOf('-'))
const count = (number, one, many) => `${number} ${number === 1 ? one : many}`

export class Sheet {
  // `follow(r)` is called when a field of a row was changed, `show()` after all that were;
  // `describe(rows)` returns what is said of so many changed rows, `result(cell, text, held)` the
  // text that a cell takes for a typed one, `tooWide(width)` why a block is not pasted.
  constructor (form, { follow, show, describe, result, tooWide, undoButton, state }) {
    this.form = form
    this.hooks = { follow, show, describe, result, tooWide }
    this.state = state
    this.undoButton = undoButton
    this.rows = Array.from(form.querySelectorAll('tbody tr'))
      .filter((row) => row.querySelector(FIELD))
    // Selects, dates and long texts keep their own keys, so they are fields but not cells.
    this.fields = this.rows.map((row) => Array.from(row.querySelectorAll(FIELD)))
    const typed = this.rows.map((row) => Array.from(row.querySelectorAll(CELL)))
    this.columns = widest(typed).map(columnOf)
    this.cells = typed.map((row) => {
      const found = new Map(row.map((cell) => [columnOf(cell), cell]))
      return this.columns.map((column) => found.get(column))
    })
    this.rowOf = new Map(this.fields.flatMap((row, r) => row.map((field) => [field, r])))
    this.places = new Map(this.cells.flatMap((row, r) =>
      row.flatMap((cell, c) => cell ? [[cell, [r, c]]] : [])))
    this.hidden = this.rows.flatMap((row) =>
      Array.from(row.querySelectorAll('input[type="hidden"]')))
    this.keptAt = `grid:${form.dataset.user}:${location.pathname}`
    this.changed = new Set()
    this.steps = []
    this.before = null // what the field in use held when it was entered
    this.keeping = null
    this.sending = false
  }

  start () {
    const { form } = this
    form.addEventListener('focusin', ({ target }) => {
      if (this.rowOf.has(target)) this.before = target.value
    })
    form.addEventListener('input', ({ target }) => {
      if (this.rowOf.has(target)) this.touched([this.rowOf.get(target)])
    })
    form.addEventListener('change', ({ target }) => this.take(target))
    form.addEventListener('keydown', (event) => this.key(event))
    form.addEventListener('paste', (event) => this.paste(event))
    form.addEventListener('submit', () => this.submit())
    this.undoButton.addEventListener('click', () => this.undo())
    window.addEventListener('pageshow', (event) => {
      if (!event.persisted) return
      this.sending = false
      form.querySelectorAll(':disabled').forEach((field) => { field.disabled = false })
    })
    window.addEventListener('beforeunload', (event) => {
      if (this.changed.size && !this.sending) event.preventDefault()
    })
    // What the server sent back, refused or filled in, counts as typed.
    this.fields.forEach((row, r) => { if (row.some(isChanged)) this.follow(r) })
    this.show()
    this.restore()
    this.keepNow()
  }

  // ---------------------------------------------------------------- changes and undo

  follow (r) {
    const dirty = this.fields[r].some(isChanged)
    this.changed[dirty ? 'add' : 'delete'](r)
    this.rows[r].classList.toggle('grid__row--changed', dirty)
    this.hooks.follow(r)
  }

  show () {
    this.hooks.show()
    this.undoButton.hidden = this.steps.length === 0
    this.state.textContent = this.changed.size ? this.hooks.describe(this.changed.size) : ''
  }

  say (text) {
    this.state.textContent = [text, this.state.textContent].filter(Boolean).join(' ')
  }

  touched (rows) {
    new Set(rows).forEach((r) => this.follow(r))
    this.show()
    this.keep()
  }

  put (writes, { undoable = true } = {}) {
    if (undoable && writes.length) this.steps.push(writes.map(([field]) => [field, field.value]))
    for (const [field, text] of writes) {
      field.value = undoable ? this.hooks.result(field, text, field.value) : text
    }
    this.touched(writes.map(([field]) => this.rowOf.get(field)))
  }

  take (field) {
    if (!this.rowOf.has(field) || this.before === null || this.before === field.value) return
    this.steps.push([[field, this.before]])
    field.value = this.hooks.result(field, field.value, this.before)
    this.before = field.value
    this.touched([this.rowOf.get(field)])
  }

  undo () {
    const step = this.steps.pop()
    if (!step) return
    this.put(step, { undoable: false })
    step[0][0].focus()
    this.say(`${step.length === 1 ? 'One cell is' : `${step.length} cells are`} as before.`)
  }

  // ---------------------------------------------------------------- keys

  // Go to the next cell in a direction, past rows that have none in the column.
  move (r, c, down, across) {
    do {
      r += down
      c += across
      const target = this.cells[r]?.[c]
      if (!target) continue
      target.focus()
      target.select()
      return true
    } while (this.cells[r] && c >= 0 && c < this.columns.length)
    return false
  }

  key (event) {
    const cell = event.target
    const place = this.places.get(cell)
    if (!place || event.altKey) return
    const [r, c] = place
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() === 'z' && cell.value === this.before && this.steps.length) {
        event.preventDefault()
        this.undo()
      }
      return
    }
    const all = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length
    const atStart = cell.selectionStart === 0 && cell.selectionEnd === 0
    const atEnd = cell.selectionStart === cell.value.length
    let moved = false
    if (event.key === 'ArrowDown') moved = this.move(r, c, 1, 0)
    else if (event.key === 'ArrowUp') moved = this.move(r, c, -1, 0)
    else if (event.key === 'ArrowRight' && (atEnd || all)) moved = this.move(r, c, 0, 1)
    else if (event.key === 'ArrowLeft' && (atStart || all)) moved = this.move(r, c, 0, -1)
    else if (event.key === 'Enter') {
      this.move(r, c, event.shiftKey ? -1 : 1, 0)
      moved = true // Enter never sends the form from within the table
    } else if (event.key === 'Escape') {
      if (cell.value !== cell.dataset.savedValue) this.put([[cell, cell.dataset.savedValue]])
      this.before = cell.value
      moved = true
    }
    if (moved) event.preventDefault()
  }

  // ---------------------------------------------------------------- paste

  paste (event) {
    const place = this.places.get(event.target)
    const text = event.clipboardData.getData('text/plain')
    if (!place || !/[\t\n\r]/.test(text.replace(/[\r\n]+$/, ''))) return
    event.preventDefault()
    const [r, c] = place
    const pasted = block(text)
    const width = Math.max(...pasted.map((row) => row.length))
    if (width > this.columns.length - c) {
      this.state.textContent = this.hooks.tooWide(width)
      return
    }
    const fits = pasted.slice(0, this.rows.length - r)
    const all = fits.flatMap((row, down) => row.map((value, across) =>
      [this.cells[r + down][c + across], value.replace(/\s+/g, ' ').trim()]))
    // A blank or a dash in the place of a cell that the row does not have is no entry.
    const homeless = all.filter(([cell, value]) => !cell && !/^[-–]?$/.test(value)).length
    this.put(all.filter(([cell]) => cell))
    this.before = event.target.value
    const over = pasted.length - fits.length
    this.say(`${count(fits.length, 'row', 'rows')} pasted.` +
      (over ? ` ${over} did not fit below and ${over === 1 ? 'was' : 'were'} left out.` : '') +
      (homeless
        ? ` ${count(homeless, 'value has', 'values have')} no cell in the row and ` +
          `${homeless === 1 ? 'was' : 'were'} left out.`
        : ''))
  }

  // ---------------------------------------------------------------- nothing is lost

  // In this tab only, until saved: a log-in in between does not cost the entries.
  keep () {
    clearTimeout(this.keeping)
    this.keeping = setTimeout(() => this.keepNow(), 250)
  }

  keepNow () {
    clearTimeout(this.keeping)
    const values = {}
    this.changed.forEach((r) => {
      this.rows[r].querySelectorAll(`${FIELD}, input[type="hidden"]`).forEach((field) => {
        values[field.name] = field.value
      })
    })
    if (this.changed.size) sessionStorage.setItem(this.keptAt, JSON.stringify(values))
    else sessionStorage.removeItem(this.keptAt)
  }

  restore () {
    const kept = sessionStorage.getItem(this.keptAt)
    sessionStorage.removeItem(this.keptAt)
    if (!kept || 'saved' in this.form.dataset) return
    const values = JSON.parse(kept)
    const writes = this.fields.flat().flatMap((field) =>
      field.name in values && field.value !== values[field.name]
        ? [[field, values[field.name]]]
        : [])
    if (!writes.length) return
    // What was seen comes back too, so that a colleague's change meanwhile is not overwritten.
    this.hidden.forEach((field) => { field.value = values[field.name] ?? field.value })
    this.put(writes)
    this.say('Figures that you had not saved are back in the table.')
  }

  submit () {
    this.keepNow()
    this.sending = true
    // Only what changed is sent: a colleague's lines are none of this save's business.
    this.rows.forEach((row, r) => {
      if (this.changed.has(r)) return
      row.querySelectorAll(`input:not(.grid__tick), ${FIELD}`)
        .forEach((field) => { field.disabled = true })
    })
  }
}

function isChanged (field) {
  return field.value.trim() !== field.dataset.savedValue.trim()
}

function widest (rows) {
  return rows.reduce((most, row) => row.length > most.length ? row : most, [])
}
