// The page of all commentary that is due: saves each text after a pause and on
// leaving its field, says when, and goes to the next text to be written. The
// form works without this file; every rule is the server's.

const form = document.getElementById('commentary-form')
const said = document.getElementById('commentary-said')
const count = document.getElementById('commentary-count')
const first = document.getElementById('commentary-first')
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
    tag: section.querySelector('h2 .status'),
    timer: 0,
    saving: null
  }
  // A page that came back with errors holds texts that are not stored.
  text.saved = 'unsaved' in section.dataset ? null : text.field.defaultValue
  return text
})

const tidy = (text) => text.replace(/\r\n?/g, '\n').trim()
const isDraft = (text) => text.field.value.includes(form.dataset.draftMark)
const isChanged = (text) => text.saved === null || tidy(text.field.value) !== tidy(text.saved)

function say (text, words, wrong = false) {
  text.state.textContent = words
  text.state.classList.toggle('due-text__state--wrong', wrong)
  text.field.setAttribute('aria-invalid', String(wrong))
  text.field.setAttribute('aria-describedby', text.state.id)
  said.textContent = `${text.name}: ${words}`
}

function showTag (text) {
  if (!text.tag) return
  const wasSigned = text.tag.textContent.startsWith('Sign')
  const isWritten = !wasSigned && !isDraft(text)
  text.tag.textContent = wasSigned ? 'Sign-off taken back' : isWritten ? 'Written' : 'Draft from the figures'
  text.tag.className = `status status--${isWritten ? 'blue' : 'amber'}`
}

// What was wrong with the text when the page was sent is put right.
function forgetErrors (text) {
  text.section.querySelectorAll('.govuk-error-message').forEach((message) => message.remove())
  text.section.querySelector('.govuk-form-group--error')?.classList.remove('govuk-form-group--error')
  text.field.classList.remove('govuk-textarea--error')
}

// A text that is stored no longer waits, unless it is a draft from the figures.
function countWaiting (text) {
  if (!isDraft(text)) delete text.section.dataset.waits
  else if ('due' in text.section.dataset) text.section.dataset.waits = ''
  const waiting = texts.filter((each) => 'waits' in each.section.dataset)
  const total = texts.length === 1 ? '1 text' : `${texts.length} texts`
  count.textContent = waiting.length
    ? `${waiting.length} of ${total} still to be written.`
    : texts.length === 1 ? 'The one text due is written.' : `All ${total} due are written.`
  if (!first) return
  first.hidden = !waiting.length
  if (waiting.length) first.href = `#${waiting[0].section.id}`
}

function forgetTheirs (text) {
  text.section.querySelector('[data-theirs]')?.remove()
  text.held = false
}

// Ask before the reader's text replaces a colleague's; it is not saved until then.
function offerMine (text, box, seen) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'govuk-button govuk-button--secondary'
  button.textContent = 'Save my text instead'
  button.addEventListener('click', () => {
    text.seen.value = seen
    text.held = false
    text.field.focus()
    save(text)
  })
  box.append(button)
  text.held = true
}

// A colleague stored another text: show it above the reader's.
function showTheirs (text, theirs) {
  forgetTheirs(text)
  const box = document.createElement('div')
  box.className = 'desk__theirs'
  box.dataset.theirs = ''
  const title = document.createElement('h3')
  title.className = 'govuk-heading-s'
  title.textContent = 'The text as it is stored now'
  const words = document.createElement('p')
  words.className = 'due-text__theirs'
  words.textContent = theirs.text || 'The text was withdrawn.'
  box.append(title, words)
  text.section.querySelector('.desk__main').prepend(box)
  offerMine(text, box, theirs.seen)
}

async function send (text) {
  const value = text.field.value
  const body = new FormData()
  for (const name of ['csrfmiddlewaretoken', `${text.pk}-text`, `${text.pk}-seen`]) {
    body.append(name, form.elements[name].value)
  }
  text.state.textContent = 'Saving …'
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
    forgetTheirs(text)
    forgetErrors(text)
    showTag(text)
    countWaiting(text)
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
    (each) => 'waits' in each.section.dataset && (!tidy(each.field.value) || isDraft(each))
  )
  if (!next) {
    said.textContent = 'No other text is to be written.'
    form.querySelector('.due-texts__save button').focus()
    return
  }
  next.section.scrollIntoView()
  next.field.focus({ preventScroll: true })
}

// Put a text that the page offers below what is typed.
function takeOffered (text, button, template) {
  const offered = text.section.querySelector(template)
  text.section.querySelector(button)?.addEventListener('click', (event) => {
    event.preventDefault()
    text.field.value = `${text.field.value.trim()}\n\n${offered.content.textContent}`.trim()
    text.field.dispatchEvent(new Event('input', { bubbles: true }))
    text.field.focus()
    save(text)
  })
}

for (const text of texts) {
  const theirs = text.section.querySelector('[data-theirs]')
  if (theirs) offerMine(text, theirs, text.seen.value)
  text.field.addEventListener('input', () => {
    clearTimeout(text.timer)
    text.typedMeanwhile = Boolean(text.saving)
    text.timer = setTimeout(() => save(text), PAUSE)
  })
  text.field.addEventListener('blur', () => save(text))
  // A browser scrolls to the caret only, so the sticky bar could hide the field's end.
  text.field.addEventListener('keyup', (event) => {
    if (event.key === 'Tab') text.field.scrollIntoView({ block: 'nearest' })
  })
  takeOffered(text, 'button[name="use_last"]', 'template[data-last]')
  takeOffered(text, 'button[name="use_draft"]', 'template[data-draft]')
  text.section.querySelector('button[name="next"]').addEventListener('click', (event) => {
    event.preventDefault()
    if (text.held) return text.section.querySelector('[data-theirs] button').focus()
    save(text)
    goToNext(text)
  })
}

let leaving = false
form.addEventListener('submit', () => { leaving = true })
window.addEventListener('beforeunload', (event) => {
  if (!leaving && texts.some((text) => text.saving || isChanged(text))) event.preventDefault()
})
