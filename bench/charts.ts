// Charts as SVG: bars with their values, and a line over two axes.
import type { Row } from './outcome.ts'

const [width, height] = [720, 320]
const colours = ['#5070dd', '#b6d634']

const text = (x: number, y: number, words: unknown, anchor = 'start') =>
  `<text x="${x}" y="${y}" dominant-baseline="central" text-anchor="${anchor}">${words}</text>`
const box = (x: number, y: number, wide: number, high: number, colour?: string) =>
  `<rect x="${x}" y="${y}" width="${wide}" height="${high}" fill="${colour}"/>`
const path = (steps: string, colour: string, thick = 1) =>
  `<path d="${steps}" fill="none" stroke="${colour}" stroke-width="${thick}"/>`

const draw = (title: string, parts: string[]): string => `\
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#333">
${box(0, 0, width, height, '#fff')}
<g font-size="18" font-weight="bold">${text(width / 2, 24, title, 'middle')}</g>
${parts.join('\n')}
</svg>`

/** Turns a value into a coordinate between these two; the largest value comes to the second. */
const scale = (largest: number, from: number, to: number) => (value: number) =>
  Math.round(from + ((to - from) * value) / largest)

/** For each row its name and a group of bars, one for each of these columns. */
export function barChart(title: string, rows: Row[], columns: string[]): string {
  const [left, top, bottom] = [220, 70, 300]
  const x = scale(Math.max(...rows.flatMap((row) => columns.map((column) => Number(row[column])))), left, 660)
  const group = (bottom - top) / rows.length
  const high = Math.round((0.7 * group) / columns.length)
  const bars = rows.flatMap((row, index) => [
    text(left - 8, top + (index + 0.5) * group, row.name, 'end'),
    ...columns.flatMap((column, place) => {
      const [y, end] = [Math.round(top + (index + 0.15) * group) + place * high, x(Number(row[column]))]
      return [box(left, y, end - left, high - 2, colours[place]), text(end + 6, y + high / 2, row[column])]
    }),
  ])
  const legend = columns.flatMap((column, place) => [
    box(left + 150 * place, 46, 24, 14, colours[place]),
    text(left + 150 * place + 32, 53, column.replaceAll('_', ' ')),
  ])
  const axis = path(`M${left} ${top}V${bottom}`, '#54555a')
  return draw(title, [...bars, axis, ...(columns.length > 1 ? legend : [])])
}

/** At most six round numbers above 0; the last is not below the largest value. */
function ticksFor(values: number[]): number[] {
  const largest = Math.max(...values)
  const power = 10 ** Math.floor(Math.log10(largest / 6))
  const step = [1, 2, 5].map((digit) => digit * power).find((size) => size * 6 >= largest) ?? 10 * power
  return Array.from({ length: Math.ceil(largest / step) + 1 }, (_, index) => index * step)
}

export function lineChart(title: string, rows: Row[], xColumn: string, yColumn: string): string {
  const [left, right, top, bottom] = [60, 680, 60, 280]
  const [xs, ys] = [xColumn, yColumn].map((column) => rows.map((row) => Number(row[column]))) as [number[], number[]]
  const [xTicks, yTicks] = [ticksFor(xs), ticksFor(ys)]
  const x = scale(xTicks.at(-1) as number, left, right)
  const y = scale(yTicks.at(-1) as number, bottom, top)
  const uprights = xTicks.flatMap((tick) => [
    path(`M${x(tick)} ${top}V${bottom}`, '#dbdee4'),
    text(x(tick), bottom + 14, tick.toLocaleString('en'), 'middle'),
  ])
  const levels = yTicks.flatMap((tick) => [
    path(`M${left} ${y(tick)}H${right}`, '#dbdee4'),
    text(left - 8, y(tick), tick.toLocaleString('en'), 'end'),
  ])
  const points = xs.map((value, index) => `${x(value)} ${y(ys[index] as number)}`)
  return draw(title, [...uprights, ...levels, path(`M${points.join('L')}`, '#5070dd', 2)])
}
