import { createTheme, type MantineColorsTuple } from '@mantine/core'

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
})
