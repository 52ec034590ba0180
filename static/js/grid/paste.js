// Rows and cells of what a spreadsheet puts on the clipboard; a cell with a
// line break or tab in it comes in quotation marks.
export function block (text) {
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
