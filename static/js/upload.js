// On the page of a checked file: ticking a line chooses "line by line". On the page
// about columns: what stands under the chosen heading. Both pages work without it.

const lineByLine = document.querySelector('input[name="typed_choice"][value="each"]')
if (lineByLine) {
  document.querySelectorAll('[data-keep-typed]').forEach((box) => {
    box.addEventListener('change', () => { if (box.checked) lineByLine.checked = true })
  })
}

document.querySelectorAll('select[data-samples]').forEach((select) => {
  const sample = document.getElementById(select.dataset.samples)
  select.addEventListener('change', () => {
    sample.textContent = select.selectedOptions[0].dataset.sample || ''
  })
})
