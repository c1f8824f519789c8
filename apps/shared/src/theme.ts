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

/** Minimum height of a control that is operated with a finger: 44 px at the default text size. */
const TOUCH = '2.75rem'

/** Mantine theme of both apps; colours of surfaces and text are in theme.css. */
export const theme = createTheme({
  primaryColor: 'tomato',
  primaryShade: 6,
  colors: { tomato },
  defaultRadius: 'md',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ vars: () => ({ root: { '--button-height': TOUCH } }) }),
    ActionIcon: ActionIcon.extend({ vars: () => ({ root: { '--ai-size': TOUCH } }) }),
    // Text of 16 px or more: iOS enlarges the page when a smaller input gets the focus.
    Input: Input.extend({ vars: () => ({ wrapper: { '--input-height': TOUCH, '--input-fz': '1rem' } }) }),
  },
})
