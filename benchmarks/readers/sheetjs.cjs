// Read tables by SheetJS: values, and what it shows of them; prints JSON.
//     NODE_PATH=… node sheetjs.cjs TABLES.json
const fs = require("node:fs");
const sheetjs = require("xlsx");

const books = {};

function bookOf(file) {
  books[file] ??= file.endsWith(".csv")
    ? sheetjs.read(fs.readFileSync(file, "utf8"), { type: "string", raw: false })
    : sheetjs.readFile(file, { cellNF: true, cellText: true });
  return books[file];
}

function answer(table) {
  const book = bookOf(table.file);
  const sheet = book.Sheets[table.sheet || book.SheetNames[0]];
  const cells = { header: 1, defval: null, blankrows: true };
  const values = sheetjs.utils.sheet_to_json(sheet, { ...cells, raw: true });
  const shown = sheetjs.utils.sheet_to_json(sheet, { ...cells, raw: false });
  const first = table.head + 1;
  const last = first + table.rows.length;
  return {
    headings: values[table.head],
    rows: values.slice(first, last),
    shown: shown.slice(first, last),
  };
}

const tables = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
process.stdout.write(JSON.stringify(tables.map((t) => (t.rows.length ? answer(t) : null))));
