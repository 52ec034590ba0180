// Starts govuk-frontend's components and the file drop. Every page works
// without this file.
//
// The path is relative, so it also holds under the hashed name that the
// manifest storage gives this file: the plain name of the module is kept.
import { initAll } from '../vendor/govuk-frontend/govuk-frontend.min.js'

// govuk-frontend looks for these classes. Its own page sets them by an inline
// script, which the content security policy forbids; being a module is already
// the proof that the browser is new enough.
document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()

function fileSize (bytes) {
  if (bytes < 1000) return `${bytes} bytes`
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`
  return `${(bytes / 1e6).toFixed(1)} MB`
}

// <div class="file-drop"> <label for=…> <input type="file" data-drop> </div>
// The plain input stays in use: keyboard and screen reader are served by it,
// the drop only fills it.
function startFileDrop (input) {
  const area = input.closest('.file-drop')
  if (!area) return

  const hint = document.createElement('p')
  hint.className = 'file-drop__hint'
  hint.textContent = input.multiple ? 'or drop the files here' : 'or drop the file here'
  const chosen = document.createElement('p')
  chosen.className = 'file-drop__chosen'
  chosen.setAttribute('role', 'status')
  input.after(hint, chosen)
  area.classList.add('file-drop--ready')

  const show = () => {
    const files = Array.from(input.files)
    chosen.textContent = files.map((file) => `${file.name}, ${fileSize(file.size)}`).join('; ')
    area.classList.toggle('file-drop--filled', files.length > 0)
  }
  input.addEventListener('change', show)
  show() // a browser keeps the chosen file when one goes back

  // dragenter and dragleave also fire for the children: count them
  let depth = 0
  const over = (change) => {
    depth = change === 0 ? 0 : Math.max(0, depth + change)
    area.classList.toggle('file-drop--over', depth > 0)
  }
  const bringsFiles = (event) => event.dataTransfer?.types.includes('Files')
  area.addEventListener('dragenter', (event) => { if (bringsFiles(event)) over(1) })
  area.addEventListener('dragleave', () => over(-1))
  area.addEventListener('dragover', (event) => { if (bringsFiles(event)) event.preventDefault() })
  area.addEventListener('drop', (event) => {
    if (!bringsFiles(event)) return
    event.preventDefault()
    over(0)
    if (input.disabled) return
    if (!input.multiple && event.dataTransfer.files.length > 1) {
      chosen.textContent = 'One file only, please. Drop it again by itself.'
      return
    }
    input.files = event.dataTransfer.files
    input.dispatchEvent(new Event('change', { bubbles: true }))
  })
}

document.querySelectorAll('input[type="file"][data-drop]').forEach(startFileDrop)

// A browser may keep the page from which somebody logs out as it stood: nobody may go back to it.
document.querySelector('.site-header__logout')?.form.addEventListener('submit', () => {
  window.addEventListener('pagehide', () => { document.documentElement.hidden = true })
  window.addEventListener('pageshow', ({ persisted }) => { if (persisted) window.location.reload() })
})
