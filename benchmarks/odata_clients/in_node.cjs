// Read the service by o.js (npm package odata): ROOT, TOKEN in, JSON out.
const { o } = require("odata");
const [root, token] = process.argv.slice(2);
const headers = {
  Authorization: "Basic " + Buffer.from(":" + token).toString("base64"),
  Prefer: "odata.maxpagesize=300",
};
const service = () => o(root, { headers });

let pages = 0;

/** All rows of a set: the link at the end of each page leads to the next. */
async function readAll(set, query) {
  let response = await service().get(set).fetch(query);
  const rows = [];
  for (;;) {
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    const page = await response.json();
    pages += 1;
    rows.push(...page.value);
    const link = page["@odata.nextLink"];
    if (!link) return rows;
    response = await service().get(link).fetch();
  }
}

async function main() {
  const every = await readAll("Figures", { $select: "id,report_id,statement,pounds" });
  const pagesOfAll = pages;
  const sums = {};
  for (const row of every) {
    const found = (sums[`${row.report_id}/${row.statement}`] ??= [0, 0]);
    found[0] += 1;
    found[1] += Math.round((row.pounds ?? 0) * 100);
  }
  const $filter =
    "financial_year eq '2019/20' and period eq 3 and statement eq 'annex-a' and counted eq true";
  const one = { $filter };
  const largest = { $filter, $orderby: "pounds desc,id", $top: 5, $select: "id" };
  const counted = await (await service().get("Figures").fetch({ ...one, $count: true, $top: 0 })).json();
  const single = await service().get(`Figures('${encodeURIComponent(every[7].id)}')`).query();
  console.log(JSON.stringify({
    pages: pagesOfAll,
    ids: new Set(every.map((row) => row.id)).size,
    sums,
    counted: (await readAll("Figures", one)).length,
    count: counted["@odata.count"],
    largest: (await service().get("Figures").query(largest)).map((row) => row.id),
    selected: (await readAll("Figures", { $filter, $select: "label" })).map((row) => row.label).sort(),
    adults: (await readAll("Figures", { $filter: `${$filter} and contains(label,'Adults')` })).length,
    reports: (await readAll("Reports", {})).length,
    services: (await readAll("Services", {})).length,
    one: single.id,
  }));
}

main().catch((error) => { console.error(error); process.exit(1); });
