// The colour scheme that the user chose, or that of the system, before the first paint. A file of its own, because the content
// security policy permits no inline scripts. The library stores the choice under this key.
;(function () {
  var chosen = null
  try {
    chosen = localStorage.getItem('mantine-color-scheme-value')
  } catch (_error) {
    // Storage is disabled: the system decides.
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
