// Makes the charts of a page explorable, and keeps them as pictures. Each is drawn in the page as
// SVG; plotly is loaded when the first of them is pointed at, focused or asked for, and draws it
// where it stands. Where that fails the drawing stays.
//
// <figure data-chart="ID OF THE FIGURE'S JSON"> .chart__plot with .chart__drawn and .chart__live,
// [data-explore], [data-picture], .chart__said, .chart__figures </figure>
(function () {
  'use strict'

  const { plotly: SCRIPT, plotlyStyle: STYLE } = document.currentScript.dataset
  const NARROW = 480
  // A pointer on its way across a chart does not ask for it.
  const POINTED_AT = 200
  // Nothing to zoom or drag, and no bar of buttons: what a chart offers stands below it as text.
  const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false }

  // ---------------------------------------------------------------- loading

  function append (element) {
    return new Promise((resolve, reject) => {
      element.onload = resolve
      element.onerror = () => { element.remove(); reject(new Error('plotly is not there')) }
      document.head.append(element)
    })
  }

  // plotly writes no styles of its own into a page that has these (static/vendor/plotly/README.md).
  const style = () => Object.assign(document.createElement('link'), {
    rel: 'stylesheet', href: STYLE, id: 'plotly.js-style-global', className: 'no-inline-styles'
  })
  const script = () => Object.assign(document.createElement('script'), { src: SCRIPT })

  let loading
  function load () {
    loading ||= append(style()).then(() => append(script()))
    loading.catch(() => { loading = undefined })
    return loading
  }

  // ---------------------------------------------------------------- what plotly draws

  // Room for the figures beside their bars: as many pixels as they take, whatever the width.
  function range (room, width, size) {
    const letter = size * 0.56
    const left = room.left * letter + 6
    const right = room.right * letter + 6
    const bars = Math.max(width - room.label * size * 0.46 - left - right - 24, 40)
    const pound = ((room.high - room.low) || 1) / bars
    return [room.low - left * pound, room.high + right * pound]
  }

  function fitted (figure, { width, height }) {
    const layout = structuredClone(figure.layout)
    Object.assign(layout, { width, height })
    if (width < NARROW) {
      layout.font.size = 12
      layout.margin.l = layout.margin.r = 4
      if (layout.showlegend) layout.legend.maxheight = 1
    }
    if (layout.meta) layout.xaxis.range = range(layout.meta, width, layout.font.size)
    return layout
  }

  async function draw (chart, figure) {
    const plot = chart.querySelector('.chart__plot')
    const live = chart.querySelector('.chart__live')
    const redraw = () => {
      const room = plot.getBoundingClientRect()
      // A chart that is hidden has no width, and plotly fails on none.
      if (room.width) window.Plotly.relayout(live, { ...fitted(figure, room), autosize: true })
    }
    await window.Plotly.newPlot(live, figure.data, fitted(figure, plot.getBoundingClientRect()), CONFIG)
    chart.dataset.explored = 'true'
    window.addEventListener('resize', redraw)
  }

  // ---------------------------------------------------------------- going through the marks

  // A text that plotly shows, as plain words.
  function plain (text) {
    return new DOMParser().parseFromString(text.replaceAll('<br>', ' '), 'text/html').body.textContent
  }

  // Every mark of a figure: the place of its trace, its own place, and its words.
  function marksOf (figure) {
    return figure.data.flatMap((trace, curveNumber) => trace.customdata
      .map((text, pointNumber) => ({ curveNumber, pointNumber, words: plain(text) }))
      .filter(({ pointNumber }) => (trace.orientation ? trace.x : trace.y)[pointNumber] !== null))
  }

  // The arrow keys on the button go from mark to mark, as pointing does.
  function walk (chart, figure, say) {
    const marks = marksOf(figure)
    const live = chart.querySelector('.chart__live')
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }
    let at = -1
    return (event) => {
      if (!chart.dataset.explored || !steps[event.key] || !marks.length) return
      event.preventDefault()
      at = at < 0 && steps[event.key] < 0 ? marks.length - 1 : (at + steps[event.key] + marks.length) % marks.length
      const { curveNumber, pointNumber, words } = marks[at]
      window.Plotly.Fx.hover(live, [{ curveNumber, pointNumber }])
      say(words)
    }
  }

  // ---------------------------------------------------------------- a picture

  const SVG = 'http://www.w3.org/2000/svg'
  const EDGE = 12
  const TITLE = 48
  const SHARPNESS = 2.7

  function write (svg, text, y, size, weight) {
    const line = document.createElementNS(SVG, 'text')
    const look = { x: EDGE, y, 'font-size': size, 'font-weight': weight, fill: '#14191F' }
    for (const [name, value] of Object.entries(look)) line.setAttribute(name, value)
    line.textContent = text
    svg.append(line)
  }

  // The widest drawing with its finding and its unit, which on the page stand in the caption.
  function withCaption (chart, words) {
    const drawing = chart.querySelector('.chart__svg--wide').cloneNode(true)
    const { width, height } = drawing.viewBox.baseVal
    const svg = document.createElementNS(SVG, 'svg')
    const size = { width: width + 2 * EDGE, height: height + TITLE + EDGE }
    svg.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`)
    svg.setAttribute('width', size.width * SHARPNESS)
    svg.setAttribute('height', size.height * SHARPNESS)
    svg.setAttribute('font-family', drawing.getAttribute('font-family'))
    drawing.setAttribute('x', EDGE)
    drawing.setAttribute('y', TITLE)
    write(svg, words('title'), 19, 12, 'bold')
    write(svg, words('unit'), 35, 9.5, 'normal')
    svg.append(drawing)
    return svg
  }

  async function keepPicture (chart) {
    const words = (name) => chart.querySelector(`.chart__${name}`).textContent
    const text = new XMLSerializer().serializeToString(withCaption(chart, words))
    const image = new Image()
    image.src = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }))
    await image.decode()
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
    const paper = canvas.getContext('2d')
    paper.fillStyle = '#fff'
    paper.fillRect(0, 0, canvas.width, canvas.height)
    paper.drawImage(image, 0, 0)
    URL.revokeObjectURL(image.src)
    canvas.toBlob((blob) => {
      const name = words('title').toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 60)
      const link = Object.assign(document.createElement('a'), { download: `${name}.png`, href: URL.createObjectURL(blob) })
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
    })
  }

  // ---------------------------------------------------------------- a chart of the page

  function start (chart) {
    const figure = JSON.parse(document.getElementById(chart.dataset.chart).textContent)
    const plot = chart.querySelector('.chart__plot')
    const button = chart.querySelector('[data-explore]')
    const said = chart.querySelector('.chart__said')
    const say = (words) => { said.textContent = words }
    let drawing
    const explore = () => {
      drawing ||= load().then(() => draw(chart, figure))
      // What has failed may be asked for again.
      return drawing.catch((error) => { drawing = undefined; throw error })
    }
    // Without being asked for, it fails without a word: nothing is lost.
    const quietly = () => explore().catch(() => {})
    async function asked () {
      say('Loading…')
      try {
        await explore()
        say('Point at the chart, or use the arrow keys, for the exact figures.')
      } catch {
        say('The chart could not be loaded to be explored. Its figures are in the table.')
      }
    }

    let waiting
    plot.addEventListener('pointerenter', (event) => {
      if (event.pointerType !== 'touch') waiting = setTimeout(quietly, POINTED_AT)
    })
    plot.addEventListener('pointerleave', () => clearTimeout(waiting))
    plot.addEventListener('click', quietly)
    button.addEventListener('focus', quietly)
    button.addEventListener('click', asked)
    button.addEventListener('keydown', walk(chart, figure, say))
    const picture = chart.querySelector('[data-picture]')
    picture.addEventListener('click', () => keepPicture(chart))
    button.hidden = picture.hidden = false
  }

  document.querySelectorAll('figure[data-chart]').forEach(start)

  // On paper the table is read where the screen would be pointed at.
  const tables = () => document.querySelectorAll('.chart__figures')
  window.addEventListener('beforeprint', () => tables().forEach((each) => { each.open = true }))
})()
