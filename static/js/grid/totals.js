// Totals of services and of the whole table that follow what is typed.

import { shown } from './amounts.js'

export const MEASURES = ['forecast', 'use_of_reserves', 'use_of_capital_receipts']
const NAMES = [...MEASURES, 'variance', 'movement']
const SIGNED = ['variance', 'movement']
export const figure = (text) => text === undefined || text === '' ? null : Number(text)

// A line's figures in pence, as the page came, with what it adds to the totals.
export class Line {
  constructor (row) {
    this.row = row
    this.section = row.parentElement.dataset.section ?? ''
    this.budget = Number(row.dataset.budget)
    this.planned = Number(row.dataset.planned)
    this.previous = figure(row.dataset.previous)
    this.saved = {}
    for (const measure of MEASURES) {
      const input = row.querySelector(`input[name^="${measure}-"]`)
      const name = input?.name.replace('forecast-', '')
      this.saved[measure] = figure(row.querySelector(`input[name="seen-${name}"]`)?.value)
    }
    this.outputs = SIGNED.map((name) => [name, row.querySelector(`[data-out="${name}"]`)])
    this.before = this.derive({})
    this.added = Object.fromEntries(NAMES.map((name) => [name, 0]))
  }

  // Every figure of the line with these in the place of the saved ones.
  derive (typed) {
    const now = { ...this.saved }
    for (const measure of MEASURES) now[measure] = typed[measure] ?? this.saved[measure]
    const planned = MEASURES.slice(1).reduce(
      (sum, measure) => sum + (now[measure] ?? 0) - (this.saved[measure] ?? 0), this.planned
    )
    const variance = now.forecast === null
      ? (planned || null)
      : now.forecast - this.budget + planned
    const movement = variance === null || this.previous === null ? null : variance - this.previous
    return { ...now, variance, movement }
  }
}

export class Totals {
  constructor (page) {
    this.cells = Array.from(page.querySelectorAll('[data-total]'))
      .filter((cell) => NAMES.includes(cell.dataset.total))
      .map((cell) => ({
        cell,
        name: cell.dataset.total,
        section: cell.dataset.of ?? null,
        saved: figure(cell.dataset.pence),
        sum: 0
      }))
  }

  // Print a line's own figures and add to the totals what they differ by now.
  follow (line, typed) {
    const now = line.derive(typed)
    for (const [name, output] of line.outputs) {
      if (output) output.textContent = shown(now[name], true)
    }
    for (const name of NAMES) {
      const added = (now[name] ?? 0) - (line.before[name] ?? 0)
      if (added === line.added[name]) continue
      for (const total of this.cells) {
        if (total.name === name && (total.section === null || total.section === line.section)) {
          total.sum += added - line.added[name]
        }
      }
      line.added[name] = added
    }
  }

  show () {
    for (const { cell, name, saved, sum } of this.cells) {
      const value = saved === null && sum === 0 ? null : (saved ?? 0) + sum
      cell.textContent = shown(value, SIGNED.includes(name))
    }
  }
}
