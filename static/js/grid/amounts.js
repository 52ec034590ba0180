// Amounts and sums as people type them, exactly as the server reads them
// (council_finance/money.py, monitoring/forecasts/sums.py).

const LIMIT = 999999999999
const AMOUNT = /^([-+]?)\s*£?\s*(-?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)\s*([kKmM]?)(-?)$/
const NUMBER = /£?\s*((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)\s*([kKmM]?)(?![\w.,])/y
const LONGEST = 200
const MOST_BRACKETS = 20
const ZEROS = { '': 0, k: 3, m: 6 }

export const isSum = (text) => /^\s*[=+]/.test(text)

// Pence of what people write, null for an empty cell, undefined for what the
// server would refuse. `held` is what the cell held, to which +5000 is added.
export function pence (text, held = null) {
  const typed = text.trim().replace(/[\u2212\u2013]/g, '-')
  if (typed.startsWith('=')) return workedOut(typed.slice(1), 0n)
  if (typed.startsWith('+') && (held !== null || amount(typed) === undefined)) {
    return workedOut(typed.slice(1), BigInt(held ?? 0))
  }
  return amount(typed)
}

function amount (text) {
  let body = text
  if (body === '') return null
  if (body === '-' || body === '\u2014') return 0
  const bracketed = /^\(.*\)$/.test(body)
  if (bracketed) body = body.slice(1, -1).trim()
  const match = AMOUNT.exec(body)
  if (!match) return undefined
  const signs = [match[1], match[2], match[5]].filter(Boolean).length + (bracketed ? 1 : 0)
  if (signs > 1) return undefined
  const [whole, part = ''] = match[3].replace(/,/g, '').split('.')
  const scale = ZEROS[match[4].toLowerCase()] + 2
  if (part.slice(scale).replace(/0/g, '') !== '') return undefined
  const value = Number((whole || '0') + part.slice(0, scale).padEnd(scale, '0'))
  if (value > LIMIT) return undefined
  const negative = bracketed || match[1] === '-' || match[2] || match[5]
  return negative && value ? -value : value
}

// ---------------------------------------------------------------- sums

// Fractions of whole numbers, so that a third of a pound is not rounded on the way.
const fraction = (top, bottom = 1n) => bottom < 0n ? [-top, -bottom] : [top, bottom]
const plus = ([a, b], [c, d]) => [a * d + c * b, b * d]
const times = ([a, b], [c, d]) => fraction(a * c, b * d)

class BadSum extends Error {}

function workedOut (text, held) {
  if (text.length > LONGEST) return undefined
  try {
    const reader = { text, at: 0, brackets: 0 }
    const value = readSum(reader)
    if (sign(reader)) return undefined
    const [top, bottom] = plus([held, 1n], times(value, [100n, 1n]))
    const size = top < 0n ? -top : top
    const rounded = Number((2n * size + bottom) / (2n * bottom))
    if (rounded > LIMIT) return undefined
    return top < 0n && rounded ? -rounded : rounded
  } catch (error) {
    if (error instanceof BadSum) return undefined
    throw error
  }
}

function sign (reader) {
  while (/\s/.test(reader.text[reader.at] ?? '')) reader.at++
  return reader.text[reader.at] ?? ''
}

function readSum (reader) {
  let value = readProduct(reader)
  for (let next = sign(reader); next === '+' || next === '-'; next = sign(reader)) {
    reader.at++
    const other = readProduct(reader)
    value = plus(value, next === '+' ? other : times(other, [-1n, 1n]))
  }
  return value
}

function readProduct (reader) {
  let value = readFactor(reader)
  for (let next = sign(reader); next === '*' || next === '/'; next = sign(reader)) {
    reader.at++
    const other = readFactor(reader)
    if (next === '/' && other[0] === 0n) throw new BadSum()
    value = times(value, next === '*' ? other : fraction(other[1], other[0]))
  }
  return value
}

function readFactor (reader) {
  let negative = false
  let next = sign(reader)
  for (; next === '+' || next === '-'; next = sign(reader)) {
    if (next === '-') negative = !negative
    reader.at++
  }
  const value = next === '(' ? readBrackets(reader) : readNumber(reader)
  return negative ? times(value, [-1n, 1n]) : value
}

function readBrackets (reader) {
  reader.at++
  if (++reader.brackets > MOST_BRACKETS) throw new BadSum()
  const value = readSum(reader)
  if (sign(reader) !== ')') throw new BadSum()
  reader.at++
  return value
}

function readNumber (reader) {
  NUMBER.lastIndex = reader.at
  const match = NUMBER.exec(reader.text)
  if (!match) throw new BadSum()
  reader.at = NUMBER.lastIndex
  const [whole, part = ''] = match[1].replace(/,/g, '').split('.')
  const scale = 10n ** BigInt(ZEROS[match[2].toLowerCase()])
  return [BigInt((whole || '0') + part) * scale, 10n ** BigInt(part.length)]
}

// ---------------------------------------------------------------- printing

export function shown (value, signed = false) {
  if (value === null) return '–'
  const size = Math.abs(value)
  const pounds = Math.floor(size / 100).toLocaleString('en-GB')
  const rest = size % 100 ? `.${String(size % 100).padStart(2, '0')}` : ''
  return `${value < 0 ? '-' : signed && value > 0 ? '+' : ''}${pounds}${rest}`
}
