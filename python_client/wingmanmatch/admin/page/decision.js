// A decision of an operator: what, and why. Every call of the page that needs a reason is made here.

import { button, h } from './shared/dom.js'
import { newId, refusal } from './parts.js'

const LONGEST_REASON = 500

/**
 * A form that makes a call. `context` is what main.js gives to all views.
 *
 * `choices`: each with `label`, `calls` (the function), `args(fields)`, perhaps `hint`; with one alone there is nothing to
 * choose. `reason`: the name of the argument that takes it. `fields`: more elements, above the reason. `review(fields)`:
 * what to show before it is done, or a text that says why it cannot be. `done(answer)` follows a success, `refused(error)`
 * a refusal, which the form shows as well.
 */
export function decisionForm(
  context,
  { choices, label = 'Decide', reason = 'reason', fields = [], review = null, done, refused = () => {} },
) {
  const missing = [...new Set(choices.map(({ calls }) => calls))].filter((name) => !context.may(name))
  const open = choices.filter(({ calls }) => context.may(calls))
  if (!context.session.writes) return null
  if (!open.length) return h('p', { class: 'faint' }, `Your login may not call ${missing.join(', ')}.`)

  const name = newId('choice')
  const counterId = newId('counter')
  const text = h('textarea', {
    name: 'reason',
    required: true,
    maxlength: LONGEST_REASON,
    rows: 2,
    'aria-describedby': counterId,
  })
  const counter = h('span', { id: counterId, class: 'counter' })
  const count = () => {
    counter.textContent = `${text.value.length} of ${LONGEST_REASON} characters`
  }
  text.addEventListener('input', count)
  count()
  const message = h('p', { class: 'told', role: 'alert' })
  const press = h('button', { type: 'submit' }, open.length > 1 || review ? label : open[0].label)
  const reviewed = h('div', { class: 'review', hidden: true })

  const inputs = h(
    'div',
    { class: 'inputs' },
    open.length > 1
      ? h(
          'fieldset',
          {},
          h('legend', {}, 'Outcome'),
          open.map((choice, at) =>
            h(
              'label',
              { class: 'choice' },
              h('input', { type: 'radio', name, value: at, required: true }),
              h('span', {}, choice.label, choice.hint ? h('span', { class: 'faint' }, choice.hint) : null),
            ),
          ),
        )
      : open[0].hint
        ? h('p', { class: 'faint' }, open[0].hint)
        : null,
    fields,
    h('div', {}, h('label', {}, 'Reason, kept for ever with your login', text), counter),
    missing.length ? h('p', { class: 'faint' }, `Your login may not call ${missing.join(', ')}.`) : null,
    h('div', { class: 'actions' }, press),
  )

  const show = (kind, ...told) => {
    message.className = `told ${kind}`
    message.replaceChildren(...told.flat(3))
  }
  const make = async (values) => {
    const choice = open[open.length > 1 ? Number(form.elements[name].value) : 0]
    const args = { ...choice.args(values), [reason]: text.value.trim() }
    form.setAttribute('aria-busy', 'true')
    const buttons = form.querySelectorAll('button')
    buttons.forEach((one) => {
      one.disabled = true
    })
    show('')
    let answer = null
    let failure = null
    try {
      answer = await context.call(choice.calls, args)
    } catch (error) {
      failure = error
    }
    form.removeAttribute('aria-busy')
    buttons.forEach((one) => {
      one.disabled = false
    })
    if (!failure) {
      text.value = ''
      count()
      await done(answer, choice)
      return
    }
    const told = failure.code
      ? refusal(failure).flat()
      : ['The call was not answered. See “Decisions” for whether it was made before you repeat it.']
    show('bad', told)
    // they were disabled, which takes the focus away
    ;(reviewed.hidden ? press : reviewed.querySelector('button')).focus()
    if (context.failed(failure)) return
    await refused(failure)
    // the row is gone, and the form with it
    if (!form.isConnected) context.tell(...told)
  }
  const back = () => {
    reviewed.hidden = true
    inputs.hidden = false
    press.focus()
  }

  const form = h(
    'form',
    {
      class: 'decision',
      onsubmit: (event) => {
        event.preventDefault()
        if (!text.value.trim()) {
          show('bad', 'Say why: a reason of 1 to 500 characters.')
          text.focus()
          return
        }
        const values = Object.fromEntries(new FormData(form))
        const what = review?.(values)
        if (typeof what === 'string') show('bad', what)
        else if (what) {
          show('')
          const confirm = button(open[0].label, () => make(values))
          reviewed.replaceChildren(
            what,
            h('p', {}, h('b', {}, 'Reason: '), text.value.trim()),
            h('div', { class: 'actions' }, confirm, button('Back', back, { plain: true })),
          )
          inputs.hidden = true
          reviewed.hidden = false
          confirm.focus()
        } else make(values)
      },
    },
    inputs,
    reviewed,
    message,
  )
  return form
}

/** The form, folded up behind a button-like summary. */
export function folded(label, form, { open = false, more = '' } = {}) {
  if (!form) return null
  return h(
    'details',
    { class: 'fold', open },
    h('summary', {}, label, more ? h('span', { class: 'heard' }, ` ${more}`) : null),
    form,
  )
}
