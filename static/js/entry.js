// The sheets of activity and of indicators: paste a block from a spreadsheet,
// move by keys, undo, and unsaved entries that survive a session that ended.

import { Sheet } from './grid/sheet.js'

const form = document.querySelector('form[data-sheet]')
new Sheet(form, {
  follow () {},
  show () {},
  describe: (rows) => `${rows} ${rows === 1 ? 'row' : 'rows'} changed, not saved yet`,
  result: (field, text) => text,
  tooWide: (width) => `The block is ${width} columns wide and nothing was pasted: there are fewer ` +
    'columns from this cell on.',
  undoButton: document.getElementById('sheet-undo'),
  state: document.getElementById('sheet-state')
}).start()
