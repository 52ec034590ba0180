// Acts that fill the forecasts of many lines; the server does the same without JavaScript
// (monitoring/forecasts/bulk_acts.py).

import { figure } from './totals.js'
import { shown } from './amounts.js'

const FIGURES = {
  'fill-budget': 'budget',
  'fill-run-rate': 'runRate',
  'fill-profile': 'profile',
  'fill-proposal': 'proposal'
}

// What an act writes into forecasts, and how many lines have no figure for it. `lines` are the
// lines that are ticked, or else all, each with its row and the cell of its forecast.
export function filled (act, lines) {
  if (act === 'fill-down') {
    const [first, ...others] = lines
    const text = first?.cell.value ?? ''
    return { writes: text === '' ? [] : others.map(({ cell }) => [cell, text]), without: 0 }
  }
  const writes = lines.flatMap(({ row, cell }) => {
    const value = figure(row.dataset[FIGURES[act]])
    return value === null ? [] : [[cell, shown(value)]]
  })
  return { writes, without: lines.length - writes.length }
}
