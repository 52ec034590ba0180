// A workbook as SheetJS saves it: node write_with_sheetjs.js SOURCE TARGET KIND
const XLSX = require('xlsx')

const [source, target, bookType] = process.argv.slice(2)
const book = XLSX.readFile(source, { cellNF: true, cellStyles: true })
XLSX.writeFile(book, target, { bookType, compression: true })
