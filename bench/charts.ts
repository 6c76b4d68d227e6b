// Charts as SVG, drawn without a browser.
import { type EChartsOption, init } from 'echarts'

type Row = Record<string, string | number>

const size = { width: 720, height: 320 }

function draw(title: string, option: EChartsOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size })
  const style = { fontFamily: 'sans-serif' }
  chart.setOption({ animation: false, backgroundColor: '#fff', textStyle: style, title: { text: title }, ...option })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}

/** One group of bars for each row, one bar of it for each of the columns. */
export function barChart(title: string, rows: Row[], name: string, columns: string[]): string {
  return draw(title, {
    grid: { left: 220, right: 60, top: 70, bottom: 40 },
    ...(columns.length > 1 && { legend: { top: 40, data: columns.map((column) => column.replaceAll('_', ' ')) } }),
    xAxis: { type: 'value' },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map((row) => String(row[name])),
      axisLabel: { width: 200, overflow: 'break' },
    },
    series: columns.map((column) => ({
      type: 'bar',
      name: column.replaceAll('_', ' '),
      data: rows.map((row) => row[column] ?? 0),
      label: { show: true, position: 'right' },
    })),
  })
}

export function lineChart(title: string, rows: Row[], x: string, y: string): string {
  return draw(title, {
    grid: { left: 60, right: 30, top: 60, bottom: 40 },
    xAxis: { type: 'value', max: 'dataMax' },
    yAxis: { type: 'value', min: 0 },
    series: [{ type: 'line', showSymbol: false, data: rows.map((row) => [row[x] ?? 0, row[y] ?? 0]) }],
  })
}
