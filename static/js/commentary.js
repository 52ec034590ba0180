// The page of all commentary that is due: saves each text after a pause and on
// leaving its field, says when, and goes to the next text to be written. The
// form works without this file; every rule is the server's.

const form = document.getElementById('commentary-form')
const said = document.getElementById('commentary-said')
const PAUSE = 2500 // milliseconds without a key

const texts = Array.from(form.querySelectorAll('[data-service]')).map((section) => {
  const pk = section.dataset.service
  const text = {
    pk,
    section,
    name: section.querySelector('h2').firstChild.textContent.trim(),
    field: form.elements[`${pk}-text`],
    seen: form.elements[`${pk}-seen`],
    state: section.querySelector('[data-state]'),
    last: section.querySelector('template[data-last]')?.content.textContent ?? '',
    timer: 0,
    saving: null
  }
  // A page that came back with errors, or that a browser restored, is not saved.
  text.saved = section.querySelector('.govuk-error-message') ? null : text.field.defaultValue
  return text
})

const tidy = (text) => text.replace(/\r\n?/g, '\n').trim()
const isChanged = (text) => text.saved === null || tidy(text.field.value) !== tidy(text.saved)

function say (text, words, wrong = false) {
  text.state.textContent = words
  text.state.classList.toggle('due-text__state--wrong', wrong)
  text.field.setAttribute('aria-invalid', String(wrong))
  said.textContent = `${text.name}: ${words}`
}

function forgetTheirs (text) {
  text.section.querySelector('[data-theirs]')?.remove()
}

// A colleague stored another text: show it, and let the reader put theirs in its place.
function showTheirs (text, theirs) {
  forgetTheirs(text)
  const box = document.createElement('div')
  box.className = 'desk__theirs'
  box.dataset.theirs = ''
  const words = document.createElement('p')
  words.className = 'due-text__theirs'
  words.textContent = theirs.text || 'The text was withdrawn.'
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'govuk-button govuk-button--secondary'
  button.textContent = 'Save my text instead'
  button.addEventListener('click', () => {
    text.seen.value = theirs.seen
    text.held = false
    text.field.focus()
    save(text)
  })
  box.append(words, button)
  text.section.querySelector('.desk__main').prepend(box)
  text.held = true // not saved again until the reader has decided
}

async function send (text) {
  const value = text.field.value
  const body = new FormData()
  for (const name of ['csrfmiddlewaretoken', `${text.pk}-text`, `${text.pk}-seen`]) {
    body.append(name, form.elements[name].value)
  }
  say(text, 'Saving …')
  let response, answer
  try {
    response = await fetch(location.pathname, { method: 'POST', body, headers: { Accept: 'application/json' } })
    answer = response.headers.get('Content-Type')?.startsWith('application/json') ? await response.json() : null
  } catch {
    return say(text, 'Not saved: there is no connection. It is tried again when you go on writing.', true)
  }
  if (answer === null) {
    return say(text, 'Not saved: you may have been logged out. Log in again in another tab, then press Save all.', true)
  }
  if (response.ok) {
    text.saved = value
    text.seen.value = answer.seen[text.pk]
    delete text.section.dataset.waits
    forgetTheirs(text)
    return say(text, `Saved ${answer.at}`)
  }
  say(text, [...(answer.refused ?? []), ...(answer.faults?.[text.pk] ?? [])].join(' '), true)
  if (answer.theirs?.[text.pk]) showTheirs(text, answer.theirs[text.pk])
}

// One request at a time for each text, so that no older text arrives last.
function save (text) {
  clearTimeout(text.timer)
  if (text.saving || text.held || !isChanged(text)) return text.saving
  text.saving = send(text).finally(() => {
    text.saving = null
    if (isChanged(text) && text.typedMeanwhile) save(text)
    text.typedMeanwhile = false
  })
  return text.saving
}

function goToNext (text) {
  const place = texts.indexOf(text)
  const next = [...texts.slice(place + 1), ...texts.slice(0, place)].find(
    (each) => 'waits' in each.section.dataset && !tidy(each.field.value)
  )
  if (!next) {
    said.textContent = 'No other text is to be written.'
    form.querySelector('.due-texts__save button').focus()
    return
  }
  next.section.scrollIntoView()
  next.field.focus({ preventScroll: true })
}

for (const text of texts) {
  text.field.addEventListener('input', () => {
    clearTimeout(text.timer)
    text.typedMeanwhile = Boolean(text.saving)
    text.timer = setTimeout(() => save(text), PAUSE)
  })
  text.field.addEventListener('blur', () => save(text))
  text.section.querySelector('button[name="use_last"]')?.addEventListener('click', (event) => {
    event.preventDefault()
    text.field.value = `${text.field.value.trim()}\n\n${text.last}`.trim()
    text.field.focus()
    save(text)
  })
  text.section.querySelector('button[name="next"]').addEventListener('click', (event) => {
    event.preventDefault()
    save(text)
    goToNext(text)
  })
}

let leaving = false
form.addEventListener('submit', () => { leaving = true })
window.addEventListener('beforeunload', (event) => {
  if (!leaving && texts.some((text) => text.saving || isChanged(text))) event.preventDefault()
})
