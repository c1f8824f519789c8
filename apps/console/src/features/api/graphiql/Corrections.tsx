import { useGraphiQL, useMonaco } from '@graphiql/react'
import { useEffect } from 'react'

/** Rules and colours of a theme that has those of the console besides those of its base. */
function theme(base: 'vs' | 'vs-dark', background: string, accent: string, rules: Record<string, string>) {
  return {
    base,
    inherit: true,
    rules: Object.entries(rules).map(([token, foreground]) => ({ token, foreground })),
    colors: {
      'editor.background': '#ffffff00',
      'scrollbar.shadow': '#ffffff00',
      'editorWidget.background': background,
      'editorHoverWidget.background': background,
      'editorSuggestWidget.background': background,
      'editorSuggestWidget.selectedBackground': `${accent}33`,
      'quickInput.background': background,
      'menu.background': background,
      'list.hoverBackground': `${accent}19`,
      'textLink.foreground': accent,
      focusBorder: accent,
    },
  }
}

/** By their names in GraphiQL. The comments of its dark theme have a contrast of 3.6 : 1. */
const THEMES = {
  'graphiql-LIGHT': theme('vs', '#ffffff', '#c8420e', { 'argument.identifier.gql': '#5a56c8' }),
  'graphiql-DARK': theme('vs-dark', '#1e1c1a', '#f46a34', {
    'argument.identifier.gql': '#a8a3ff',
    comment: '#a3c298',
  }),
}

/** Corrects what the settings of GraphiQL do not change: the colours of its themes, and the roles of its tabs. */
export function Corrections() {
  const monaco = useMonaco((state) => state.monaco)
  const tabs = useGraphiQL((state) => state.tabs)
  const active = useGraphiQL((state) => state.activeTabIndex)
  // After GraphiQL has defined its themes; the editors that use them follow.
  useEffect(() => {
    for (const [name, theme] of Object.entries(THEMES)) monaco?.editor.defineTheme(name, theme)
  }, [monaco])
  useEffect(listTabs, [tabs, active])
  return null
}

/** Makes the tabs a list of buttons: an element with the role `tab` cannot contain the buttons that select and close it. */
function listTabs(): void {
  document.querySelector('.graphiql-tabs')?.setAttribute('role', 'list')
  document.querySelector('#graphiql-session')?.setAttribute('role', 'region')
  for (const tab of document.querySelectorAll('.graphiql-tab')) {
    tab.setAttribute('role', 'listitem')
    tab.removeAttribute('aria-selected')
    const isActive = tab.classList.contains('graphiql-tab-active')
    tab.querySelector('.graphiql-tab-button')?.setAttribute('aria-current', String(isActive))
  }
}
