// Draws the charts of a page. Without this file the tables of their figures stand open.
//
// <figure data-chart="ID OF THE DRAWING"> .chart__plot, [data-picture], .chart__figures </figure>
(function () {
  'use strict'

  const NARROW = 480
  const PICTURE = 1000
  const SHARPNESS = 2
  const PAPER = 900
  const TITLE = 64
  const KEY_LINE = 19
  // Nothing to zoom or drag, and no bar of buttons: what a chart offers stands below it as text.
  const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false }

  // Room for the figures beside their bars: as many pixels as they take, whatever the width.
  function range (room, width, size) {
    const letter = size * 0.56
    const left = room.left * letter + 6
    const right = room.right * letter + 6
    const bars = Math.max(width - room.label * size * 0.46 - left - right - 24, 40)
    const pound = ((room.high - room.low) || 1) / bars
    return [room.low - left * pound, room.high + right * pound]
  }

  // On a phone the names of the parts stand one below the other, all of them.
  function keyBelow (layout, parts) {
    const more = Math.max(parts * KEY_LINE + 12 - layout.margin.t, 0)
    layout.margin.t += more
    layout.height += more
    layout.legend.maxheight = 1
  }

  function fitted (drawing, width) {
    const layout = structuredClone(drawing.layout)
    layout.width = width
    if (width < NARROW) {
      layout.font.size = 12
      layout.margin.l = layout.margin.r = 4
      if (layout.showlegend) keyBelow(layout, drawing.data.length)
    }
    if (layout.meta) layout.xaxis.range = range(layout.meta, width, layout.font.size)
    return layout
  }

  // The picture carries its finding and its unit, which on the page stand in the caption.
  function picture (figure, drawing) {
    const words = (name) => figure.querySelector(`.chart__${name}`).textContent
    const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
    const layout = fitted(drawing, PICTURE)
    layout.title = {
      text: escaped(words('title')),
      // A tag for bold would be a style within the page, which the security policy forbids.
      font: { size: 16, weight: 'bold' },
      subtitle: { text: escaped(words('unit')), font: { size: 13 } },
      x: 0.01,
      xanchor: 'left',
      y: 1,
      yref: 'container',
      yanchor: 'top',
      pad: { t: 12 }
    }
    layout.margin.t += TITLE
    layout.height += TITLE
    const name = words('title').toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 60)
    const size = { width: PICTURE, height: layout.height, scale: SHARPNESS }
    return window.Plotly.downloadImage(
      { data: drawing.data, layout }, { format: 'png', filename: name, ...size }
    )
  }

  function start (figure) {
    const drawing = JSON.parse(document.getElementById(figure.dataset.chart).textContent)
    const plot = figure.querySelector('.chart__plot')
    const details = figure.querySelector('.chart__figures')
    plot.hidden = false
    const redraw = (width) => {
      // A chart that is hidden has no width, and plotly fails on none.
      if (width) window.Plotly.relayout(plot, { ...fitted(drawing, width), autosize: true })
    }
    window.Plotly.newPlot(plot, drawing.data, fitted(drawing, plot.clientWidth), CONFIG)
      .then(() => {
        // What is not drawn yet cannot be drawn anew.
        window.addEventListener('resize', () => redraw(plot.clientWidth))
        window.addEventListener('beforeprint', () => redraw(PAPER))
        window.addEventListener('afterprint', () => redraw(plot.clientWidth))
        figure.dataset.drawn = 'true'
      })
    if (details) details.open = false
    const button = figure.querySelector('[data-picture]')
    button.hidden = false
    button.addEventListener('click', () => picture(figure, drawing))
  }

  document.querySelectorAll('figure[data-chart]').forEach(start)

  // On paper the table is read where the screen would be pointed at.
  const tables = () => document.querySelectorAll('.chart__figures')
  window.addEventListener('beforeprint', () => tables().forEach((each) => { each.open = true }))
})()
