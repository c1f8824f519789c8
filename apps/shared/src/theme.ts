import { ActionIcon, Button, Input, createTheme, type MantineColorsTuple } from '@mantine/core'

const tomato: MantineColorsTuple = [
  '#fff1ea',
  '#ffdfd1',
  '#ffbba0',
  '#ff956b',
  '#fb7340',
  '#f05a22',
  '#d2440f',
  '#b6390b',
  '#952f0b',
  '#75260b',
]

/** Greys as warm as the surfaces in theme.css: tracks of switches, disabled buttons, borders. */
const gray: MantineColorsTuple = [
  '#faf9f7',
  '#f3f1ed',
  '#eae7e1',
  '#dedad2',
  '#cbc5ba',
  '#a39c91',
  '#827b70',
  '#57524a',
  '#453f38',
  '#25211c',
]

/** Surfaces of controls in the dark scheme. */
const dark: MantineColorsTuple = [
  '#cbc6be',
  '#bab4aa',
  '#878076',
  '#6d675e',
  '#45413a',
  '#3c3832',
  '#2e2b27',
  '#242220',
  '#1f1d1b',
  '#141312',
]

/** Minimum height of a control that is operated with a finger: 44 px at the default text size. */
const TOUCH = '2.75rem'

/** Colours of a light control without a colour of its own. Those of the library are grey in the dark scheme, as if it were disabled. */
function lightColors(prefix: '--button' | '--ai', { variant, color }: { variant?: string; color?: string }) {
  if (variant !== 'light' || color !== undefined) return {}
  return {
    [`${prefix}-bg`]: 'var(--accent-soft)',
    [`${prefix}-hover`]: 'color-mix(in srgb, var(--accent-soft), var(--accent-text) 8%)',
    [`${prefix}-color`]: 'var(--accent-text)',
  }
}

/** Mantine theme of both apps; colours of surfaces and text are in theme.css. */
export const theme = createTheme({
  primaryColor: 'tomato',
  primaryShade: 6,
  colors: { tomato, gray, dark },
  defaultRadius: 'md',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({
      vars: (_, props) => ({ root: { '--button-height': TOUCH, ...lightColors('--button', props) } }),
    }),
    ActionIcon: ActionIcon.extend({
      vars: (_, props) => ({ root: { '--ai-size': TOUCH, ...lightColors('--ai', props) } }),
    }),
    // Text of 16 px or more: iOS enlarges the page when a smaller input gets the focus.
    Input: Input.extend({ vars: () => ({ wrapper: { '--input-height': TOUCH, '--input-fz': '1rem' } }) }),
  },
})
