// What makes Swagger UI this service's page: its title, its icon, links to what else there is to read, errors
// folded, and no choice among servers: there is one, where the page is.

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#0b6b57"/><path d="M9 13v6M14 9v14M19 12v8M24 14.5v3" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/></svg>`

/**
 * A plugin of Swagger UI, for the browser. It is text because it is never run here. Addresses start from the script's own, so
 * that they hold behind a gateway, too.
 */
const script = `
const docs = new URL('../../', document.currentScript.src)
const links = [
  ['README', new URL('README.md', docs)],
  ['Guide: from zero to a call in your own product', new URL('guide.md', docs)],
  ['openapi.yaml', new URL('../openapi.yaml', docs)],
]
const plugin = (system) => {
  const element = system.React.createElement
  const link = ([text, { href }]) => element('a', { key: text, href, target: '_blank', rel: 'noopener' }, text)
  return {
    wrapComponents: {
      InfoContainer: (Info) => (props) =>
        element('div', {}, element(Info, props), element('nav', { className: 'documents' }, links.map(link))),
      response: (Response, { getComponent }) => (props) => {
        if (props.code.startsWith('2')) return element(Response, props)
        const source = props.response.get('description')
        const sentence = element(getComponent('Markdown', true), { source })
        const inside = element('table', {}, element('tbody', {}, element(Response, props)))
        return element('tr', { className: 'folded-response' }, element('td', { colSpan: 3 },
          element('details', {}, element('summary', {}, element('b', {}, props.code), sentence), inside)))
      },
    },
  }
}
const start = window.SwaggerUIBundle
window.SwaggerUIBundle = Object.assign(
  (config) => start({ ...config, plugins: [...config.plugins, plugin] }),
  start,
)
`

const style = `
.swagger-ui .info { margin: 30px 0 15px }
.swagger-ui .info .main > .link { display: none }
.swagger-ui .scheme-container .schemes { justify-content: flex-end }
.swagger-ui .scheme-container .schemes > .schemes-server-container { display: none }
.swagger-ui .documents { display: flex; flex-wrap: wrap; gap: 6px 24px; margin-bottom: 20px; font: 14px sans-serif }
.swagger-ui .documents a { color: #0b6b57 }
.swagger-ui .response-col_links, .swagger-ui .response-control-media-type { display: none }
.swagger-ui .opblock-description-wrapper p, .swagger-ui .opblock-description-wrapper li { font-size: 14px }
.swagger-ui .parameters-col_description p { margin: 0 0 4px; font-size: 14px }
.swagger-ui .responses-inner { padding-top: 8px }
.swagger-ui .response-col_description__inner p { margin: 0; font-size: 14px }
.swagger-ui .response .headers td { padding: 3px 12px 3px 0 }
.swagger-ui .opblock-body textarea.body-param__text { min-height: 0; height: 110px }
.swagger-ui .folded-response td { padding: 2px 0; border-top: 1px solid #d8dde7 }
.swagger-ui .folded-response summary { display: flex; gap: 12px; cursor: pointer; font: 14px sans-serif; color: #3b4151 }
.swagger-ui .folded-response summary::before { content: '▸'; color: #6b7280 }
.swagger-ui .folded-response details[open] > summary::before { content: '▾' }
.swagger-ui .folded-response summary b { min-width: 56px }
.swagger-ui .folded-response summary p { margin: 0 }
.swagger-ui .folded-response details .response-col_description__inner { display: none }
.swagger-ui .folded-response details td { border: 0 }
.swagger-ui .folded-response .response-col_status { visibility: hidden }
`

export const theme = {
  title: 'Voice sessions API',
  favicon: [{ filename: 'icon.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: icon }],
  css: [{ filename: 'page.css', content: style }],
  js: [{ filename: 'page.js', content: script }],
}
