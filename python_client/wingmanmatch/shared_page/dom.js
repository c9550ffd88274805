// Makes elements. Texts become text nodes; nothing here parses HTML.

/** An element with attributes, listeners (`onclick`) and children. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (value !== false && value != null) element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children.flat(2).filter((child) => child != null))
  return element
}

/** A button. `more` follows the label in its accessible name, so that voice control finds it by the visible text. */
export function button(label, press, { more = '', plain = false } = {}) {
  return h('button',
    { type: 'button', class: plain ? 'plain' : null, 'aria-label': more ? `${label} ${more}` : null, onclick: press },
    label)
}

/** A text for screen readers only. */
export function heard(text) {
  return h('span', { class: 'heard' }, text)
}
