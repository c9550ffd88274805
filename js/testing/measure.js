// What a world costs, in milliseconds and MB: npm run measure. With --install, the first one is installed anew.
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createWingman } from '@wingmanmatch/testing'

const TIMES = 20

async function lasts(deed) {
  const begin = performance.now()
  const result = await deed()
  return [performance.now() - begin, result]
}

/** The median of so many times. */
async function usually(times, deed) {
  const all = []
  for (let time = 0; time < times; time++) all.push((await lasts(deed))[0])
  return all.sort((one, other) => one - other)[Math.floor(times / 2)]
}

if (process.argv.includes('--install')) {
  rmSync(fileURLToPath(new URL('node_modules/.cache/wingmanmatch', import.meta.url)), { recursive: true, force: true })
}
const [first, world] = await lasts(() => createWingman())
const memory = process.memoryUsage().external / 2 ** 20
const further = await usually(5, async () => (await createWingman()).close())
const reset = await usually(TIMES, async () => {
  await world.signUp({ first_name: 'Ana' })
  await world.reset()
})
const signUp = await usually(TIMES, () => world.signUp({ first_name: 'Ana' }))
const ana = await world.signUp({ first_name: 'Ana' })
const call = await usually(TIMES, () => ana.rpc('get_profile'))
await world.close()
const figures = { first, further, 'sign-up and reset': reset, 'sign-up': signUp, get_profile: call, MB: memory }
console.table(Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(3))])))
